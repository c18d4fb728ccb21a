"""What the network says about numbers, and what follows for whoever gets in by them.

Each event is taken once by its key, in whatever order they come. What is true now follows from all of them
(`network.rules`), so an older one never overrides a newer. One rhythm: load and lock, decide, record, announce.

Locks are taken in one order everywhere: the line, its codes, the limits of its number, the account. An entry keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Coalesce

from abonent.domains.customers import actions as customers
from abonent.domains.identity import actions as identity
from abonent.domains.identity import endings, journal
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import events, models, queries
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind as Bar
from abonent.domains.lines.network import rules
from abonent.domains.lines.network.reading import Event
from abonent.domains.lines.network.rules import Change, Closing, Kind, Noted, Span
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import preferences
from abonent.foundation import outbox
from abonent.foundation.clock import now

BY = journal.NETWORK


def note_sim_replaced(*, number: str, imsi: str, at: datetime, key: str) -> Noted:
    """Another SIM serves the number: until it is sure who holds it, an SMS to it proves nothing by itself."""
    return note(Event(Kind.SIM_REPLACED, number, at, key, imsi))


def note_forwarding(*, number: str, condition: str, target: str | None, at: datetime, key: str) -> Noted:
    """Calls go to `target` (E.164) under `condition` (one of `network.rules.CONDITIONS`), None: no longer."""
    return note(Event(Kind.FORWARDING, number, at, key, target or "", condition))


def note_released(*, number: str, at: datetime, key: str) -> Noted:
    """The number will be somebody else's: nothing of the old owner may hang on it from now on."""
    return note(Event(Kind.RELEASED, number, at, key))


def note_terminated(*, number: str, at: datetime, key: str) -> Noted:
    """The contract of the line ended: its cabinet closes; the number is nobody's yet."""
    return note(Event(Kind.TERMINATED, number, at, key))


def note_unused(*, number: str, at: datetime, key: str) -> Noted:
    """Nobody used the number for 183 days: it is blocked, and gets no codes."""
    return note(Event(Kind.UNUSED, number, at, key))


def note_used_again(*, number: str, at: datetime, key: str) -> Noted:
    """The number is in use again, or the shop lifted the block."""
    return note(Event(Kind.USED_AGAIN, number, at, key))


@transaction.atomic
def note(event: Event) -> Noted:
    """Take the event once by its key and do what follows from it.

    Raises `network.rules.FromTheFuture`, and `network.rules.OtherEvent` when the key told something else before.
    """
    at = rules.moment_of(event.at, now())
    line = _line_of(event.number, at)
    if not _is_new(event, line, at):
        return Noted.REPEATED
    if line is None:
        return Noted.NO_LINE
    return Noted.DONE if _EFFECTS[event.kind](line, replace(event, at=at)) else Noted.NOTHING_NEW


def _line_of(number: str, at: datetime) -> models.Line | None:
    """Return, locked, the line that the number was at `at`: closed by now, maybe, or before, with nobody after it."""
    began = Coalesce("numbered_at", "opened_at")
    served = models.Line.objects.select_for_update(no_key=True).annotate(began=began).filter(
        number=number, began__lt=at
    )  # fmt: skip
    found = served.order_by("-began").first()
    past = models.PastNumber.objects.filter(number=number, since__lt=at).order_by("-since").first()
    if past is None or (found is not None and found.began > past.since):
        return found
    # What is told of a number that the line had then. Once it is another's to have, it speaks for nobody here.
    return models.Line.objects.select_for_update(no_key=True).get(id=past.line_id) if at < past.until else None


def _is_new(event: Event, line: models.Line | None, at: datetime) -> bool:
    told = [event.key, event.kind, event.number, event.value, event.condition]
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into lines_networkevent (key, kind, number, value, condition, line_id, at, received_at)
               values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (key) do nothing""",
            [*told, line.pk if line else None, at, now()],
        )
        if cursor.rowcount:
            return True
        cursor.execute("select key, kind, number, value, condition from lines_networkevent where key = %s", [event.key])
        if list(cursor.fetchone()) != told:
            raise rules.OtherEvent(event.key)
    return False


def _changes(line: models.Line, *kinds: Kind, condition: str = "") -> list[models.NetworkEvent]:
    return list(models.NetworkEvent.objects.filter(line=line, kind__in=kinds, condition=condition))


def _spans(first: Span, told: list[models.NetworkEvent], new: str) -> tuple[list[Span], list[Span]]:
    """Return what was when, without the event of the key `new` and with it."""
    changes = [Change(row.at, row.key, row.value) for row in told]
    return rules.spans_of(first, [change for change in changes if change.key != new]), rules.spans_of(first, changes)


def _replace_sim(line: models.Line, event: Event) -> bool:
    first = models.Sim.objects.filter(line=line).order_by("since").first()
    # Which SIM it was before is not always known; that there was one, is.
    began = Span(first.imsi, first.since) if first else Span("", line.opened_at)
    before, after = _spans(began, _changes(line, Kind.SIM_REPLACED), event.key)
    if before == after:
        return False
    # A PUK belongs to the card, whenever that served the line.
    puks = dict(models.Sim.objects.filter(line=line).values_list("imsi", "puk"))
    models.Sim.objects.filter(line=line).delete()
    models.Sim.objects.bulk_create(
        [
            models.Sim(line=line, imsi=span.value, since=span.since, until=span.until, puk=puks.get(span.value, ""))
            for span in after
        ]
    )
    return _is_risk(line, EventKind.SIM_REPLACED, events.SimReplaced(line.pk), before, after)


def _forward(line: models.Line, event: Event) -> bool:
    told = _changes(line, Kind.FORWARDING, condition=event.condition)
    before, after = _spans(Span("", line.opened_at), told, event.key)
    if before == after:
        return False
    models.Forwarding.objects.filter(line=line, condition=event.condition).delete()
    models.Forwarding.objects.bulk_create(
        [
            models.Forwarding(
                line=line, condition=event.condition, target=span.value, since=span.since, until=span.until
            )
            for span in after
            if span.value
        ]
    )
    return _is_risk(line, EventKind.FORWARDING, events.ForwardingChanged(line.pk), before, after)


def _is_risk(line: models.Line, kind: EventKind, fact: object, before: list[Span], after: list[Span]) -> bool:
    """Tell the owners and let codes under way die when what the line is now has changed."""
    if line.closed_at is not None or not rules.has_moved(before, after):
        return False
    endings.kill_codes(number=line.number, at=now(), channels=endings.OVER_THE_NUMBER)
    if kind is EventKind.SIM_REPLACED:
        sharing.end_of_line(line_id=line.pk, at=now())
    _tell(line, kind, after[-1].since)
    outbox.announce(fact)
    return True


def _end(line: models.Line, event: Event) -> bool:
    closing = rules.closing_of(kind=event.kind, closed_at=line.closed_at, close_reason=line.close_reason)
    if not closing.close and not closing.give_away:
        return False
    owners = queries.accounts_of_line(line.pk)
    endings.kill_codes(number=line.number, at=now())
    sharing.end_of_line(line_id=line.pk, at=now())
    if closing.close:
        _keep_what_has_no_number(line)
        line.closed_at, line.close_reason = event.at, event.kind
        bars.end_all(line_id=line.pk, at=event.at)
    if closing.give_away:
        line.close_reason = event.kind
        models.LineAccess.objects.filter(line=line).delete()
        # Whoever has the number next gets neither the old owner's codes nor the old owner's locks.
        customers.forget_contact(number=line.number)
        endings.forget_limits(number=line.number)
        preferences.forget(recipient=line.number)
    line.save(update_fields=["closed_at", "close_reason"])
    for account_id in owners:
        _take_leave(account_id, line, event.at, closing)
    outbox.announce(events.NumberReleased(line.pk) if closing.give_away else events.LineTerminated(line.pk))
    return True


def _keep_what_has_no_number(main: models.Line) -> None:
    """Leave who proved the main line those lines of its party that no SIM of their own can ever prove."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into lines_lineaccess (line_id, account_id, proven_at)
               select own.id, access.account_id, access.proven_at
                 from lines_lineaccess access
                 join lines_line main on main.id = access.line_id and main.is_main
                 join customers_contract signed on signed.id = main.contract_id
                 join customers_contract every on every.party_id = signed.party_id
                 join lines_line own on own.contract_id = every.id
                  and own.closed_at is null and own.service <> 'mobile' and own.id <> main.id
                where main.id = %s
               on conflict (line_id) do nothing""",
            [main.pk],
        )


def _take_leave(account_id: int, line: models.Line, at: datetime, closing: Closing) -> None:
    """Tell the owner; an account with no line left is closed, and of a number given away nothing opens it again."""
    has_others = bool(queries.of_account(account_id))
    if closing.close:
        _tell_of_the_end(account_id, line, at, has_others=has_others)
    if has_others:
        return
    outbox.announce(events.AccountLeft(account_id))
    if closing.give_away:
        endings.end_account(account_id=account_id, at=now())
    else:
        identity.end_sessions(account_id=account_id, at=now())


def _tell_of_the_end(account_id: int, line: models.Line, at: datetime, *, has_others: bool) -> None:
    detail = {"number": line.number}
    kind = EventKind.NUMBER_GONE
    journal.note(account_id=account_id, kind=kind, at=at, by=BY, detail=detail, tell=has_others, not_to=line.number)
    standing = accounts.standing(account_id)
    if standing.email and not has_others:
        # By the time a worker looked it up, the address would be gone.
        messaging.send(
            channel="email", recipient=standing.email, template="security", params={"kind": str(kind), **detail},
            language=standing.language,
        )  # fmt: skip


def _note_use(line: models.Line, event: Event) -> bool:
    if line.closed_at is not None:
        return False
    told = _changes(line, Kind.UNUSED, Kind.USED_AGAIN)
    unused = rules.is_unused(Change(row.at, row.key, row.kind) for row in told)
    if not unused:
        return bars.lift(line_id=line.pk, kind=Bar.UNUSED, by=BY, at=event.at)
    if not bars.impose(line_id=line.pk, kind=Bar.UNUSED, by=BY, at=event.at):
        return False
    endings.kill_codes(number=line.number, at=now())
    _tell(line, EventKind.NUMBER_BLOCKED, event.at)
    outbox.announce(events.LineUnused(line.pk))
    return True


def _tell(line: models.Line, kind: EventKind, at: datetime) -> None:
    for account_id in queries.accounts_of_line(line.pk):
        journal.note(account_id=account_id, kind=kind, at=at, by=BY, detail={"number": line.number}, not_to=line.number)


_EFFECTS: dict[Kind, Callable[[models.Line, Event], bool]] = {
    Kind.SIM_REPLACED: _replace_sim,
    Kind.FORWARDING: _forward,
    Kind.RELEASED: _end,
    Kind.TERMINATED: _end,
    Kind.UNUSED: _note_use,
    Kind.USED_AGAIN: _note_use,
}
