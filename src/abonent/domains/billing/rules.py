"""What usage costs: billing periods, categories, begun units, allowances in time order. Pure.

`rate` is the plain reference, one record after another; `rating` does the same for many lines at once and is tested to
agree with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from abonent.domains.catalog.rules import HOME, Geography, Price, TariffVersion
from abonent.foundation.values import Period

INSTANT = timedelta(microseconds=1)
Category = Literal[
    "fee", "calls", "messages", "internet", "roaming", "content", "promised", "transfer", "correction", "service",
    "partner",
    "equipment",
]  # fmt: skip

CATEGORIES: tuple[Category, ...] = (
    "fee",
    "calls",
    "messages",
    "internet",
    "roaming",
    "content",
    "promised",
    "transfer",
    "correction",
    "service",
    "partner",
    "equipment",
)
# What is charged without a record of usage, and is no transfer.
FEE_CATEGORIES: tuple[Category, ...] = ("fee", "promised", "correction", "service", "partner", "equipment")
CATEGORY_OF_KIND: Mapping[str, Category] = {
    "voice": "calls",
    "sms": "messages",
    "mms": "messages",
    "data": "internet",
    "content": "content",
}


@dataclass(frozen=True, slots=True)
class Usage:
    """The facts of a record that rating looks at; `kind` and `direction` by name."""

    started_at: datetime
    source_id: int
    record_id: str
    kind: str
    direction: str
    peer: str
    duration_s: int
    bytes: int
    units: int
    zone: str

    @property
    def order(self) -> tuple[datetime, int, str]:
        """The order in which records use up an allowance."""
        return (self.started_at, self.source_id, self.record_id)


@dataclass(frozen=True, slots=True)
class Assigned:
    """The tariff version in force from `valid_from` until `valid_until` (None: still).

    `blocked`: the line is blocked by its owner's wish then, and the version's fee is what such a day costs.
    """

    version: TariffVersion
    valid_from: datetime
    valid_until: datetime | None
    blocked: bool = False

    def __contains__(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)


@dataclass(frozen=True, slots=True)
class Rated:
    """What a record costs and why.

    `quantity` is what was used, `included` what an allowance gave (of whole begun units), `billed_units` the begun
    units paid for.
    """

    usage: Usage
    version: TariffVersion
    price: Price
    category: Category
    quantity: int
    included: int
    billed_units: int

    @property
    def amount_minor(self) -> int:
        return self.billed_units * self.price.price_minor


def period_of(day: int, moment: datetime, zone: ZoneInfo) -> Period:
    """Return the billing period around `moment`: it starts at local midnight of the `day` (1..28) of a month."""
    return period_of_month(day, _month_of(day, moment, zone), zone)


def period_of_month(day: int, month: int, zone: ZoneInfo) -> Period:
    """Return the billing period that starts in `month`, counted from the year 0."""
    return Period(_midnight(day, month, zone), _midnight(day, month + 1, zone))


def category_of(kind: str, zone: str) -> Category:
    """Return under which heading people look for such usage."""
    return CATEGORY_OF_KIND[kind] if zone in ("", HOME) else "roaming"


def quantity_of(usage: Usage) -> int:
    """Return seconds, bytes or pieces; a message or a service is one piece when nobody counted."""
    if usage.kind == "voice":
        return usage.duration_s
    if usage.kind == "data":
        return usage.bytes
    return max(usage.units, 1)


def begun(quantity: int, unit_size: int) -> int:
    """Return how many units were begun."""
    return -(-quantity // unit_size)


def rate(
    records: Iterable[Usage], assigned: Sequence[Assigned], geography: Geography, day: int, zone: ZoneInfo
) -> tuple[list[Rated], dict[tuple[datetime, str], int]]:
    """Rate all records of a line from the beginning of a period.

    Returns each record that had a tariff, in time order, and how much of each `(period start, bucket)` was used.
    Usage is rounded up to begun units first; the allowance covers what it can; what is left is paid by begun units.
    """
    rated: list[Rated] = []
    used: dict[tuple[datetime, str], int] = {}
    for usage in sorted(records, key=lambda usage: usage.order):
        version = next((a.version for a in assigned if usage.started_at in a), None)
        if version is None:
            continue
        price = price_of(usage, version, geography)
        quantity = quantity_of(usage)
        rounded = begun(quantity, price.unit_size) * price.unit_size
        allowance = version.terms.allowance(price.bucket) if price.bucket else None
        included = 0
        if allowance:
            key = (period_of(day, usage.started_at, zone).start, allowance.bucket)
            before = used.get(key, 0)
            included = rounded if allowance.amount is None else min(rounded, max(0, allowance.amount - before))
            used[key] = before + rounded
        rated.append(
            Rated(
                usage=usage,
                version=version,
                price=price,
                category=category_of(usage.kind, usage.zone),
                quantity=quantity,
                included=included,
                billed_units=begun(rounded - included, price.unit_size),
            )
        )
    return rated, used


def price_of(usage: Usage, version: TariffVersion, geography: Geography) -> Price:
    """Return the rule of the version that answers this usage; a zone without meaning is home."""
    destination = geography.destination_of(usage.kind, usage.peer)
    return version.terms.price(usage.kind, usage.direction, destination, usage.zone or HOME)


def _month_of(day: int, moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.year * 12 + local.month - 1 - (local.day < day)


def _midnight(day: int, month: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(date(month // 12, month % 12 + 1, day), time.min, zone)
