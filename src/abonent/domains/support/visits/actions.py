"""A technician comes for a request: booked with it, moved, called off, reminded of.

Locks are taken in one order: the account's requests, the request's row, the visit, the calendar's district. With a
calendar of another company the place is taken within our transaction: it is given back when that comes to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from abonent.domains.lines import queries as lines
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.messaging import actions as messaging
from abonent.domains.support import models
from abonent.domains.support.ports import Slot, SlotGone
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests.actions import OWNER, New
from abonent.domains.support.requests.states import Event
from abonent.domains.support.requests.states import State as Request
from abonent.domains.support.rules import NotThere
from abonent.domains.support.visits import calendar as visits_calendar
from abonent.domains.support.visits import rules
from abonent.domains.support.visits.rules import State, Why
from abonent.foundation import audit, rounds

REMINDED_BEFORE = timedelta(hours=24)


class Refused(Exception):
    """The visit is not booked, or stays as it is."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Wish:
    """A visit for a request that is written with it, in the window that begins at `starts_at`; the line is its own."""

    request: New
    starts_at: datetime


@transaction.atomic
def book(*, wish: Wish, at: datetime) -> int:
    """Write the request down and take the place; return the visit's id. The same form again is the same visit.

    Raises `Refused`, and what `requests.open_request` raises; then nothing has changed.
    """
    line_id = wish.request.line_id
    premises = equipment_queries.premises_of(line_id) if line_id is not None else None
    if premises is None or line_id is None:
        raise Refused(Why.NO_ADDRESS)
    request_id, is_new = requests.open_request(new=wish.request, at=at)
    made = models.Visit.objects.filter(request_id=request_id).first()
    if not is_new and made is not None:
        return int(made.pk)
    if models.Visit.objects.filter(line_id=line_id, state__in=rules.STILL_OPEN).exists():
        raise Refused(Why.ALREADY)
    booking = uuid4()
    slot = _taken(booking, premises.district, wish.starts_at, at)
    try:
        with transaction.atomic():
            row = models.Visit.objects.create(
                request_id=request_id, line_id=line_id, booking=booking, district=premises.district,
                address=premises.address, starts_at=slot.starts_at, ends_at=slot.ends_at,
                changed_until=slot.changed_until, state=State.PLANNED, changed_at=at,
            )  # fmt: skip
    except IntegrityError:
        # Somebody else who sees the line booked one at the same time.
        visits_calendar.calendar().release(booking=booking)
        raise Refused(Why.ALREADY) from None
    tell(row, "booked")
    _record(row, "visit booked", at)
    return int(row.pk)


@transaction.atomic
def move(*, account_id: int, visit_id: int, starts_at: datetime, at: datetime) -> None:
    """Let it be in another window; the same one again changes nothing. Raises `NotThere`, `Refused`."""
    row = _own(account_id, visit_id)
    if row.state == State.PLANNED and row.starts_at == starts_at:
        return
    _may_be_changed(row, at)
    booking = uuid4()
    slot = _taken(booking, row.district, starts_at, at)
    visits_calendar.calendar().release(booking=row.booking)
    row.booking, row.starts_at, row.ends_at = booking, slot.starts_at, slot.ends_at
    row.changed_until, row.changed_at, row.reminded_at = slot.changed_until, at, None
    row.save()
    tell(row, "moved")
    _record(row, "visit moved", at)


@transaction.atomic
def cancel(*, account_id: int, visit_id: int, at: datetime) -> None:
    """Call it off, and the request with it; twice is once. Raises `NotThere`, `Refused`."""
    row = _own(account_id, visit_id)
    if row.state == State.CANCELLED:
        return
    _may_be_changed(row, at)
    give_up(row, at)
    _record(row, "visit called off", at)
    request = requests.locked(row.request_id)
    if Request(request.state) in (Request.ACKNOWLEDGED, Request.IN_PROGRESS, Request.PENDING):
        requests.end(account_id=account_id, request_id=request.pk, event=Event.CALLED_OFF, at=at)


def remind_due(*, at: datetime) -> int:
    """Tell, once, of the visits of the next day; return how many that were."""
    coming = models.Visit.objects.filter(
        state=State.PLANNED, reminded_at=None, starts_at__gt=at, starts_at__lte=at + REMINDED_BEFORE
    )
    told: list[bool] = []
    rounds.each(coming.values_list("id", flat=True)[:500], lambda visit_id: told.append(_remind(visit_id, at)))
    return sum(told)


@transaction.atomic
def _remind(visit_id: int, at: datetime) -> bool:
    row = models.Visit.objects.select_for_update().filter(id=visit_id, state=State.PLANNED, reminded_at=None).first()
    if row is None:
        # Called off, told of, or gone with its account meanwhile.
        return False
    row.reminded_at = at
    row.save(update_fields=["reminded_at"])
    # Who booked within the day has just been told.
    told = row.changed_at <= at - timedelta(hours=3)
    if told:
        tell(row, "soon")
    return told


def give_up(row: models.Visit, at: datetime) -> None:
    """Give the place of a planned visit back."""
    visits_calendar.calendar().release(booking=row.booking)
    row.state, row.changed_at = State.CANCELLED, at
    row.save()
    tell(row, "cancelled")


def tell(row: models.Visit, what: str) -> None:
    """Say what became of the visit, where the codes of the contract go."""
    line = lines.served_by_id(row.line_id)
    recipient = lines.main_number_of(row.request.account_id) or lines.contact_of(row.line_id).number
    if line is None or not recipient:
        return
    messaging.send(
        recipient=recipient, template="visit", language=line.language,
        params={
            "what": what, "id": str(row.pk), "starts": row.starts_at.isoformat(), "ends": row.ends_at.isoformat(),
        },
    )  # fmt: skip


def locked(visit_id: int) -> models.Visit:
    """Return the visit for writing; raise `NotThere`."""
    row = models.Visit.objects.select_for_update(no_key=True, of=("self",)).filter(id=visit_id).first()
    if row is None:
        raise NotThere(visit_id)
    return row


def _own(account_id: int, visit_id: int) -> models.Visit:
    """Return a visit of the account's own, behind its request's row, as everybody takes them."""
    found = models.Visit.objects.filter(id=visit_id, request__account_id=account_id)
    request_id = found.values_list("request_id", flat=True).first()
    if request_id is None:
        raise NotThere(visit_id)
    requests.locked(request_id, account_id)
    return locked(visit_id)


def _may_be_changed(row: models.Visit, at: datetime) -> None:
    if row.state != State.PLANNED or at > row.changed_until:
        raise Refused(Why.TOO_LATE)


def _taken(booking: UUID, district: str, starts_at: datetime, at: datetime) -> Slot:
    try:
        return visits_calendar.calendar().reserve(booking=booking, district=district, starts_at=starts_at, now=at)
    except SlotGone:
        raise Refused(Why.GONE) from None


def _record(row: models.Visit, action: str, at: datetime) -> None:
    audit.record(
        actor=OWNER, action=action, subject=f"visit {row.pk}", on_behalf_of=f"party {row.request.party_id}", at=at
    )
