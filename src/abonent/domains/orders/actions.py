"""Orders are placed, and undone before they take effect. What becomes of them in between stands in `fulfilment`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.billing import products as money
from abonent.domains.billing.products_rules import Price
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries, rules
from abonent.domains.orders.events import OrderPlaced
from abonent.domains.orders.kinds import KINDS
from abonent.domains.orders.queries import NoSuchOrder, Order
from abonent.domains.orders.rules import Action, Refusal, Why
from abonent.domains.orders.states import UNDONE_IN, Event, State
from abonent.domains.orders.steps import release, step
from abonent.foundation import outbox


class Refused(Exception):
    """It cannot be ordered now; nothing was held."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.why)
        self.refusal = refusal


class Changed(Exception):
    """The price or the terms are not those that were shown; nothing was held."""


class DifferentOrder(Exception):
    """The id is that of an order with other content."""


class TooLate(Exception):
    """It has taken effect, or may have: the network was asked."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, as their form showed it: `offer_version_id` for `total_minor`, from `effective_at` on.

    `order_id` is the form's. `channel` is where it came from; `account_id` who asked, None: staff, then `placed_by`
    says which.
    """

    order_id: UUID
    line: Line
    action: Action
    offer_version_id: int
    total_minor: int
    effective_at: datetime | None
    channel: str
    account_id: int | None
    placed_by: str = ""


@transaction.atomic
def place(*, wish: Wish, at: datetime) -> Order:
    """Write the order down, hold its price, and have it taken up; the same wish again is the same order.

    Raises `Refused`, `Changed`, `DifferentOrder` and `identity.freezing.Frozen`; then nothing has changed.
    """
    if wish.account_id is not None:
        ensure_not_frozen(wish.account_id)
    money.take_turn(wish.line.contract_id)
    version = offers_queries.offer_versions([wish.offer_version_id]).get(wish.offer_version_id)
    if version is None:
        raise Changed
    if (made := models.Order.objects.filter(id=wish.order_id).first()) is not None:
        if (made.line_id, made.action, made.offer_version_id) != (wish.line.id, wish.action, version.id):
            raise DifferentOrder
        return queries.value_of(made)
    # As it is by now: whoever was before us may have changed it.
    line = lines.served_by_id(wish.line.id)
    if line is None:
        raise Refused(Refusal(Why.NOT_FOR_LINE))
    refusal = rules.refused(wish.action, version, queries.facts(line), queries.local_day(at))
    if refusal is not None:
        raise Refused(refusal)
    effective_at = max(wish.effective_at or at, at)
    price = queries.price_of(line, version, wish.action, effective_at)
    if price.total_minor != wish.total_minor:
        raise Changed
    if (limited := queries.held_back(line, price, effective_at, at)) is not None:
        raise Refused(limited)
    try:
        money.hold(order_id=wish.order_id, line=line, price=price, at=at)
    except money.Short as short:
        raise Refused(Refusal(Why.SHORT, missing_minor=short.missing_minor)) from None
    row = _record(wish, version, price, effective_at, at)
    outbox.announce(OrderPlaced(str(row.id)))
    return queries.value_of(row)


def _record(wish: Wish, version: OfferVersion, price: Price, effective_at: datetime, at: datetime) -> models.Order:
    row = models.Order.objects.create(
        id=wish.order_id,
        line_id=wish.line.id,
        contract_id=wish.line.contract_id,
        action=wish.action,
        offer_code=version.code,
        offer_version_id=version.id or 0,
        state=State.ACKNOWLEDGED,
        channel=wish.channel,
        account_id=wish.account_id,
        placed_by=wish.placed_by,
        placed_at=at,
        effective_at=effective_at,
        once_minor=price.once_minor,
        fee_minor=price.fee_minor,
        first_day=price.first,
        end_day=price.end,
        next_minor=price.next_minor,
        next_day=price.next_on,
    )
    models.Step.objects.create(order=row, state=row.state, at=at)
    return row


@transaction.atomic
def undo(*, order_id: UUID, line_ids: list[int], at: datetime, role: str = "") -> Order:
    """Call an order off before it takes effect and release what is held; one that is called off stays so.

    `role` is the one in which the lines are seen, empty: one's own. Raises `NoSuchOrder`, and `TooLate` when the
    network was asked already.
    """
    found = models.Order.objects.select_for_update(no_key=True).filter(id=order_id, line_id__in=line_ids)
    row = found.filter(action__in=rules.seen_as(role)).first()
    if row is None:
        raise NoSuchOrder
    if row.state == State.CANCELLED:
        return queries.value_of(row)
    if row.state not in UNDONE_IN:
        raise TooLate
    if row.command_id is not None and not provisioning.withdraw(command_id=row.command_id, at=at):
        raise TooLate
    KINDS[row.action].call_off(row, at)
    step(row, Event.UNDONE, at)
    release(row, at)
    return queries.value_of(row)


def forget_person(*, account_id: int) -> None:
    """Keep no longer which account placed its orders."""
    models.Order.objects.filter(account_id=account_id).update(account_id=None)
    models.HandsetWish.objects.filter(account_id=account_id).update(account_id=None)
