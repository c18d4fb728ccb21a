"""A line is blocked by its owner's wish: ordered, begun when the network has done it, ended by its owner or its day.

Locks are taken in one order: the order's row, the turn of the fees, the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction

from abonent.domains.billing import products as money
from abonent.domains.billing.pauses import actions as pauses
from abonent.domains.catalog.offers.rules import LINE_SERVICES
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.queries import Bar
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.actions import Changed, DifferentOrder
from abonent.domains.orders.blocks import notices as blocks_notices
from abonent.domains.orders.blocks import queries as blocks_queries
from abonent.domains.orders.blocks import rules
from abonent.domains.orders.blocks.queries import NotOffered, Standing
from abonent.domains.orders.blocks.rules import Refusal, Terms, Why
from abonent.domains.orders.events import OrderPlaced
from abonent.domains.orders.queries import Order
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import State
from abonent.domains.orders.tariffs.queries import midnight
from abonent.foundation import outbox, rounds

# What stands where an order names its service; no code of an offer has a blank.
CODE = "voluntary block"
BY_CLOCK = "clock"
WARNED_BEFORE = timedelta(days=1)


class Refused(Exception):
    """The line is not blocked; nothing was held."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.why)
        self.refusal = refusal


class WrongDay(Exception):
    """The block cannot end on that day: between tomorrow and the day on which it ends anyway."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, as their form showed it: a block from `first` (None: at once) to before `end`.

    `total_minor` under the terms of `rules_id`. `order_id` is the form's; the rest is as in `actions.Wish`.
    """

    order_id: UUID
    line: Line
    first: date | None
    end: date
    rules_id: int
    total_minor: int
    channel: str
    account_id: int | None
    placed_by: str = ""


@transaction.atomic
def publish_rules(*, valid_from: date, terms: Terms, service: str = "mobile") -> int:
    """Store the terms that hold for a kind of lines from a local day on and return their id; again changes nothing.

    Raises `InvalidTerms`, and `ValueError` when that day already has other terms.
    """
    rules.check(terms)
    if service not in LINE_SERVICES:
        raise ValueError(f"lines are of one of these kinds: {', '.join(LINE_SERVICES)}")
    return blocks_queries.TERMS.publish(valid_from=valid_from, terms=terms, of=service)


@transaction.atomic
def place(*, wish: Wish, at: datetime) -> Order:
    """Write the order down, hold its price, and have it taken up; the same wish again is the same order.

    Raises `Refused`, `actions.Changed`, `actions.DifferentOrder` and `identity.freezing.Frozen`; then nothing has
    changed.
    """
    if wish.account_id is not None:
        ensure_not_frozen(wish.account_id)
    money.take_turn(wish.line.contract_id)
    if (made := models.Order.objects.filter(id=wish.order_id).first()) is not None:
        if (made.line_id, made.action, made.end_day) != (wish.line.id, Action.BLOCK, wish.end):
            raise DifferentOrder
        return queries.value_of(made)
    # As it is by now: whoever was before us may have changed it.
    line = lines.served_by_id(wish.line.id)
    if line is None:
        raise Refused(Refusal(Why.SILENT))
    standing = _standing(line, wish, at)
    price = blocks_queries.price_of(standing.rules.terms, standing.pause, standing.quote)
    try:
        money.hold(order_id=wish.order_id, line=line, price=price, at=at, category=pauses.CATEGORY)
    except money.Short as short:
        raise Refused(Refusal(Why.SHORT, missing_minor=short.missing_minor)) from None
    row = models.Order.objects.create(
        id=wish.order_id,
        line_id=line.id,
        contract_id=line.contract_id,
        action=Action.BLOCK,
        offer_code=CODE,
        state=State.ACKNOWLEDGED,
        channel=wish.channel,
        account_id=wish.account_id,
        placed_by=wish.placed_by,
        placed_at=at,
        effective_at=standing.effective_at or at,
        once_minor=price.once_minor,
        fee_minor=0,
        first_day=price.first,
        end_day=price.end,
        next_minor=price.next_minor,
        next_day=price.next_on,
    )
    models.Step.objects.create(order=row, state=row.state, at=at)
    outbox.announce(OrderPlaced(str(row.id)))
    return queries.value_of(row)


def _standing(line: Line, wish: Wish, at: datetime) -> Standing:
    try:
        standing = blocks_queries.standing(line, wish.first, wish.end, at)
    except NotOffered:
        raise Refused(Refusal(Why.NOT_OFFERED)) from None
    if standing.refusal is not None:
        raise Refused(standing.refusal)
    if (standing.rules.id, standing.total_minor) != (wish.rules_id, wish.total_minor):
        raise Changed
    return standing


@transaction.atomic
def lift(*, line: Line, by: str, at: datetime) -> bool:
    """End the block at once; the day that began is the last of it. Return whether there was one."""
    pauses.take_turn()
    stood = bars_queries.stands(line.id, Kind.VOLUNTARY)
    if stood is None:
        return False
    if stood.reference is not None:
        pauses.end(order_id=stood.reference, line=line, ends_at=at, at=at)
    bars.lift(line_id=line.id, kind=Kind.VOLUNTARY, by=by, at=at)
    blocks_notices.ended(line)
    return True


@transaction.atomic
def lift_on(*, line: Line, day: date, at: datetime) -> None:
    """Let the block end with the beginning of `day`, sooner than it would; raise `WrongDay`."""
    pauses.take_turn()
    stood = bars_queries.stands(line.id, Kind.VOLUNTARY)
    ends_at = midnight(day)
    if stood is None or stood.ends_at is None or not at < ends_at <= stood.ends_at:
        raise WrongDay
    bars.end_on(line_id=line.id, kind=Kind.VOLUNTARY, ends_at=ends_at)
    if stood.reference is not None:
        pauses.end(order_id=stood.reference, line=line, ends_at=ends_at, at=at)


def end_due(*, at: datetime) -> int:
    """End the blocks whose day has come, each by itself; return how many that were."""
    return rounds.each(bars_queries.ending(Kind.VOLUNTARY, at, told=True), partial(_end_due, at=at))


def warn_due(*, at: datetime) -> int:
    """Tell whose block ends within a day, once; return how many that were."""
    return rounds.each(bars_queries.ending(Kind.VOLUNTARY, at + WARNED_BEFORE, told=False), partial(_warn_due, at=at))


def _end_due(stood: Bar, *, at: datetime) -> None:
    line = lines.served_by_id(stood.line_id)
    if line is not None:
        lift(line=line, by=BY_CLOCK, at=at)


@transaction.atomic
def _warn_due(stood: Bar, *, at: datetime) -> None:
    line = lines.served_by_id(stood.line_id)
    if line is None or stood.ends_at is None:
        return
    if bars.note_warned(line_id=stood.line_id, kind=Kind.VOLUNTARY, at=at):
        blocks_notices.ends_soon(line, stood.ends_at)
