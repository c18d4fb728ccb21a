"""An order on its way: taken up by a worker, asked of the network, done or refused, paid or released, told.

Each step is one transaction under the lock of the order's row and may be tried again: a worker that is killed between
two is replaced by the next, which finds the order where it stands.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from abonent.domains.billing import packages
from abonent.domains.billing import products as money
from abonent.domains.billing.products_rules import Price
from abonent.domains.catalog import offers_queries
from abonent.domains.catalog.offers_rules import OfferVersion
from abonent.domains.lines import products, products_queries, provisioning, provisioning_queries
from abonent.domains.lines import queries as lines
from abonent.domains.lines.provisioning_rules import State as Asked
from abonent.domains.lines.queries import Line
from abonent.domains.orders import blocks_fulfilment, models, notices, rules, tariffs_fulfilment
from abonent.domains.orders.events import OrderCompleted, OrderFailed
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import OPEN, UNDONE_IN, Event, State
from abonent.domains.orders.steps import release, step
from abonent.foundation import outbox

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500
CLOSED, NO_BLOCK = "line closed", "no block any more"


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
    if row.action == Action.BLOCK:
        return _bar(row, line, at)
    on, off = _switched(row, line)
    if on or off:
        row.command_id = uuid5(row.id, "command")
        row.save(update_fields=["command_id"])
        provisioning.enqueue(command_id=row.command_id, line_id=row.line_id, on=on, off=off, reference=row.id, at=at)
        return State(row.state)
    # The network has no part in it.
    step(row, Event.ASKED, at)
    return _complete(row, line, at, at)


def _bar(row: models.Order, line: Line, at: datetime) -> State:
    asked = blocks_fulfilment.bar(row, at)
    if asked is None:
        return _fail(row, line, NO_BLOCK, at)
    if asked:
        return State(row.state)
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


def give_up(*, line_id: int, at: datetime) -> None:
    """End the orders of a line that is closed and for which the network was not asked; their money is free again."""
    for order_id in models.Order.objects.filter(line_id=line_id, state__in=OPEN).values_list("id", flat=True):
        with transaction.atomic():
            row = _locked(order_id)
            if row is not None and row.state in UNDONE_IN and row.command_id is None:
                _fail(row, None, CLOSED, at)


def due(at: datetime) -> list[UUID]:
    """Return the orders that somebody should look after: whose time has come, or whose command has ended."""
    waiting = models.Order.objects.filter(state__in=OPEN, effective_at__lte=at).order_by("effective_at")
    return list(waiting.values_list("id", flat=True)[:AT_ONCE_MAX])


def advance(*, order_id: UUID, at: datetime) -> State | None:
    """Do whatever is next for the order; safe at any time."""
    take_up(order_id=order_id, at=at)
    return settle(order_id=order_id, at=at)


def _complete(row: models.Order, line: Line, done_at: datetime, at: datetime) -> State:
    """It is done, since `done_at`: the line has it or has it no more, and what was held for it is taken."""
    if row.action == Action.TARIFF:
        tariffs_fulfilment.change(row, line, done_at, at)
    elif row.action == Action.BLOCK:
        blocks_fulfilment.begin(row, line, done_at, at)
    elif row.action == Action.CONNECT and (version := _version(row)).package is not None:
        # One that was to begin later begins then, however late somebody looks after it.
        since = row.effective_at if row.effective_at > row.placed_at else done_at
        row.taken_minor = packages.begin(
            order_id=row.id, line=line, version=version, once_minor=row.once_minor, since=since, at=at
        )
    elif row.action == Action.CONNECT:
        version = _version(row)
        product = products.begin(line_id=row.line_id, offer_version_id=version.id or 0, at=done_at)
        held = Price(row.once_minor, row.fee_minor, row.first_day, row.end_day, row.next_minor, row.next_day)
        row.taken_minor = money.take(
            order_id=row.id, line=line, product=product, version=version, held=held, at=done_at
        )
    else:
        products.end(line_id=row.line_id, offer_code=row.offer_code, at=done_at)
    step(row, Event.DONE, done_at)
    notices.completed(row, line)
    outbox.announce(OrderCompleted(str(row.id), row.contract_id))
    return State.COMPLETED


def _fail(row: models.Order, line: Line | None, reason: str, at: datetime) -> State:
    """It will not be done: what was held is released, and the owner learns why. `line` is None when it is closed."""
    log.warning("order %s failed: %s", row.id, reason)
    step(row, Event.REFUSED, at, reason)
    if row.action == Action.BLOCK:
        blocks_fulfilment.unbar(row, at)
    release(row, at)
    if line is not None:
        notices.failed(row, line)
    outbox.announce(OrderFailed(str(row.id), row.contract_id))
    return State.FAILED


def _switched(row: models.Order, line: Line) -> tuple[set[str], set[str]]:
    if row.action == Action.TARIFF:
        return tariffs_fulfilment.switched(row, line)
    return rules.switched(Action(row.action), _version(row), _others(row.line_id))


def _others(line_id: int) -> dict[str, OfferVersion]:
    """Return the terms of what the line has now, by code."""
    has = products_queries.of_line(line_id)
    versions = offers_queries.offer_versions(one.offer_version_id for one in has)
    return {one.offer_code: versions[one.offer_version_id] for one in has}


def _version(row: models.Order) -> OfferVersion:
    version_id = row.offer_version_id or 0
    return offers_queries.offer_versions([version_id])[version_id]


def _locked(order_id: UUID) -> models.Order | None:
    return models.Order.objects.select_for_update(no_key=True).filter(id=order_id).first()
