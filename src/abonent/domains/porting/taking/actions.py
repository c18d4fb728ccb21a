"""A number is taken from us: asked for by another operator, answered in time, stopped by its owner, gone and back.

The central database is asked outside any transaction. What it says of a number holds, whatever we answered.
Locks are taken in one order: the request's row, the line.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from abonent.domains.billing import debts_queries
from abonent.domains.customers import queries as customers
from abonent.domains.identity.freezing import Frozen, ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_calls
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.numbers import actions as numbers
from abonent.domains.lines.queries import Line
from abonent.domains.porting import models, notices, queries, rules
from abonent.domains.porting.ports import Standing, Taking
from abonent.domains.porting.queries import NoSuchPort
from abonent.domains.porting.rules import Leaving, Reason, Terms, Verdict
from abonent.domains.porting.states import OUT_OPEN, PORT_OUT, SAID, Event, State, after, can

# Without terms in force what is taken from us is judged by these.
PLAIN = Terms(price_minor=0, days_min=1, days_max=1, cutoff_h=0, fresh_sim_h=72, lately_days=60)
LOOK_EVERY = timedelta(minutes=15)


class TooLate(Exception):
    """The number goes so soon that nobody can stop it, or is gone, or is not asked for any more."""


class Decided(Exception):
    """Somebody else has decided, or it does not wait for anybody."""


@transaction.atomic
def note(*, taking: Taking, at: datetime) -> State:
    """Write down once what another operator asks, tell the owner at once, and answer what can be answered."""
    known = models.PortOut.objects.filter(ref=taking.id).values_list("state", flat=True).first()
    if known is not None:
        return State(known)
    line = lines.served_by_number(taking.number)
    line = line if line is not None and line.service == rules.MOBILE else None
    fits = None
    if line is not None and customers.has_document(line.party_id):
        fits = customers.verify(line.party_id, document=taking.document)["document"]
    standing = taking.standing
    open_ = models.PortOut.objects.filter(number=taking.number, state__in=OUT_OPEN).exists()
    row = models.PortOut.objects.create(
        ref=taking.id, stop_ref=uuid4(), line_id=line.id if line else None, number=taking.number,
        operator=standing.operator[:60], owner_fits=fits, state=State.REFUSED if open_ else State.ASKED,
        reason=Reason.OTHER if open_ else "", window_from=standing.window_from, window_until=standing.window_until,
        asked_at=at, answer_by=taking.answer_by, next_try_at=at,
    )  # fmt: skip
    models.Step.objects.create(port_out=row, state=row.state, at=at)
    if open_:
        # One at a time: of two, the first is the one its owner was asked about.
        return State.REFUSED
    _decide(row, line, at)
    if line is not None:
        notices.note_asked(row)
    if line is not None and row.state == State.ASKED:
        notices.taken(row, line.language)
    return State(row.state)


@transaction.atomic
def decide(*, pk: int, at: datetime) -> State:
    """Answer what waited, if its time has come."""
    row = models.PortOut.objects.select_for_update(no_key=True).get(pk=pk)
    if row.state == State.ASKED:
        _decide(row, lines.served_by_id(row.line_id) if row.line_id else None, at)
    return State(row.state)


@transaction.atomic
def stop(*, stop_ref: UUID, at: datetime) -> None:
    """The owner says no: the number stays. The same again changes nothing. Raises `NoSuchPort`, `TooLate`."""
    row = models.PortOut.objects.select_for_update(no_key=True).filter(stop_ref=stop_ref).first()
    if row is None:
        raise NoSuchPort
    if row.state != State.STOPPED:
        _stop(row, at)


@transaction.atomic
def stop_of_line(*, line_id: int, at: datetime) -> None:
    """The same, said from the owner's handset of whatever asks for its number now."""
    row = models.PortOut.objects.select_for_update(no_key=True).filter(line_id=line_id, state__in=OUT_OPEN).first()
    if row is None:
        raise NoSuchPort
    _stop(row, at)


@transaction.atomic
def stop_of_account(*, account_id: int, at: datetime) -> int:
    """Somebody else may be at work in the cabinet: no number of it leaves; return how many would have."""
    line_ids = [line.id for line in lines.of_account(account_id)]
    rows = models.PortOut.objects.select_for_update(no_key=True).filter(line_id__in=line_ids, state__in=OUT_OPEN)
    for row in rows:
        # Even past the cut-off it is tried: the central database has the last word.
        step(row, Event.STOPPED, at, Reason.PROTECTED)
        _tell_soon(row, at)
    return len(rows)


@transaction.atomic
def judge(*, pk: int, fits: bool, by: str, at: datetime) -> models.PortOut:
    """One of staff found whether it is the owner's wish. Raises `NoSuchPort`, `Decided`."""
    row = models.PortOut.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if row is None:
        raise NoSuchPort
    if row.state != State.ASKED or row.owner_fits is not None or row.decided is not None:
        raise Decided
    row.decided, row.decided_by = fits, by
    row.save(update_fields=["decided", "decided_by"])
    _decide(row, lines.served_by_id(row.line_id) if row.line_id else None, at)
    return row


@transaction.atomic
def apply(*, ref: UUID, standing: Standing, at: datetime) -> State:
    """Do what follows from how the request stands there; an old story, and one told twice, change nothing."""
    row = models.PortOut.objects.select_for_update(no_key=True).filter(ref=ref).first()
    if row is None:
        raise NoSuchPort
    event = SAID.get(standing.state)
    if event in (None, Event.ACCEPTED, Event.REFUSED) or not can(PORT_OUT, State(row.state), event):
        # Of our own answer the central database tells us nothing new.
        return State(row.state)
    if event is Event.PORTED:
        gone_at = min(standing.at, at)
        network.note_terminated(number=row.number, at=gone_at, key=f"porting:{row.ref}")
        numbers.send_away(number=row.number, operator=row.operator, at=gone_at)
    elif event is Event.RETURNED:
        numbers.take_back(number=row.number, at=at)
    step(row, event, at, row.reason if event is Event.PORTED else "")
    if event in (Event.CANCELLED, Event.FAILED) and row.line_id:
        line = lines.served_by_id(row.line_id)
        notices.taken(row, line.language if line else "ru")
    return State(row.state)


def step(row: models.PortOut, event: Event, at: datetime, reason: str = "") -> None:
    """Bring the request, which is locked, one step on and write that down."""
    row.state, row.reason = after(PORT_OUT, State(row.state), event), reason
    if row.state not in OUT_OPEN:
        row.ended_at, row.next_try_at = at, None
    row.save(update_fields=["state", "reason", "ended_at", "next_try_at"])
    models.Step.objects.create(port_out=row, state=row.state, at=at)


def facts(row: models.PortOut, line: Line | None) -> Leaving:
    """Return what decides whether the number goes."""
    if line is None:
        return Leaving(served=False)
    sim = queries_calls.sim_of(line.id)
    return Leaving(
        served=True,
        same_owner=row.owner_fits,
        blocked=line.blocked_at is not None,
        protected=is_protected(line.id),
        sim_since=sim.since if sim else None,
        came_at=queries.came_at(line.id),
        owed_minor=debts_queries.owed_minor(line.contract_id),
        decided=row.decided,
    )


def is_protected(line_id: int) -> bool:
    """Return whether an owner of the line said that somebody else is at work."""
    try:
        for account_id in lines.accounts_of_line(line_id):
            ensure_not_frozen(account_id)
    except Frozen:
        return True
    return False


def terms_on(at: datetime) -> Terms:
    """Return the terms in force, by which what leaves is judged."""
    found = queries.in_force(queries.local_day(at))
    return found.terms if found else PLAIN


def _decide(row: models.PortOut, line: Line | None, at: datetime) -> None:
    verdict, reason = rules.decide(facts(row, line), terms_on(row.asked_at), answer_by=row.answer_by, at=at)
    if verdict is Verdict.WAIT:
        row.next_try_at = row.answer_by
        row.save(update_fields=["next_try_at"])
        return
    step(row, Event.ACCEPTED if verdict is Verdict.ACCEPT else Event.REFUSED, at, reason or "")
    _tell_soon(row, at)
    if line is not None:
        notices.taken(row, line.language)


def _stop(row: models.PortOut, at: datetime) -> None:
    stops_at = terms_on(row.asked_at).stops_at(row.window_from) if row.window_from else None
    if not can(PORT_OUT, State(row.state), Event.STOPPED) or (stops_at is not None and at >= stops_at):
        raise TooLate
    step(row, Event.STOPPED, at, Reason.OBJECTED)
    _tell_soon(row, at)
    line = lines.served_by_id(row.line_id) if row.line_id else None
    if line is not None:
        notices.taken(row, line.language)


def _tell_soon(row: models.PortOut, at: datetime) -> None:
    """Have the central database told what we answer, however often it takes."""
    row.answered_at, row.next_try_at, row.tries = None, at, 0
    row.save(update_fields=["answered_at", "next_try_at", "tries"])
