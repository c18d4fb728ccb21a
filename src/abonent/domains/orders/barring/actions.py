"""A subscriber bars calls of a line, behind a PIN of four digits: asked for, done by the network.

The PIN is looked at here and never goes to the network, which switches at our word (TS 22.088: control by the service
provider). Locks are taken in one order: the change's row, the turn of the contract, the line.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from abonent.domains.billing import products as money
from abonent.domains.identity import journal
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.rules import Guards
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import queries as provisioning_queries
from abonent.domains.lines.provisioning.rules import State as Asked
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.orders import models
from abonent.domains.orders.actions import DifferentOrder
from abonent.domains.orders.barring import queries, rules
from abonent.domains.orders.barring.rules import Direction, State, Why
from abonent.foundation import rounds

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500
CLOSED = "line closed"


class Refused(Exception):
    """Barring stays as it is."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: `program` bars the line's calls of the direction, "": nothing does. The id is the form's."""

    change_id: UUID
    line: Line
    direction: Direction
    program: str
    account_id: int


def change(*, wish: Wish, pin: str, at: datetime) -> State:
    """Look at the PIN, then have the network do it; the same wish again is the same change.

    Outside any transaction: a wrong PIN counts for good. Raises `Refused`, `actions.DifferentOrder`,
    `identity.freezing.Frozen`, and what `lines.pins.prove` raises; then barring has not changed.
    """
    if not rules.is_program(wish.direction, wish.program):
        raise ValueError(wish.program)
    pins.prove(line_id=wish.line.id, guards=Guards.BARRING, pin=pin)
    return _place(wish, at)


@transaction.atomic
def _place(wish: Wish, at: datetime) -> State:
    ensure_not_frozen(wish.account_id)
    money.take_turn(wish.line.contract_id)
    if (made := models.BarringChange.objects.filter(id=wish.change_id).first()) is not None:
        if (made.line_id, made.direction, made.program) != (wish.line.id, wish.direction, wish.program):
            raise DifferentOrder
        return State(made.state)
    if (why := queries.refusal(wish.line, wish.direction, wish.program)) is not None:
        raise Refused(why)
    row = models.BarringChange.objects.create(
        id=wish.change_id,
        line_id=wish.line.id,
        direction=wish.direction,
        program=wish.program,
        state=State.ASKED,
        account_id=wish.account_id,
        placed_at=at,
        command_id=uuid5(wish.change_id, "command"),
    )
    on, off = rules.switched(wish.direction, wish.program)
    provisioning.enqueue(command_id=row.command_id, line_id=row.line_id, on=on, off=off, reference=row.id, at=at)
    return State.ASKED


@transaction.atomic
def settle(*, change_id: UUID, at: datetime) -> State | None:
    """Write down what came of the network's answer, if there is one."""
    row = models.BarringChange.objects.select_for_update(no_key=True).filter(id=change_id).first()
    if row is None or row.state != State.ASKED:
        return State(row.state) if row else None
    asked = provisioning_queries.command(row.command_id)
    if asked is None or asked.state not in (Asked.DONE, Asked.REFUSED) or asked.ended_at is None:
        return State(row.state)
    line = lines.served_by_id(row.line_id)
    if line is None:
        return _end(row, State.FAILED, at, CLOSED)
    if asked.state is Asked.REFUSED:
        log.warning("barring %s failed: %s", row.id, asked.reason)
        messaging.send(
            recipient=line.number, template="barring failed", params={"number": line.number}, language=line.language
        )
        return _end(row, State.FAILED, asked.ended_at, asked.reason)
    for account_id in lines.accounts_of_line(line.id):
        journal.note(account_id=account_id, kind=EventKind.BARRING, at=asked.ended_at, detail={"number": line.number})
    return _end(row, State.DONE, asked.ended_at)


def advance_due(*, at: datetime) -> None:
    """Look after each change whose answer an event was lost of; safe at any time."""
    still = models.BarringChange.objects.filter(state=State.ASKED).order_by("placed_at")
    rounds.each(still.values_list("id", flat=True)[:AT_ONCE_MAX], lambda change_id: settle(change_id=change_id, at=at))


def forget_person(*, account_id: int) -> None:
    """Keep no longer which account asked for what."""
    models.BarringChange.objects.filter(account_id=account_id).update(account_id=None)


def _end(row: models.BarringChange, state: State, at: datetime, reason: str = "") -> State:
    row.state, row.ended_at, row.reason = state, at, reason
    row.save(update_fields=["state", "ended_at", "reason"])
    return state
