"""A line gets another number by its owner's wish: held while they decide, then ordered.

Locks are taken in one order: the account, the turn of the contract, that of the line, the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.billing import products as money
from abonent.domains.identity import journal
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.lines.numbers import actions as kept
from abonent.domains.lines.numbers.actions import NotFree
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.actions import Changed, DifferentOrder
from abonent.domains.orders.numbers import queries as numbers_queries
from abonent.domains.orders.numbers import rules
from abonent.domains.orders.numbers.queries import Standing
from abonent.domains.orders.numbers.rules import ORDINARY, Terms
from abonent.domains.orders.queries import Order
from abonent.domains.orders.rules import Action
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.sims.actions import Refused, record, tell_owners
from abonent.domains.orders.sims.actions import hold as hold_money
from abonent.domains.orders.sims.queries import NotOffered
from abonent.domains.orders.sims.rules import Refusal, Why

# What stands where an order names its service; no code of an offer has a blank.
CODE = "another number"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, as their form showed it: `number` (E.164) for `total_minor` under the terms of `rules_id`.

    The rest is as in `actions.Wish`.
    """

    order_id: UUID
    line: Line
    number: str
    rules_id: int
    total_minor: int
    channel: str
    account_id: int | None
    placed_by: str = ""


@transaction.atomic
def publish_rules(*, valid_from: date, terms: Terms) -> int:
    """Store the terms that hold from a local day on and return their id; the same again changes nothing.

    Raises `InvalidTerms`, and `ValueError` when that day already has other terms.
    """
    rules.check(terms)
    return numbers_queries.TERMS.publish(valid_from=valid_from, terms=terms)


@transaction.atomic
def hold(*, line: Line, number: str, account_id: int, at: datetime) -> None:
    """Keep the number from others for some minutes, and what was held before no more.

    Raises `Refused`, `lines.numbers.NotFree`, and `identity.freezing.Frozen`.
    """
    ensure_not_frozen(account_id)
    try:
        found = numbers_queries.in_force(queries.local_day(at))
    except NotOffered:
        raise Refused(Refusal(Why.NOT_OFFERED)) from None
    if (refusal := rules.refused(sims_queries.facts(line, None))) is not None:
        raise Refused(refusal)
    kept.hold(number=number, line_id=line.id, until=found.terms.held_until(at), at=at)


@transaction.atomic
def place(*, wish: Wish, at: datetime) -> Order:
    """Write the order down, hold its price, and have it taken up after the wait; the same again is the same order.

    All who see the line hear of it at once, in time to stop it. Raises `Refused`, `actions.Changed`,
    `actions.DifferentOrder` and `identity.freezing.Frozen`; then nothing has changed.
    """
    if wish.account_id is not None:
        ensure_not_frozen(wish.account_id)
    money.take_turn(wish.line.contract_id)
    if (made := models.Order.objects.filter(id=wish.order_id).first()) is not None:
        change = models.NumberChange.objects.filter(order_id=made.id).first()
        if change is None or (made.line_id, change.after) != (wish.line.id, wish.number):
            raise DifferentOrder
        return queries.value_of(made)
    # As it is by now: whoever was before us may have changed it.
    line = lines.served_by_id(wish.line.id)
    if line is None:
        raise Refused(Refusal(Why.BLOCKED))
    standing = _standing(line, wish, at)
    try:
        kept.keep(number=wish.number, line_id=line.id, rest_days=standing.rules.terms.rest_days, at=at)
    except NotFree:
        raise Refused(Refusal(Why.NOT_HELD)) from None
    hold_money(line, wish.order_id, standing.total_minor, at)
    row = record(wish, line, Action.NUMBER, CODE, standing.total_minor, standing.effective_at, at)
    models.NumberChange.objects.create(
        order=row, before=line.number, after=wish.number,
        beauty=standing.beauty.code if standing.beauty else ORDINARY,
    )  # fmt: skip
    tell_owners(line, EventKind.NUMBER_ASKED, at, by=wish.placed_by or journal.OWNER)
    return queries.value_of(row)


def _standing(line: Line, wish: Wish, at: datetime) -> Standing:
    try:
        standing = numbers_queries.standing(line, wish.number, at)
    except NotOffered:
        raise Refused(Refusal(Why.NOT_OFFERED)) from None
    if standing.refusal is not None:
        raise Refused(standing.refusal)
    if (standing.rules.id, standing.total_minor) != (wish.rules_id, wish.total_minor):
        raise Changed
    return standing
