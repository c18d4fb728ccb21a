"""An order on its way: taken up by a worker, asked of the network, done or refused, paid or released, told.

Each step is one transaction under the lock of the order's row and may be tried again: a worker that is killed between
two is replaced by the next, which finds the order where it stands.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, When

from abonent.domains.lines import queries as lines
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import queries as provisioning_queries
from abonent.domains.lines.provisioning.rules import State as Asked
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, notices
from abonent.domains.orders.events import OrderCompleted, OrderFailed
from abonent.domains.orders.kinds import KINDS
from abonent.domains.orders.states import OPEN, UNDONE_IN, Event, State
from abonent.domains.orders.steps import Impossible, NotYet, release, step
from abonent.foundation import outbox

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500
CLOSED = "line closed"


@transaction.atomic
def take_up(*, order_id: UUID, at: datetime) -> State | None:
    """Take an order up; when its time has come, write down what the network is to do. Return its state."""
    row = _locked(order_id)
    if row is None or row.state not in (State.ACKNOWLEDGED, State.PENDING) or row.command_id is not None:
        return State(row.state) if row else None
    if row.state == State.ACKNOWLEDGED:
        step(row, Event.TAKEN_UP, at)
    if row.effective_at > at:
        return State(row.state)
    line = lines.served_by_id(row.line_id)
    if line is None:
        return _fail(row, None, CLOSED, at)
    try:
        row.command_id = KINDS[row.action].ask(row, line, at)
    except Impossible as why:
        return _fail(row, line, why.reason, at)
    except NotYet:
        return State(row.state)
    if row.command_id is not None:
        row.save(update_fields=["command_id"])
        return State(row.state)
    # The network has no part in it.
    step(row, Event.ASKED, at)
    return _complete(row, line, at, at)


@transaction.atomic
def note_asked(*, order_id: UUID, at: datetime) -> State | None:
    """The network was asked: from now on it may be done."""
    row = _locked(order_id)
    if row is not None and row.state == State.PENDING:
        step(row, Event.ASKED, at)
    return State(row.state) if row else None


@transaction.atomic
def settle(*, order_id: UUID, at: datetime) -> State | None:
    """Write down what came of the network's answer, if there is one: done and paid, or failed and released."""
    row = _locked(order_id)
    if row is None or row.state not in OPEN or row.command_id is None:
        return State(row.state) if row else None
    asked = provisioning_queries.command(row.command_id)
    if asked is None or asked.state not in (Asked.DONE, Asked.REFUSED) or asked.ended_at is None:
        return State(row.state)
    if row.state == State.PENDING:
        # That it was asked comes later than that it is done, or never came.
        step(row, Event.ASKED, min(asked.sent_at or at, at))
    line = lines.served_by_id(row.line_id)
    if asked.state is Asked.REFUSED:
        return _fail(row, line, asked.reason, at)
    if line is None:
        return _fail(row, None, CLOSED, at)
    return _complete(row, line, asked.ended_at, at)


@transaction.atomic
def note_done(*, order_id: UUID, at: datetime) -> State | None:
    """It was done without a command of ours, while it waited for its owner: it has its end and is paid."""
    row = _locked(order_id)
    if row is None or row.state not in (State.ACKNOWLEDGED, State.PENDING) or row.command_id is not None:
        return State(row.state) if row else None
    line = lines.served_by_id(row.line_id)
    if line is None:
        return _fail(row, None, CLOSED, at)
    if row.state == State.ACKNOWLEDGED:
        step(row, Event.TAKEN_UP, at)
    step(row, Event.ASKED, at)
    return _complete(row, line, at, at)


def give_up(*, line_id: int, at: datetime) -> None:
    """End the orders of a line that is closed, unless the network was asked already; their money is free again."""
    for order_id in models.Order.objects.filter(line_id=line_id, state__in=OPEN).values_list("id", flat=True):
        with transaction.atomic():
            row = _locked(order_id)
            if row is not None and row.state in UNDONE_IN and _is_withdrawn(row, at):
                _fail(row, None, CLOSED, at)


def due(at: datetime) -> list[UUID]:
    """Return the orders that somebody should look after: whose time has come, or whose command has ended.

    What waits for the network or, for days, for its owner comes after what only waits for us.
    """
    waits = Case(
        When(command_id__isnull=False, then=1),
        When(Exists(models.SimChange.objects.filter(order_id=OuterRef("id"), waits_until__gt=at)), then=2),
        default=0,
    )
    found = models.Order.objects.filter(state__in=OPEN, effective_at__lte=at).order_by(waits, "effective_at", "id")
    return list(found.values_list("id", flat=True)[:AT_ONCE_MAX])


def advance(*, order_id: UUID, at: datetime) -> State | None:
    """Do whatever is next for the order; safe at any time."""
    take_up(order_id=order_id, at=at)
    return settle(order_id=order_id, at=at)


def _is_withdrawn(row: models.Order, at: datetime) -> bool:
    """Return whether the network will do nothing for the order, which is locked."""
    return row.command_id is None or provisioning.withdraw(command_id=row.command_id, at=at)


def _complete(row: models.Order, line: Line, done_at: datetime, at: datetime) -> State:
    """It is done, since `done_at`: the line has it or has it no more, and what was held for it is taken."""
    KINDS[row.action].complete(row, line, done_at, at)
    step(row, Event.DONE, done_at)
    notices.completed(row, line)
    outbox.announce(OrderCompleted(str(row.id), row.contract_id))
    return State.COMPLETED


def _fail(row: models.Order, line: Line | None, reason: str, at: datetime) -> State:
    """It will not be done: what was held is released, and the owner learns why. `line` is None when it is closed."""
    log.warning("order %s failed: %s", row.id, reason)
    step(row, Event.REFUSED, at, reason)
    KINDS[row.action].call_off(row, at)
    release(row, at)
    if line is not None:
        notices.failed(row, line)
    outbox.announce(OrderFailed(str(row.id), row.contract_id))
    return State.FAILED


def _locked(order_id: UUID) -> models.Order | None:
    return models.Order.objects.select_for_update(no_key=True).filter(id=order_id).first()
