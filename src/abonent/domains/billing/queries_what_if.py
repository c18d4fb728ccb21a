"""What a line would have paid under other tariffs, beside what it really paid; values, not models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection

from abonent.domains.billing.fees.rules import Fee, FeeLine
from abonent.domains.billing.rating import what_if
from abonent.domains.billing.rating.what_if import Cost, Item, Window
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.lines.queries import Line
from abonent.domains.usage import queries_bulk as usage
from abonent.foundation import frames

BEST = 3
_PERIODS = pl.Schema({"line_id": pl.Int64(), "start": frames.Moment, "end": frames.Moment})


@dataclass(frozen=True, slots=True)
class Paid:
    """What the line was charged for its tariff and for usage, by month: no transfers, no promised payments.

    `recounting`: a record came late, and what it changes is not charged yet.
    """

    months_minor: tuple[int, ...]
    recounting: bool

    @property
    def total_minor(self) -> int:
        return sum(self.months_minor)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Every tariff asked for with its cost in the months of the window, the best first; `records` of use were rated.

    `reasons` tells, by the id of the version, how the best came to their sums in all months.
    """

    window: Window
    paid: Paid
    costs: tuple[Cost, ...]
    reasons: dict[int, list[Item]]
    records: int


@dataclass(frozen=True, slots=True)
class Explained:
    """How one month of one tariff comes to its sum."""

    month: date
    fees: tuple[Fee, ...]
    items: tuple[Item, ...]
    unrated: int
    # When the line began to use the packages of the period in which the month begins.
    since: date

    @property
    def total_minor(self) -> int:
        return sum(fee.amount_minor for fee in self.fees) + sum(item.amount_minor for item in self.items)


def window(line: Line, today: date) -> Window | None:
    """Return the months that tell what the line would have paid; None while it had none."""
    return what_if.window(_fee_line(line), today, _zone())


def compared(line: Line, versions: Sequence[TariffVersion], months: Window) -> WhatIf:
    """Return what the line would have paid under each of the versions, in four queries."""
    records, geography = records_of(line, months), catalog.geography()
    found = what_if.costs(records, _fee_line(line), versions, geography, months, _zone())
    best = [cost.version for cost in found[:BEST]]
    items = what_if.items(records, _fee_line(line), best, geography, months, _zone())
    return WhatIf(
        months,
        paid(line, months),
        tuple(found),
        {version_id: [item for month in by_month.values() for item in month] for version_id, by_month in items.items()},
        records.filter(pl.col("started_at") >= months.start).height,
    )


def explained(line: Line, version: TariffVersion, month: date) -> Explained:
    """Return how the sum of one month of the window comes about under the version."""
    zone = _zone()
    one = what_if.of_months(_fee_line(line), (month,), zone)
    records, geography = records_of(line, one), catalog.geography()
    [cost] = what_if.costs(records, _fee_line(line), [version], geography, one, zone)
    items = what_if.items(records, _fee_line(line), [version], geography, one, zone)
    return Explained(
        month,
        tuple(what_if.fees(_fee_line(line), version, one, zone)),
        tuple(items[version.id or 0][month]),
        cost.unrated,
        max(one.since, line.opened_at).astimezone(zone).date(),
    )


def paid(line: Line, months: Window) -> Paid:
    """Return what the line was really charged in the months."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select date_trunc('month', booked_at at time zone %(zone)s)::date as month, sum(amount_minor)::bigint
                 from billing_charge
                where line_id = %(line)s and booked_at >= %(start)s and booked_at < %(end)s
                  and (record_id is not null or category = 'fee')
                group by month
               union all
               select null, count(*) from billing_rerating where line_id = %(line)s
                  and period_start >= %(since)s and period_start < %(end)s""",
            {
                "zone": settings.TIME_ZONE,
                "line": line.id,
                "start": months.start,
                "since": months.since,
                "end": months.end,
            },
        )
        sums = dict(cursor.fetchall())
    return Paid(tuple(sums.get(month, 0) for month in months.months), recounting=bool(sums[None]))


def records_of(line: Line, months: Window) -> pl.DataFrame:
    """Return what the line used (`usage.rules.STORED`) in the months and before them in the same billing period."""
    asked = pl.DataFrame([(line.id, months.since, months.end)], _PERIODS, orient="row")
    return usage.of_periods(asked)


def _fee_line(line: Line) -> FeeLine:
    return FeeLine(line.id, line.contract_id, line.period_day, line.opened_at, None, line.prepaid)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
