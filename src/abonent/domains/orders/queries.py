"""Reads of orders; values, not models."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from abonent.domains.billing import products as money
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.limits import rules as limits_rules
from abonent.domains.billing.products_rules import Price, missing_minor
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import shelves as offers_shelves
from abonent.domains.catalog.offers.rules import Category, OfferVersion
from abonent.domains.catalog.offers.shelves import Look, Shelf
from abonent.domains.catalog.packages_rules import BUCKETS, Package
from abonent.domains.lines.bars.rules import bars_all
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.products.queries import Product
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.provisioning import queries as provisioning_queries
from abonent.domains.lines.provisioning.queries import Asked
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, rules
from abonent.domains.orders.rules import OF_LINES, OF_SERVICES, Action, Facts, Refusal, Why
from abonent.domains.orders.states import OPEN, UNDONE_IN, State

HISTORY_SHOWN = 100


class NoSuchOrder(LookupError):
    """The order is not there, or not yours: the same answer to both."""


class NoSuchOffer(LookupError):
    """The line has no such service, and none is sold for it."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as its owner sees it; see the table of the same name. `names` and `per` are the service's or tariff's.

    `package` is what it adds, when it is for one.

    `version_id` is that of the service, or of the tariff when that is changed.
    """

    id: UUID
    line_id: int
    contract_id: int
    action: Action
    offer_code: str
    version_id: int
    names: dict[str, str]
    per: str
    state: State
    reason: str
    channel: str
    placed_at: datetime
    effective_at: datetime
    ended_at: datetime | None
    once_minor: int
    fee_minor: int
    first_day: date
    end_day: date
    next_minor: int
    next_day: date | None
    taken_minor: int
    command_id: UUID | None
    package: Package | None = None

    @property
    def is_package(self) -> bool:
        return self.package is not None

    @property
    def total_minor(self) -> int:
        return self.once_minor + self.fee_minor

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def may_be_undone(self) -> bool:
        """Return whether it has not taken effect, as far as is known."""
        return self.state in UNDONE_IN


@dataclass(frozen=True, slots=True)
class Trace:
    """An order with the states it came through, in time, and what the network was asked for it."""

    order: Order
    steps: tuple[tuple[State, datetime], ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Connected:
    """A service that the line has, on the terms of its version; `order_id` is what is on the way with it.

    The fee is paid until `next_on`, None: it has none.
    """

    product: Product
    version: OfferVersion
    next_on: date | None
    order_id: UUID | None


@dataclass(frozen=True, slots=True)
class Shop:
    """What a line has, what is on the way to it, and what is sold for it besides."""

    connected: tuple[Connected, ...]
    coming: tuple[Order, ...]
    shelves: tuple[Shelf, ...]
    categories: tuple[Category, ...]
    look: Look

    @property
    def available(self) -> tuple[OfferVersion, ...]:
        """Return what is shown of all shelves."""
        return tuple(version for shelf in self.shelves for version in shelf.versions)


@dataclass(frozen=True, slots=True)
class Standing:
    """A service for a line: what may be done with it, what that costs now and at another moment, or why not.

    `product` is None for one that the line has not; `refusal` None: it may be ordered. `related` are the offers that
    a refusal names, by code. `given_back_minor` comes back when it is disconnected.
    """

    version: OfferVersion
    action: Action
    product: Product | None
    open_order: Order | None
    price: Price
    available_minor: int
    refusal: Refusal | None
    related: dict[str, OfferVersion]
    given_back_minor: int = 0


def facts(line: Line) -> Facts:
    """Return what rules want to know of a line; read after its turn was taken, they hold to the end of it."""
    products = products_queries.of_line(line.id)
    orders = list(_for_services().filter(line_id=line.id, state__in=OPEN))
    ids = {product.offer_version_id for product in products} | {order.offer_version_id for order in orders}
    versions = offers_queries.offer_versions(id_ for id_ in ids if id_)
    terms = catalog.tariff_version(line.tariff_version_id).terms
    return Facts(
        service=line.service,
        region=products_queries.region_of(line.id),
        blocked=line.blocked_at is not None or bars_all(line.bars),
        network=provisioning_network.is_there(),
        has={one.offer_code: versions[one.offer_version_id] for one in products},
        coming={one.offer_code: versions[one.offer_version_id or 0] for one in orders if one.action == Action.CONNECT},
        going=frozenset(one.offer_code for one in orders if one.action == Action.DISCONNECT),
        buckets=frozenset(kind for kind in BUCKETS if terms.takes_from(kind)),
        unlimited=frozenset(allowance.bucket for allowance in terms.allowances if allowance.amount is None),
    )


def shop(line: Line, now: datetime, look: Look | None = None) -> Shop:
    """Return the services of a line, for the page that lists them; `look` says what of those on sale."""
    look = look or Look()
    products = products_queries.of_line(line.id)
    rows = list(_for_services().filter(line_id=line.id, state__in=OPEN).order_by("placed_at"))
    versions = offers_queries.offer_versions(
        [one.offer_version_id for one in products] + [one.offer_version_id or 0 for one in rows]
    )
    orders = [value_of(row, versions) for row in rows]
    next_on = money.next_fees(line, [one for one in products if versions[one.offer_version_id].fee_minor])
    by_code = {order.offer_code: order.id for order in orders}
    taken = {one.offer_code for one in products} | {order.offer_code for order in orders}
    return Shop(
        tuple(
            Connected(one, versions[one.offer_version_id], next_on.get(one.id), by_code.get(one.offer_code))
            for one in products
        ),
        tuple(order for order in orders if order.action is Action.CONNECT and not order.is_package),
        tuple(
            offers_shelves.shelves(
                day=local_day(now), service=line.service, region=products_queries.region_of(line.id), without=taken,
                look=look,
            )
        ),
        offers_queries.categories(),
        look,
    )  # fmt: skip


def packages(line: Line, now: datetime) -> list[OfferVersion]:
    """Return the packages that are sold for a line and of use to it."""
    region = products_queries.region_of(line.id)
    terms = catalog.tariff_version(line.tariff_version_id).terms
    endless = {allowance.bucket for allowance in terms.allowances if allowance.amount is None}
    return [
        version
        for version in offers_shelves.packages(day=local_day(now), service=line.service, region=region)
        if version.package is not None
        and version.package.bucket not in endless
        and terms.takes_from(version.package.bucket)
    ]


def standing(line: Line, code: str, now: datetime, effective_at: datetime | None = None) -> Standing:
    """Return what may be done with a service at `now`, to take effect at another moment or at once.

    Raises `NoSuchOffer`.
    """
    known = facts(line)
    product = next((one for one in products_queries.of_line(line.id) if one.offer_code == code), None)
    version = known.has.get(code) or known.coming.get(code) or _sold(line, code, now)
    action = Action.DISCONNECT if product else Action.CONNECT
    row = _for_services().filter(line_id=line.id, offer_code=code, state__in=OPEN).first()
    at = max(effective_at or now, now)
    price = price_of(line, version, action, at)
    there = money.available(line.contract_id)
    refusal = rules.refused(action, version, known, local_day(now))
    if refusal is None and (missing := missing_minor(price.total_minor, there, prepaid=line.prepaid)):
        refusal = Refusal(Why.SHORT, missing_minor=missing)
    refusal = refusal or held_back(line, price, at, now)
    related = {**known.has, **known.coming}
    if refusal and (unknown := set(refusal.codes) - related.keys()):
        sold = offers_shelves.sold(day=local_day(now), service=line.service, codes=unknown)
        related |= {one.code: one for one in sold}
    return Standing(
        version=version,
        action=action,
        product=product,
        open_order=value_of(row) if row else None,
        price=price,
        available_minor=there,
        refusal=refusal,
        given_back_minor=money.given_back_minor(line, product, version, at) if product and version.fee_minor else 0,
        related={one: related[one] for one in (refusal.codes if refusal else ()) if one in related},
    )


def held_back(line: Line, price: Price, effective_at: datetime, now: datetime) -> Refusal | None:
    """Return that the owner's spending limit leaves less of this month than it costs; other orders count as paid.

    What takes effect in another month is that month's.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    if not price.total_minor or limits_rules.month_of(effective_at, zone) != limits_rules.month_of(now, zone):
        return None
    left = limits_queries.left_minor(line.id, now)
    if left is None:
        return None
    held = models.Order.objects.filter(line_id=line.id, state__in=OPEN).aggregate(
        sum=Coalesce(Sum(F("once_minor") + F("fee_minor")), 0)
    )["sum"]
    left = max(0, left - held)
    return Refusal(Why.LIMIT, left_minor=left) if price.total_minor > left else None


def price_of(line: Line, version: OfferVersion, action: Action, at: datetime) -> Price:
    """Return what an order costs that takes effect at `at`; to disconnect costs nothing."""
    if action is Action.CONNECT:
        return money.price(line, version, at)
    day = local_day(at)
    return Price(0, 0, day, day, 0, None)


def orders(*, line_ids: Collection[int], state: State | None = None, role: str = "") -> list[Order]:
    """Return the orders for the lines, the newest first; `role` is the one they are seen in, empty: one's own."""
    rows = models.Order.objects.filter(line_id__in=list(line_ids), action__in=rules.seen_as(role))
    if state is not None:
        rows = rows.filter(state=state)
    found = list(rows.order_by("-placed_at", "id")[:HISTORY_SHOWN])
    versions = offers_queries.offer_versions({row.offer_version_id for row in found if row.offer_version_id})
    return [value_of(row, versions) for row in found]


def trace(*, order_id: UUID, line_ids: Collection[int], role: str = "") -> Trace:
    """Return an order for one of the lines, seen in the role, with all that became of it; raise `NoSuchOrder`."""
    found = models.Order.objects.filter(id=order_id, line_id__in=list(line_ids), action__in=rules.seen_as(role))
    row = found.first()
    if row is None:
        raise NoSuchOrder
    steps = models.Step.objects.filter(order_id=order_id).order_by("id").values_list("state", "at")
    asked = provisioning_queries.asked_for(order_id)
    return Trace(value_of(row), tuple((State(state), at) for state, at in steps), tuple(asked))


def local_day(at: datetime) -> date:
    """Return the day where the operator is."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def value_of(row: models.Order, versions: dict[int, OfferVersion] | None = None) -> Order:
    """Return the value of a row; `versions` are those of services, if they are known already."""
    names, per, package = _terms(row, versions)
    return Order(
        id=row.id,
        line_id=row.line_id,
        contract_id=row.contract_id,
        action=Action(row.action),
        offer_code=row.offer_code,
        version_id=row.offer_version_id or row.tariff_version_id or 0,
        names=dict(names),
        per=per,
        state=State(row.state),
        reason=row.reason,
        channel=row.channel,
        placed_at=row.placed_at,
        effective_at=row.effective_at,
        ended_at=row.ended_at,
        once_minor=row.once_minor,
        fee_minor=row.fee_minor,
        first_day=row.first_day,
        end_day=row.end_day,
        next_minor=row.next_minor,
        next_day=row.next_day,
        taken_minor=row.taken_minor,
        command_id=row.command_id,
        package=package,
    )


def _terms(
    row: models.Order, versions: dict[int, OfferVersion] | None
) -> tuple[Mapping[str, str], str, Package | None]:
    """Return the names of what is ordered, for how long its fee is, and the package, if it is one."""
    if row.action in OF_LINES:
        return {}, "day", None
    if row.offer_version_id is None:
        tariff = catalog.tariff_version(row.tariff_version_id or 0)
        return tariff.names, tariff.terms.fee.per, None
    known = versions if versions is not None else offers_queries.offer_versions([row.offer_version_id])
    version = known[row.offer_version_id]
    return version.names, version.per, version.package


def _for_services() -> QuerySet[models.Order]:
    return models.Order.objects.filter(action__in=OF_SERVICES)


def _sold(line: Line, code: str, now: datetime) -> OfferVersion:
    found = offers_shelves.sold(day=local_day(now), service=line.service, codes=[code])
    if not found:
        raise NoSuchOffer(code)
    return found[0]
