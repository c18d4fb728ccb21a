"""Two tariffs side by side: what each thing costs in one and the other, and which is better. Pure.

A thing is the fee, a package, or one way of usage that some price of either tariff tells apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from abonent.domains.catalog.rules import ANY, HOME, ROAMING, Allowance, Bucket, Price, TariffVersion, Terms

Verdict = Literal["better", "worse", "same"]
Brought = Literal["down_kbps", "up_kbps", "channels"]

# A fee by the day is set beside one by the month as that of so many days.
DAYS_A_MONTH = 30
BROUGHT: tuple[Brought, ...] = ("down_kbps", "up_kbps", "channels")
BUCKETS: tuple[Bucket, ...] = ("data", "voice", "sms")
# A place abroad and a number that no rule names.
_SOMEWHERE = "-"
_KIND_ORDER = ("voice", "sms", "mms", "data", "content")
_DIRECTION_ORDER = ("out", "in", "")


class Way(NamedTuple):
    """A way of usage; `destination` empty is any other one, `zone` is home, a zone's code, or any other abroad."""

    kind: str
    direction: str
    destination: str
    zone: str


@dataclass(frozen=True, slots=True)
class Fees:
    """The fee of each; the verdict is that of thirty days."""

    this: TariffVersion
    mine: TariffVersion
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Packages:
    """What each includes of one kind; None: nothing."""

    bucket: Bucket
    this: Allowance | None
    mine: Allowance | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Speeds:
    """What each brings by wire or dish: `what` is a field of `rules.Access`, 0: nothing."""

    what: Brought
    this: int
    mine: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Prices:
    """What a way of usage costs in each, beyond the package where one covers it; None: it has no price."""

    way: Way
    this: Price | None
    mine: Price | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a tariff costs, beside another."""

    fee: Fees
    packages: tuple[Packages, ...]
    prices: tuple[Prices, ...]
    access: tuple[Speeds, ...] = ()


def compared(this: TariffVersion, mine: TariffVersion) -> Comparison:
    """Set `this` beside `mine`: better is what the holder of `mine` would gain."""
    prices = _prices(this.terms, mine.terms)
    if this.service != "mobile":
        # A wire has rules for calls, too, so that nothing is without a price; nobody calls by it.
        prices = (row for row in prices if _costs(row.this) or _costs(row.mine))
    return Comparison(
        Fees(this, mine, _less(fee_of_a_month(this), fee_of_a_month(mine))),
        tuple(_packages(this.terms, mine.terms)),
        tuple(prices),
        tuple(_access(this.terms, mine.terms)),
    )


def fee_of_a_month(version: TariffVersion) -> int:
    """Return the fee, or what thirty days of one by the day cost."""
    return version.fee_minor * (DAYS_A_MONTH if version.terms.fee.per == "day" else 1)


def _costs(price: Price | None) -> bool:
    return price is not None and price.price_minor > 0


def _access(this: Terms, mine: Terms) -> Iterator[Speeds]:
    for what in BROUGHT:
        ours, theirs = getattr(this.access, what), getattr(mine.access, what)
        if ours or theirs:
            yield Speeds(what, ours, theirs, _less(theirs, ours))


def _less(this: int, mine: int) -> Verdict:
    return "same" if this == mine else "better" if this < mine else "worse"


def _packages(this: Terms, mine: Terms) -> Iterator[Packages]:
    for bucket in BUCKETS:
        ours, theirs = this.allowance(bucket), mine.allowance(bucket)
        if _amount(ours) != (0, 0) or _amount(theirs) != (0, 0):
            yield Packages(bucket, ours, theirs, _more(_amount(ours), _amount(theirs)))


def _amount(allowance: Allowance | None) -> tuple[int, int]:
    """Return what is included, and how fast it goes on, so that more is more."""
    if allowance is None:
        return (0, 0)
    return (1 << 62, 0) if allowance.amount is None else (allowance.amount, allowance.then_kbps or 0)


def _more(this: tuple[int, int], mine: tuple[int, int]) -> Verdict:
    return "same" if this == mine else "better" if this > mine else "worse"


def _prices(this: Terms, mine: Terms) -> Iterator[Prices]:
    ways = {way for terms in (this, mine) for price in terms.prices for way in _ways(price)}
    for way in sorted(ways, key=_order):
        ours, theirs = _price(this, way), _price(mine, way)
        yield Prices(way, ours, theirs, _cheaper(ours, theirs))


def _ways(price: Price) -> Iterator[Way]:
    directions = (price.direction,) if price.direction or price.kind in ("data", "content") else ("out", "in")
    zone = HOME if price.zone == ANY else price.zone
    for direction in directions:
        yield Way(price.kind, direction, price.destination, zone)


def _price(terms: Terms, way: Way) -> Price | None:
    asked = (
        way.kind,
        way.direction or "out",
        way.destination or _SOMEWHERE,
        _SOMEWHERE if way.zone == ROAMING else way.zone,
    )
    return terms.price(*asked) if terms.answers(*asked) else None


def _cheaper(this: Price | None, mine: Price | None) -> Verdict:
    """Compare what a second, byte or piece costs, and then how finely it is counted."""
    if this is None or mine is None:
        return "same" if this is mine else "worse" if this is None else "better"
    by_unit = _less(this.price_minor * mine.unit_size, mine.price_minor * this.unit_size)
    if by_unit != "same" or not this.price_minor:
        return by_unit
    return _less(this.unit_size, mine.unit_size)


def _order(way: Way) -> tuple[bool, str, int, int, bool, str]:
    """At home first, then each place abroad; within it by kind, direction, and what is named before the others."""
    abroad = "" if way.zone == HOME else "~" if way.zone == ROAMING else way.zone
    return (
        way.zone != HOME,
        abroad,
        _KIND_ORDER.index(way.kind),
        _DIRECTION_ORDER.index(way.direction),
        way.destination == ANY,
        way.destination,
    )
