"""The money of an order for a service: held when it is placed, taken when it is done, or else released.

What is held is out of reach of everything else, so what was promised can be paid when the network is ready. The fee of
the first days is that of the moment of connecting, and never more than was held: later fees are those of the runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import models, posting, products_rules
from abonent.domains.billing.fees import actions as fees
from abonent.domains.billing.fees import products as fees_products
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees import store as fees_store
from abonent.domains.billing.fees.rules import Fee, FeeLine
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.products_rules import CATEGORY, ONCE_RULE, Price
from abonent.domains.billing.rules import Assigned, Category
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.ledger import actions as ledger
from abonent.domains.ledger import queries as balances
from abonent.domains.ledger import queries_bulk as locked
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.products.queries import Product
from abonent.domains.lines.queries import Line

KIND = "service"
# Parts of an order's price.
ONCE, FEE = "once", "fee"
# What a change of the line itself costs is a fee, as a block is.
FOR_LINE: Category = "fee"


class Short(Exception):
    """There is less than the price: so much is missing."""

    def __init__(self, missing_minor: int) -> None:
        super().__init__(missing_minor)
        self.missing_minor = missing_minor


def price(line: Line, version: OfferVersion, at: datetime) -> Price:
    """Return what it costs to connect the service at `at`, and what it costs then."""
    ended = products_queries.ended_on_day_of(at, line_id=line.id, offer_version_id=version.id or 0)
    mark = fees_products.marks_of([ended.id]).get(ended.id) if ended else None
    return products_rules.price(_fee_line(line, ended, at), version, mark, at, _zone())


def available(contract_id: int) -> int:
    """Return what the contract can spend in minor units, less what is held."""
    found = models.Account.objects.filter(contract_id=contract_id).first()
    return balances.available(found.ledger_account_id) if found else 0


def next_fees(line: Line, products: Sequence[Product]) -> dict[int, date]:
    """Return the day from which the fee of each of the line's services is not paid yet, by its id."""
    marks = fees_products.marks_of([one.id for one in products])
    zone = _zone()
    return {one.id: fees_rules.next_day(_fee_line(line, one, one.since), marks.get(one.id), zone) for one in products}


def given_back_minor(line: Line, product: Product, version: OfferVersion, at: datetime) -> int:
    """Return what is given back of days that are paid, when the service ends at `at`."""
    mark = fees_products.marks_of([product.id]).get(product.id)
    if mark is None or mark.version_id is None:
        return 0
    ended = _fee_line(line, product, at)._replace(closed_at=max(at, product.since))
    assigned = [Assigned(version.as_fee(), product.since, None)]
    back, _ = fees_rules.given_back(ended, mark, assigned, max(at, product.since), _zone())
    return -back.amount_minor if back else 0


def next_period(line: Line, at: datetime) -> datetime:
    """Return when the line's next period begins."""
    zone = _zone()
    day = at.astimezone(zone).date()
    _, following = fees_rules.period_days(line.period_day, fees_rules.month_of(line.period_day, day))
    return fees_rules.midnight(following, zone)


def take_turn(contract_id: int) -> None:
    """Let the orders of a contract be placed one after the other, to the end of the transaction."""
    posting.accounts([contract_id])
    with connection.cursor() as cursor:
        cursor.execute("select from billing_account where contract_id = %s for no key update", [contract_id])


@transaction.atomic
def hold(*, order_id: UUID, line: Line, price: Price, at: datetime, category: Category = CATEGORY) -> None:
    """Hold the price, once; raise `Short` and hold nothing when a prepaid contract has less.

    `category` is that of the charge that it will be.
    """
    if not price.total_minor:
        return
    account = _account(line.contract_id)
    # Whoever else takes money waits here, and sees less.
    there = locked.locked_available([account])[account]
    if missing := products_rules.missing_minor(price.total_minor, there, prepaid=line.prepaid):
        raise Short(missing)
    revenue = posting.revenue_accounts()[category]
    parts = {ONCE: price.once_minor, FEE: price.fee_minor}
    ledger.post_linked(
        [
            ledger.Hold(posting.order_id(order_id, part), account, revenue, amount, at, KIND)
            for part, amount in parts.items()
            if amount
        ]
    )


@transaction.atomic
def release(*, order_id: UUID, once_minor: int, fee_minor: int, at: datetime) -> None:
    """Release what is held for the order; the same again changes nothing."""
    ledger.post_linked([_void(order_id, part, at) for part in _held({ONCE: once_minor, FEE: fee_minor})])


@transaction.atomic
def take(*, order_id: UUID, line: Line, product: Product, version: OfferVersion, held: Price, at: datetime) -> int:
    """Take what is held for a service that just began, write down why, and return how much that was.

    A fee that would be more by now, since another period began on the way, is released and left to the next run.
    """
    fees.take_turn()
    account = posting.accounts([line.contract_id])
    taken = 0
    if held.once_minor:
        charge_id = posting.order_id(order_id, "charge")
        _write_once(charge_id, account["account_id"][0], line, version, at)
        ledger.post_pending(transfer_id=charge_id, pending_id=posting.order_id(order_id, ONCE), booked_at=at)
        taken += held.once_minor
    mark = fees_products.marks_of([product.id]).get(product.id)
    due = products_rules.first_fees(_fee_line(line, product, at), version, mark, at, _zone())
    due = due if version.fee_minor else []
    fits = len(due) == 1 and 0 < due[0].amount_minor <= held.fee_minor
    if fits:
        taken += _take_fee(order_id, due[0], account)
    elif held.fee_minor:
        ledger.post_linked([_void(order_id, FEE, at)])
    if taken:
        limits.note_charges([line.id], at_once=False)
    return taken


@transaction.atomic
def take_once(*, order_id: UUID, line: Line, version: OfferVersion, once_minor: int, at: datetime) -> int:
    """Take what is held for something that is paid once, and return how much that was."""
    if once_minor:
        account_id = int(posting.accounts([line.contract_id])["account_id"][0])
        charge_id = posting.order_id(order_id, "charge")
        _write_once(charge_id, account_id, line, version, at)
        ledger.post_pending(transfer_id=charge_id, pending_id=posting.order_id(order_id, ONCE), booked_at=at)
    return once_minor


@transaction.atomic
def take_for_line(*, order_id: UUID, line: Line, once_minor: int, rule: str, at: datetime) -> int:
    """Take what is held for a change of the line itself, write it down under `rule`, and return how much that was."""
    if once_minor:
        charge_id = posting.order_id(order_id, "charge")
        models.Charge.objects.create(
            id=charge_id,
            account_id=int(posting.accounts([line.contract_id])["account_id"][0]),
            line_id=line.id,
            booked_at=at,
            amount_minor=once_minor,
            price_minor=once_minor,
            quantity=1,
            included=0,
            billed_units=1,
            unit_size=1,
            tariff_version_id=line.tariff_version_id,
            category=FOR_LINE,
            rule=rule,
        )
        limits.note_charges([line.id], at_once=False)
        ledger.post_pending(transfer_id=charge_id, pending_id=posting.order_id(order_id, ONCE), booked_at=at)
    return once_minor


def _take_fee(order_id: UUID, fee: Fee, account: pl.DataFrame) -> int:
    fees_store.write([fee], account)
    ledger.post_pending(
        transfer_id=UUID(fees_store.charge_id(fee)),
        pending_id=posting.order_id(order_id, FEE),
        booked_at=fee.at,
        amount_minor=fee.amount_minor,
    )
    fees_store.mark({fee.line.key: fees_rules.mark_after(fee)})
    return fee.amount_minor


def _write_once(charge_id: UUID, account_id: int, line: Line, version: OfferVersion, at: datetime) -> None:
    models.Charge.objects.create(
        id=charge_id,
        account_id=account_id,
        line_id=line.id,
        booked_at=at,
        amount_minor=version.once_minor,
        price_minor=version.once_minor,
        quantity=1,
        included=0,
        billed_units=1,
        unit_size=1,
        tariff_version_id=version.id or 0,
        category=CATEGORY,
        rule=ONCE_RULE,
        peer=version.code,
    )


def _fee_line(line: Line, product: Product | None, at: datetime) -> FeeLine:
    """Return the service as what fees are due for; one that is not there yet begins at `at`."""
    plain = FeeLine(line.id, line.contract_id, line.period_day, at, None, line.prepaid)
    if product is None:
        return plain
    return plain._replace(opened_at=product.since, product_id=product.id, offer_code=product.offer_code)


def _held(parts: Mapping[str, int]) -> list[str]:
    return [part for part, amount in parts.items() if amount]


def _void(order_id: UUID, part: str, at: datetime) -> ledger.VoidPending:
    return ledger.VoidPending(posting.order_id(order_id, f"void {part}"), posting.order_id(order_id, part), at)


def _account(contract_id: int) -> int:
    return int(posting.accounts([contract_id])["ledger_account_id"][0])


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
