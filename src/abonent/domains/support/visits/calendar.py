"""The calendar of technicians: the one that the settings name, and ours, which works alone on terms by district."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string

from abonent.domains.support import models
from abonent.domains.support.ports import Slot, SlotGone, TechnicianCalendar
from abonent.domains.support.visits import rules
from abonent.domains.support.visits.rules import Terms, Window
from abonent.foundation.dated import DatedTerms
from abonent.foundation.values.terms import Dated

# Of a district each.
TERMS = DatedTerms(models.VisitTerms, Terms.from_json, part="district")


def calendar() -> TechnicianCalendar:
    """Return the calendar that the settings name."""
    found: TechnicianCalendar = _load(settings.TECHNICIAN_CALENDAR)
    return found


@lru_cache
def _load(path: str) -> Any:
    return import_string(path)()


@transaction.atomic
def publish(*, district: str, valid_from: date, terms: Terms) -> None:
    """Store how a district is served from a local day on; the same again changes nothing.

    Raises `InvalidTerms`, and `ValueError` when that day already has other terms.
    """
    rules.check(terms)
    TERMS.publish(valid_from=valid_from, terms=terms, of=district)


def forget_lost() -> int:
    """Give back places of visits that are not there any more, as of a deleted cabinet; return how many."""
    held = models.Visit.objects.filter(booking=OuterRef("id"))
    return models.VisitBooking.objects.filter(~Exists(held)).delete()[0]


def every_terms() -> list[Dated[Terms]]:
    """Return all terms by district and the day they hold from."""
    return TERMS.every()


class EmbeddedCalendar:
    """Implements `ports.TechnicianCalendar` in our own tables."""

    def slots(self, *, district: str, now: datetime) -> list[Slot]:
        """Return the windows with a place that can be booked now."""
        dated = TERMS.in_force(now.astimezone(_zone()).date(), district)
        if dated is None:
            return []
        terms = dated.terms
        windows = rules.windows(terms, now, _zone())
        booked = _booked(district, windows)
        found = [_slot(terms, window, rules.free(terms.capacity, booked, window)) for window in windows]
        return [slot for slot in found if slot.free]

    @transaction.atomic
    def reserve(self, *, booking: UUID, district: str, starts_at: datetime, now: datetime) -> Slot:
        """Take a place in the window; whoever comes at the same time for the district waits."""
        dated = TERMS.in_force(now.astimezone(_zone()).date(), district, lock=True)
        if dated is None:
            raise SlotGone
        terms = dated.terms
        window = next((one for one in rules.windows(terms, now, _zone()) if one.starts_at == starts_at), None)
        made = models.VisitBooking.objects.filter(id=booking).first()
        if window is None:
            raise SlotGone
        if made is not None and made.starts_at == starts_at:
            return _slot(terms, window, 0)
        left = rules.free(terms.capacity, _booked(district, [window]), window)
        if not left:
            raise SlotGone
        models.VisitBooking.objects.update_or_create(
            id=booking, defaults={"district": district, "starts_at": window.starts_at, "ends_at": window.ends_at}
        )
        return _slot(terms, window, left - 1)

    def release(self, *, booking: UUID) -> None:
        """Give the place back."""
        models.VisitBooking.objects.filter(id=booking).delete()


def _booked(district: str, windows: list[Window]) -> list[datetime]:
    if not windows:
        return []
    rows = models.VisitBooking.objects.filter(
        district=district, starts_at__gte=windows[0].starts_at, starts_at__lte=windows[-1].starts_at
    )
    return list(rows.values_list("starts_at", flat=True))


def _slot(terms: Terms, window: Window, free: int) -> Slot:
    return Slot(window.starts_at, window.ends_at, rules.changed_until(terms, window.starts_at), free)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
