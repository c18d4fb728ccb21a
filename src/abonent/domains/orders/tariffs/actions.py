"""A change of the tariff is ordered. What becomes of the order stands in `fulfilment`, with that of services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.billing import products as money
from abonent.domains.billing import tariffs as billing
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines import tariffs
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.actions import Changed, DifferentOrder, Refused
from abonent.domains.orders.events import OrderPlaced
from abonent.domains.orders.queries import NoSuchOffer, Order
from abonent.domains.orders.rules import Action, Refusal, Why
from abonent.domains.orders.states import State
from abonent.domains.orders.tariffs import queries as tariffs_queries
from abonent.domains.orders.tariffs.queries import TariffStanding
from abonent.foundation import outbox


@dataclass(frozen=True, slots=True)
class TariffWish:
    """What somebody wants, as their form showed it: the version for `total_minor`, from `effective_at` (None: now) on.

    `total_minor` is `billing.tariffs_rules.Quote.total_minor`; the rest is as in `actions.Wish`.
    """

    order_id: UUID
    line: Line
    tariff_version_id: int
    total_minor: int
    effective_at: datetime | None
    channel: str
    account_id: int | None
    placed_by: str = ""


@transaction.atomic
def place(*, wish: TariffWish, at: datetime) -> Order:
    """Write the order down, hold its price, and have it taken up; the same wish again is the same order.

    Raises `Refused`, `Changed`, `DifferentOrder` and `identity.freezing.Frozen`; then nothing has changed.
    """
    if wish.account_id is not None:
        ensure_not_frozen(wish.account_id)
    money.take_turn(wish.line.contract_id)
    version = catalog.tariff_versions([wish.tariff_version_id]).get(wish.tariff_version_id)
    if version is None:
        raise Changed
    if (made := models.Order.objects.filter(id=wish.order_id).first()) is not None:
        if (made.line_id, made.tariff_version_id) != (wish.line.id, version.id):
            raise DifferentOrder
        return queries.value_of(made)
    # As it is by now: whoever was before us may have changed it.
    line = lines.served_by_id(wish.line.id)
    if line is None:
        raise Refused(Refusal(Why.NOT_FOR_LINE))
    standing = _standing(line, version, wish, at)
    price = tariffs_queries.price_of(standing.quote)
    # The line before its money, as whoever carries the change out: two at once wait for each other in one order.
    if standing.effective_at > at:
        tariffs.plan(line_id=line.id, at=standing.effective_at)
    try:
        money.hold(order_id=wish.order_id, line=line, price=price, at=at, category=billing.CATEGORY)
    except money.Short as short:
        raise Refused(Refusal(Why.SHORT, missing_minor=short.missing_minor)) from None
    row = _record(wish, version, standing, at)
    outbox.announce(OrderPlaced(str(row.id)))
    return queries.value_of(row)


def _standing(line: Line, version: TariffVersion, wish: TariffWish, at: datetime) -> TariffStanding:
    try:
        standing = tariffs_queries.standing(line, version.tariff_code, at, wish.effective_at)
    except NoSuchOffer:
        other = version.service != line.service
        raise Refused(Refusal(Why.NOT_FOR_LINE if other else Why.NOT_SOLD)) from None
    if standing.refusal is not None:
        raise Refused(standing.refusal)
    if standing.offer.version.id != version.id or standing.quote.total_minor != wish.total_minor:
        raise Changed
    return standing


def _record(wish: TariffWish, version: TariffVersion, standing: TariffStanding, at: datetime) -> models.Order:
    quote = standing.quote
    row = models.Order.objects.create(
        id=wish.order_id,
        line_id=wish.line.id,
        contract_id=wish.line.contract_id,
        action=Action.TARIFF,
        offer_code=version.tariff_code,
        tariff_version_id=version.id,
        state=State.ACKNOWLEDGED,
        channel=wish.channel,
        account_id=wish.account_id,
        placed_by=wish.placed_by,
        placed_at=at,
        effective_at=standing.effective_at,
        once_minor=quote.once_minor,
        fee_minor=0,
        first_day=quote.first,
        end_day=quote.end,
        next_minor=version.fee_minor,
        next_day=quote.first if version.fee_minor else None,
    )
    models.Step.objects.create(order=row, state=row.state, at=at)
    return row
