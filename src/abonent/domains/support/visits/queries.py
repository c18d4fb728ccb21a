"""Reads of visits; values, not models. A customer sees those of the own account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.equipment.queries import Premises
from abonent.domains.support import models
from abonent.domains.support.ports import Slot
from abonent.domains.support.requests import rules as written
from abonent.domains.support.rules import NotThere, masked_name
from abonent.domains.support.visits import calendar as visits_calendar
from abonent.domains.support.visits import rules
from abonent.domains.support.visits.rules import State

SHOWN = 20
QUEUE_MAX = 100
# What ended stays in the queue of its day.
PAST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit; `request` is the number that is told of what it is for, `customer` a name as staff know it."""

    id: int
    request_id: int
    request: str
    subject: str
    line_id: int
    district: str
    address: str
    starts_at: datetime
    ends_at: datetime
    changed_until: datetime
    state: State
    customer: str

    def may_be_changed(self, now: datetime) -> bool:
        """Return whether the customer can still move it or call it off."""
        return self.state is State.PLANNED and now <= self.changed_until


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be booked for a line: none of it without `premises`; `coming` is a visit that stands already."""

    premises: Premises | None
    slots: list[Slot]
    coming: int | None


def offer(line_id: int, now: datetime) -> Offer:
    """Return when somebody can come to where the line ends."""
    premises = equipment_queries.premises_of(line_id)
    slots = visits_calendar.calendar().slots(district=premises.district, now=now) if premises else []
    coming = models.Visit.objects.filter(line_id=line_id, state__in=rules.STILL_OPEN)
    return Offer(premises, slots, coming.values_list("id", flat=True).first())


def of_account(account_id: int) -> list[Visit]:
    """Return the customer's visits, those that come first, then the newest."""
    rows = list(_rows().filter(request__account_id=account_id).order_by("-starts_at")[:SHOWN])
    found = [_value(row) for row in rows]
    return sorted(found, key=lambda one: one.state not in rules.STILL_OPEN)


def visit(visit_id: int, account_id: int) -> Visit:
    """Return one of the customer's own; raise `NotThere`."""
    return _one(_rows().filter(id=visit_id, request__account_id=account_id), visit_id)


def of_request(request_id: int) -> int | None:
    """Return the visit that a request is for."""
    return models.Visit.objects.filter(request_id=request_id).values_list("id", flat=True).first()


def for_staff(visit_id: int) -> Visit:
    """Return one to work on; raise `NotThere`."""
    return _one(_rows().filter(id=visit_id), visit_id)


def queue(now: datetime, district: str = "") -> list[Visit]:
    """Return the visits that come or have just been, in time, of one district or all."""
    rows = _rows().filter(starts_at__gt=now - PAST).exclude(state=State.CANCELLED)
    rows = rows | _rows().filter(state__in=rules.STILL_OPEN)
    if district:
        rows = rows.filter(district=district)
    return [_value(row) for row in rows.order_by("starts_at", "id")[:QUEUE_MAX]]


def districts() -> list[str]:
    """Return the districts that are served."""
    found = models.VisitTerms.objects.order_by("district").values_list("district", flat=True)
    return list(found.distinct())


def _rows() -> QuerySet[models.Visit]:
    return models.Visit.objects.select_related("request", "request__party")


def _one(rows: QuerySet[models.Visit], visit_id: int) -> Visit:
    row = rows.first()
    if row is None:
        raise NotThere(visit_id)
    return _value(row)


def _value(row: models.Visit) -> Visit:
    return Visit(
        id=row.pk,
        request_id=row.request_id,
        request=written.number_of(row.request.pk, row.request.opened_at),
        subject=row.request.subject,
        line_id=row.line_id,
        district=row.district,
        address=row.address,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        changed_until=row.changed_until,
        state=State(row.state),
        customer=masked_name(row.request.party.given_name, row.request.party.family_name),
    )
