"""Calls of a line go elsewhere by its owner's wish: asked for, stopped within a wait, done by the network.

What the network has done is taken in as what it says by itself is (`lines.network`), so there is one truth of it.

Locks are taken in one order: the change's row, the account, the turn of the contract, the line.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from django.db import transaction

from abonent.domains.billing import products as money
from abonent.domains.identity import journal
from abonent.domains.identity.freezing import Frozen, ensure_not_frozen
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_calls
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import queries as provisioning_queries
from abonent.domains.lines.provisioning.rules import State as Asked
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.orders import models
from abonent.domains.orders.actions import DifferentOrder, TooLate
from abonent.domains.orders.forwarding import queries, rules
from abonent.domains.orders.forwarding.queries import Change
from abonent.domains.orders.forwarding.rules import OPEN, State, Why
from abonent.foundation import rounds
from abonent.foundation.values import Msisdn

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500
CLOSED, BLOCKED, PROTECTED, OTHER_SIM = "line closed", "line blocked", "cabinet protected", "sim replaced"


class Refused(Exception):
    """Forwarding stays as it is."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class NoSuchChange(LookupError):
    """It is not there, or another's: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a line: calls go to `target` under `condition`, None: come here again.

    `change_id` is the form's.
    """

    change_id: UUID
    line: Line
    condition: str
    target: Msisdn | None
    account_id: int


@transaction.atomic
def place(*, wish: Wish, at: datetime) -> Change:
    """Write the wish down and ask the network, at once or after the wait; the same wish again is the same change.

    Raises `Refused`, `actions.DifferentOrder` and, unless calls only come here again, `identity.freezing.Frozen`; then
    nothing has changed.
    """
    if wish.target is not None:
        ensure_not_frozen(wish.account_id)
    money.take_turn(wish.line.contract_id)
    target = wish.target.e164 if wish.target else ""
    if (made := models.ForwardingChange.objects.filter(id=wish.change_id).first()) is not None:
        if (made.line_id, made.condition, made.target) != (wish.line.id, wish.condition, target):
            raise DifferentOrder
        return queries.value_of(made)
    # As it is by now: whoever was before us may have changed it.
    line = lines.served_by_id(wish.line.id)
    if line is None:
        raise Refused(Why.BLOCKED)
    asked = queries.question(line, wish.condition, wish.target)
    if asked.refusal is not None:
        raise Refused(asked.refusal)
    row = models.ForwardingChange.objects.create(
        id=wish.change_id,
        line_id=line.id,
        condition=wish.condition,
        target=target,
        state=State.WAITING,
        account_id=wish.account_id,
        placed_at=at,
        effective_at=rules.effective_at(target=target, called_before=not asked.waits, at=at),
    )
    if row.effective_at > at:
        _tell_that_it_comes(line, at)
    else:
        _ask(row, at)
    return queries.value_of(row)


@transaction.atomic
def stop(*, change_id: UUID, line_ids: Collection[int], at: datetime) -> None:
    """Call a change off before the network is asked; one that is called off stays so.

    Raises `NoSuchChange`, and `actions.TooLate`. It asks for no proof: calls only stay where they go.
    """
    row = _locked(change_id)
    if row is None or row.line_id not in line_ids:
        raise NoSuchChange
    if row.state == State.STOPPED:
        return
    if row.state not in OPEN:
        raise TooLate
    if row.command_id is not None and not provisioning.withdraw(command_id=row.command_id, at=at):
        raise TooLate
    _end(row, State.STOPPED, at)


@transaction.atomic
def carry_out(*, change_id: UUID, at: datetime) -> State | None:
    """Ask the network once the wait is over, if who asked for it is still in charge; return the state."""
    row = _locked(change_id)
    if row is None or row.state != State.WAITING or row.effective_at > at:
        return State(row.state) if row else None
    line = lines.served_by_id(row.line_id)
    if line is None:
        return _end(row, State.FAILED, at, CLOSED)
    if line.bars:
        return _end(row, State.STOPPED, at, BLOCKED)
    sim = queries_calls.sim_of(line.id)
    if sim is not None and sim.since > row.placed_at:
        # Whoever proved to be the owner did so before that.
        return _end(row, State.STOPPED, at, OTHER_SIM)
    if row.account_id is None:
        return _end(row, State.STOPPED, at, PROTECTED)
    try:
        ensure_not_frozen(row.account_id)
    except Frozen:
        return _end(row, State.STOPPED, at, PROTECTED)
    return _ask(row, at)


@transaction.atomic
def settle(*, change_id: UUID, at: datetime) -> State | None:
    """Write down what came of the network's answer, if there is one."""
    row = _locked(change_id)
    if row is None or row.state not in OPEN or row.command_id is None:
        return State(row.state) if row else None
    asked = provisioning_queries.command(row.command_id)
    if asked is None or asked.state not in (Asked.DONE, Asked.REFUSED) or asked.ended_at is None:
        return State(row.state)
    line = lines.served_by_id(row.line_id)
    if line is None:
        return _end(row, State.FAILED, at, CLOSED)
    if asked.state is Asked.REFUSED:
        log.warning("forwarding %s failed: %s", row.id, asked.reason)
        messaging.send(
            recipient=line.number, template="forwarding failed", params={"number": line.number}, language=line.language
        )
        return _end(row, State.FAILED, at, asked.reason)
    network.note_forwarding(
        number=line.number, condition=row.condition, target=row.target or None, at=asked.ended_at,
        key=f"command:{row.command_id}",
    )  # fmt: skip
    if row.target:
        # The network tells everybody but the number. Its phone still gets messages, and may be all that its owner has.
        messaging.send(
            recipient=line.number, template="security", params={"kind": EventKind.FORWARDING}, language=line.language
        )
    return _end(row, State.DONE, asked.ended_at)


def advance_due(*, at: datetime) -> None:
    """Do whatever is next for each change whose time has come; safe at any time."""
    due = models.ForwardingChange.objects.filter(state__in=OPEN, effective_at__lte=at).order_by("effective_at")
    rounds.each(due.values_list("id", flat=True)[:AT_ONCE_MAX], partial(_advance, at=at))


def forget_person(*, account_id: int) -> None:
    """Keep no longer which account asked for what."""
    models.ForwardingChange.objects.filter(account_id=account_id).update(account_id=None)


def _advance(change_id: UUID, *, at: datetime) -> None:
    carry_out(change_id=change_id, at=at)
    settle(change_id=change_id, at=at)


def _ask(row: models.ForwardingChange, at: datetime) -> State:
    on, off = rules.switched(row.condition, row.target)
    row.state, row.command_id = State.ASKED, uuid5(row.id, "command")
    row.save(update_fields=["state", "command_id"])
    provisioning.enqueue(command_id=row.command_id, line_id=row.line_id, on=on, off=off, reference=row.id, at=at)
    return State.ASKED


def _end(row: models.ForwardingChange, state: State, at: datetime, reason: str = "") -> State:
    row.state, row.ended_at, row.reason = state, at, reason
    row.save(update_fields=["state", "ended_at", "reason"])
    return state


def _tell_that_it_comes(line: Line, at: datetime) -> None:
    """Whoever sees the line hears of it on every channel, the number itself included, in time to stop it."""
    for account_id in lines.accounts_of_line(line.id):
        journal.note(account_id=account_id, kind=EventKind.FORWARDING_ASKED, at=at, detail={"number": line.number})


def _locked(change_id: UUID) -> models.ForwardingChange | None:
    return models.ForwardingChange.objects.select_for_update(no_key=True).filter(id=change_id).first()
