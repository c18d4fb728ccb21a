"""What customers write to us from the cabinet: opened, talked about, called off, opened again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.identity import queries as identity
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.support import models
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests import rules
from abonent.domains.support.requests import terms as requests_terms
from abonent.domains.support.requests.rules import Channel, Kind
from abonent.domains.support.requests.states import OPEN, Event, NotNow, State, step
from abonent.domains.support.rules import NotThere
from abonent.domains.support.visits.rules import STILL_OPEN
from abonent.foundation import audit, rounds
from abonent.foundation.audit import Actor

OWNER = Actor("system", "customer")


@dataclass(frozen=True, slots=True)
class New:
    """What somebody writes: `key` is the form's id, `holder` a line of theirs, `line_id` the one it is about."""

    key: UUID
    account_id: int
    holder: Line
    line_id: int | None
    kind: Kind
    subject: str
    text: str
    channel: Channel
    language: str
    # Something else that is told says it as well.
    quiet: bool = False


@transaction.atomic
def open_request(*, new: New, at: datetime) -> tuple[int, bool]:
    """Write it down with its files; return its id, and whether it is new: a form sent twice is one request.

    Raises `requests.rules.Unclear`, `TooMany`; `NotThere` for the id of somebody else's form.
    """
    _one_at_a_time(new.account_id)
    known = models.Request.objects.filter(key=new.key).first()
    if known is not None and known.account_id != new.account_id:
        raise NotThere(new.key)
    if known is not None:
        return int(known.pk), False
    subject, text = rules.subject(new.subject), rules.text(new.text)
    mine = models.Request.objects.filter(account_id=new.account_id)
    rules.check_room(
        open_now=mine.filter(state__in=OPEN).count(),
        opened_today=mine.filter(opened_at__gt=at - timedelta(days=1)).count(),
    )
    due = due_at(new.kind, at)
    made = models.Request.objects.create(
        key=new.key, account_id=new.account_id, party_id=new.holder.party_id, line_id=new.line_id, kind=new.kind,
        subject=subject, channel=new.channel, language=new.language, state=State.ACKNOWLEDGED, opened_at=at,
        due_at=due, first_due_at=due, changed_at=at,
    )  # fmt: skip
    note = models.RequestNote.objects.create(key=new.key, request=made, at=at, text=text)
    requests_files.attach(account_id=new.account_id, key=new.key, note_id=note.pk)
    # What was written may name people, the trail must not.
    audit.record(
        actor=OWNER, action="request opened", subject=f"request {made.pk}", on_behalf_of=f"party {made.party_id}",
        details={"kind": new.kind.value}, at=at,
    )  # fmt: skip
    if not new.quiet:
        tell(made, "received")
    return int(made.pk), True


@transaction.atomic
def write(*, account_id: int, request_id: int, key: UUID, text: str, at: datetime) -> None:
    """Add a word of the customer's; after an answer that opens the request again.

    Raises `NotThere`, `NotNow`, `requests.rules.Unclear`, `TooMany`; a form sent twice is one word.
    """
    _one_at_a_time(account_id)
    request = locked(request_id, account_id)
    known = models.RequestNote.objects.filter(key=key).first()
    if known is not None and known.request_id != request.pk:
        raise NotThere(key)
    if known is not None:
        return
    said = rules.text(text)
    lately = models.RequestNote.objects.filter(
        request__account_id=account_id, agent=None, at__gt=at - timedelta(days=1)
    ).count()
    if lately >= rules.NOTES_A_DAY_MAX:
        raise rules.TooMany("notes")
    state = State(request.state)
    event = Event.WRITTEN if rules.is_open(state) else Event.REOPENED
    if event is Event.REOPENED and not rules.can_reopen(state, request.answered_at, at):
        raise NotNow(state, event)
    request.state = step(state, event)
    if event is Event.REOPENED or state is State.PENDING:
        # The time that was the customer's is not taken from whoever answers.
        request.due_at = max(request.due_at, due_at(Kind(request.kind), at))
    if event is Event.REOPENED:
        request.closed_at, request.agent = None, None
    request.changed_at = at
    request.save()
    note = models.RequestNote.objects.create(key=key, request=request, at=at, text=said)
    requests_files.attach(account_id=account_id, key=key, note_id=note.pk)
    if event is Event.REOPENED:
        _record(request, "request opened again", at)


@transaction.atomic
def end(*, account_id: int, request_id: int, event: Event, at: datetime) -> None:
    """Let the customer call it off, or say that the answer helped; twice is once. Raises `NotThere`, `NotNow`.

    What a technician comes for is called off with the visit (`visits.cancel`).
    """
    if event not in (Event.CALLED_OFF, Event.ACCEPTED):
        raise ValueError(event)
    request = locked(request_id, account_id)
    wanted = State.CANCELLED if event is Event.CALLED_OFF else State.CLOSED
    if request.state == wanted:
        return
    if event is Event.CALLED_OFF and models.Visit.objects.filter(request=request, state__in=STILL_OPEN).exists():
        # Whoever comes is called off by itself, and in time.
        raise NotNow(State(request.state), event)
    request.state = step(State(request.state), event)
    request.closed_at = request.changed_at = at
    request.save()
    _record(request, f"request {event.value}", at)


def close_due(*, at: datetime) -> int:
    """Close what was answered and is not spoken of any more, and what we asked about in vain; return how many."""
    answered = models.Request.objects.filter(state=State.RESOLVED, answered_at__lte=at - rules.CLOSED_AFTER)
    unanswered = models.Request.objects.filter(state=State.PENDING, changed_at__lte=at - rules.WAITED_FOR)
    ids = [*answered.values_list("id", flat=True), *unanswered.values_list("id", flat=True)]
    closed: list[bool] = []
    rounds.each(ids, lambda request_id: closed.append(_close(request_id, at)))
    return sum(closed)


@transaction.atomic
def _close(request_id: int, at: datetime) -> bool:
    request = models.Request.objects.select_for_update(no_key=True, skip_locked=True).filter(id=request_id).first()
    if request is None:
        # Somebody has it in hand right now.
        return False
    state = State(request.state)
    since = request.answered_at if state is State.RESOLVED else request.changed_at
    pause = rules.CLOSED_AFTER if state is State.RESOLVED else rules.WAITED_FOR
    if state not in (State.RESOLVED, State.PENDING) or since is None or since > at - pause:
        return False
    request.state = step(state, Event.TIMED_OUT)
    # What was asked in vain can be opened again, too.
    request.answered_at = request.answered_at or at
    request.closed_at = request.changed_at = at
    request.save()
    _record(request, "request closed", at)
    tell(request, "closed")
    return True


def due_at(kind: Kind, at: datetime) -> datetime:
    """Return until when something written at that moment is answered."""
    return requests_terms.deadline(kind, at, ZoneInfo(settings.TIME_ZONE))


def locked(request_id: int, account_id: int | None = None) -> models.Request:
    """Return the request for writing, the customer's own when `account_id` is given; raise `NotThere`."""
    found = models.Request.objects.select_for_update(no_key=True, of=("self",)).filter(id=request_id)
    if account_id is not None:
        found = found.filter(account_id=account_id)
    request = found.first()
    if request is None:
        raise NotThere(request_id)
    return request


def tell(request: models.Request, what: str) -> None:
    """Say that there is something to read, where the customer wants it; nothing of what was written is in it."""
    recipient: str | None = None
    if request.channel == Channel.EMAIL:
        recipient = identity.email_of(request.account_id)
    if request.channel == Channel.SMS or (request.channel == Channel.EMAIL and not recipient):
        # The address was taken away since: the number is still there.
        recipient = lines.main_number_of(request.account_id)
    if not recipient:
        return
    params = {"what": what, "number": rules.number_of(request.pk, request.opened_at), "id": str(request.pk)}
    if what == "received":
        params["until"] = request.due_at.isoformat()
    messaging.send(
        channel="email" if "@" in recipient else "sms", recipient=recipient, template="request", params=params,
        language=request.language,
    )  # fmt: skip


def _one_at_a_time(account_id: int) -> None:
    """Let whoever comes at the same time for the same account wait: what is counted stays true."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('requests'), %s)", [account_id])


def _record(request: models.Request, action: str, at: datetime) -> None:
    audit.record(
        actor=OWNER, action=action, subject=f"request {request.pk}", on_behalf_of=f"party {request.party_id}", at=at
    )
