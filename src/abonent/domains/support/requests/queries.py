"""Reads of requests; values, not models. A customer sees those of the own account, and never what is said among us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from abonent.domains.support import models
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests import rules as written
from abonent.domains.support.requests.files import File
from abonent.domains.support.requests.rules import Channel, Kind
from abonent.domains.support.requests.states import OPEN, WAITS_FOR_US, State
from abonent.domains.support.rules import NotThere, masked_name

SHOWN = 50
SOON = timedelta(hours=4)
REPORT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Request:
    """A request without its conversation; `customer` and `agent` are names as the other side may know them."""

    id: int
    number: str
    kind: Kind
    subject: str
    state: State
    channel: Channel
    line: str
    customer: str
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    agent_id: int | None
    agent: str

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_late(self, now: datetime) -> bool:
        """Return whether it should have been answered by now; while the customer has the word nothing is late."""
        return self.state in WAITS_FOR_US and self.due_at <= now

    def is_soon(self, now: datetime) -> bool:
        """Return whether little time is left."""
        return self.state in WAITS_FOR_US and now < self.due_at <= now + SOON

    def can_be_reopened(self, now: datetime) -> bool:
        return written.can_reopen(self.state, self.answered_at, now)


@dataclass(frozen=True, slots=True)
class Note:
    """One turn of a conversation; `agent` empty: the customer's."""

    id: int
    at: datetime
    agent: str
    internal: bool
    text: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """How we answered requests of one kind that came in the last days: the middle time to our first word, in time."""

    kind: Kind
    count: int
    said: int
    median: timedelta | None
    in_time: int
    late: int


def of_account(account_id: int, limit: int = SHOWN) -> list[Request]:
    """Return the customer's requests, the newest first."""
    rows = _rows().filter(account_id=account_id).order_by("-opened_at", "-id")
    return [_value(row) for row in rows[:limit]]


def request(request_id: int, account_id: int) -> Request:
    """Return one of the customer's own; raise `NotThere`."""
    return _one(_rows().filter(id=request_id, account_id=account_id), request_id)


def for_staff(request_id: int) -> Request:
    """Return one to work on; raise `NotThere`."""
    return _one(_rows().filter(id=request_id), request_id)


def conversation(request_id: int, *, internal: bool = False) -> list[Note]:
    """Return what was said, the oldest first; what is said among us only when `internal`."""
    notes = models.RequestNote.objects.filter(request_id=request_id).select_related("agent").order_by("at", "id")
    if not internal:
        notes = notes.filter(internal=False)
    rows = list(notes)
    files: dict[int | None, list[File]] = {}
    for file in requests_files.of_notes([row.pk for row in rows]):
        files.setdefault(file.note_id, []).append(file)
    return [
        Note(
            row.pk, row.at, row.agent.name if row.agent else "", row.internal, row.text, tuple(files.get(row.pk, ()))
        )
        for row in rows
    ]  # fmt: skip


def queue(*, agent_id: int | None = None, limit: int = SHOWN) -> list[Request]:
    """Return what waits for us, what is due first at the top; of one agent, what waits for the customer as well."""
    if agent_id is None:
        rows = _rows().filter(state__in=WAITS_FOR_US)
    else:
        rows = _rows().filter(state__in=OPEN, agent_id=agent_id)
    return [_value(row) for row in rows.order_by("due_at", "id")[:limit]]


def count_waiting() -> int:
    """Return how many wait for us."""
    return models.Request.objects.filter(state__in=WAITS_FOR_US).count()


_REPORT = """
    select kind, count(*), count(first_said_at),
           percentile_cont(0.5) within group (order by extract(epoch from first_said_at - opened_at)),
           count(*) filter (where first_said_at <= first_due_at),
           count(*) filter (where coalesce(first_said_at, %(now)s) > first_due_at)
      from support_request
     where opened_at > %(since)s and (state <> 'cancelled' or first_said_at is not null)
     group by kind order by kind
"""


def report(now: datetime, days: int = REPORT_DAYS) -> list[Service]:
    """Return the service times of what came in the last days, by kind; not of what was called off before a word."""
    with connection.cursor() as cursor:
        cursor.execute(_REPORT, {"now": now, "since": now - timedelta(days=days)})
        rows = cursor.fetchall()
    return [
        Service(Kind(kind), count, said, None if median is None else timedelta(seconds=float(median)), in_time, late)
        for kind, count, said, median, in_time, late in rows
    ]


def _rows() -> QuerySet[models.Request]:
    return models.Request.objects.select_related("line", "party", "agent")


def _one(rows: QuerySet[models.Request], request_id: int) -> Request:
    row = rows.first()
    if row is None:
        raise NotThere(request_id)
    return _value(row)


def _value(row: models.Request) -> Request:
    return Request(
        id=row.pk,
        number=written.number_of(row.pk, row.opened_at),
        kind=Kind(row.kind),
        subject=row.subject,
        state=State(row.state),
        channel=Channel(row.channel),
        line=row.line.number if row.line else "",
        customer=masked_name(row.party.given_name, row.party.family_name),
        opened_at=row.opened_at,
        due_at=row.due_at,
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        agent_id=row.agent_id,
        agent=row.agent.name if row.agent else "",
    )
