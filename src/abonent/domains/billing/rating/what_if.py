"""What usage that happened would have cost under other tariffs: by the rating and the fees that charge. Pure.

Each tariff gets a line of its own: opened with the real one, with its period day and all of its records, and never on
another tariff. These lines are rated together, as an import rates those of many people; nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from abonent.domains.billing import rules
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.rules import Fee, FeeLine, Mark
from abonent.domains.billing.rating import frames as rating
from abonent.domains.billing.rating.packages import Plans
from abonent.domains.billing.rules import Assigned, Category
from abonent.domains.catalog.rules import HOME, Geography, InvalidTerms, Price, TariffVersion, check
from abonent.domains.usage.rules import STORED, Direction, Kind

MONTHS = 3
# So many records are rated together, each counted once for every tariff.
ROWS_AT_ONCE = 400_000
_INSTANT = timedelta(microseconds=1)
_WAY = ("kind", "direction", "peer", "zone")
_ASSIGNMENTS = pl.Schema(
    {
        "line_id": pl.Int64(),
        "contract_id": pl.Int64(),
        "period_day": pl.Int8(),
        "tariff_version_id": pl.Int64(),
        "valid_from": rating.MOMENT,
        "valid_until": rating.MOMENT,
    }
)


class Window(NamedTuple):
    """Whole calendar months, by their first days, oldest first; their moments from `start` to before `end`.

    Use since `since` counts, too: it took from the packages of the billing period in which the first month begins.
    """

    months: tuple[date, ...]
    start: datetime
    end: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class Cost:
    """What a tariff would have cost by month: fees, usage; `unrated` records have no price in it, and no part here."""

    version: TariffVersion
    fees_minor: tuple[int, ...]
    usage_minor: tuple[int, ...]
    unrated: int = 0

    @property
    def months_minor(self) -> tuple[int, ...]:
        return tuple(map(sum, zip(self.fees_minor, self.usage_minor, strict=True)))

    @property
    def total_minor(self) -> int:
        return sum(self.fees_minor) + sum(self.usage_minor)

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """The best first: what leaves out no record, then the sum, then what is sure."""
        return (self.unrated > 0, self.total_minor, sum(self.fees_minor), self.version.tariff_code)


@dataclass(frozen=True, slots=True)
class Item:
    """What records that one rule answers came to: so much used, so much of whole begun units from the package."""

    price: Price
    category: Category
    records: int
    quantity: int
    included: int
    billed_units: int
    amount_minor: int


def window(line: FeeLine, today: date, zone: ZoneInfo) -> Window | None:
    """Return the last three whole months before `today` in which the line was there; None while there is none."""
    this = today.year * 12 + today.month - 1
    opened = fees_rules.opening_day(line, zone)
    first = max(this - MONTHS, opened.year * 12 + opened.month - 1)
    if first >= this:
        return None
    return of_months(line, tuple(_first_day(month) for month in range(first, this)), zone)


def of_months(line: FeeLine, months: tuple[date, ...], zone: ZoneInfo) -> Window:
    """Return calendar months in a row as the window of a line."""
    last = months[-1]
    start = fees_rules.midnight(months[0], zone)
    end = fees_rules.midnight(_first_day(last.year * 12 + last.month), zone)
    return Window(months, start, end, rules.period_of(line.day, start, zone).start)


def costs(
    records: pl.DataFrame,
    line: FeeLine,
    versions: Sequence[TariffVersion],
    geography: Geography,
    months: Window,
    zone: ZoneInfo,
) -> list[Cost]:
    """Return what each of the stored versions would have cost the line, the best first.

    `records` (`usage.rules.STORED`) are all of the line from `months.since` to `months.end`.
    """
    used: dict[tuple[int, date], int] = {}
    unrated: dict[int, int] = {}
    at_once = max(1, ROWS_AT_ONCE // max(1, records.height))
    for first in range(0, len(versions), at_once):
        some = versions[first : first + at_once]
        charges, without = _rated(records, line, some, geography, months, zone, everything=False)
        unrated |= without
        sums = charges.group_by("line_id", "month").agg(pl.col("amount_minor").sum())
        used |= {(version_id, month): amount for version_id, month, amount in sums.iter_rows()}
    found = [
        Cost(
            version,
            _by_month(fees(line, version, months, zone), months, zone),
            tuple(used.get((version.id or 0, month), 0) for month in months.months),
            unrated.get(version.id or 0, 0),
        )
        for version in versions
    ]
    return sorted(found, key=lambda cost: cost.rank)


def items(
    records: pl.DataFrame,
    line: FeeLine,
    versions: Sequence[TariffVersion],
    geography: Geography,
    months: Window,
    zone: ZoneInfo,
) -> dict[int, dict[date, list[Item]]]:
    """Return how the usage of each month comes to its sum, by the id of the version and the month, the dearest first.

    Arguments are those of `costs`; what costs nothing stands there, too.
    """
    charges, _ = _rated(records, line, versions, geography, months, zone, everything=True)
    told: dict[int, dict[date, list[Item]]] = {v.id or 0: {month: [] for month in months.months} for v in versions}
    prices = {(v.id, price.code): price for v in versions for price in v.terms.prices}
    sums = charges.group_by("line_id", "month", "rule", "category").agg(
        pl.len(), pl.col("quantity", "included", "billed_units", "amount_minor").sum()
    )
    ordered = sums.sort("amount_minor", "quantity", "rule", "category", descending=[True, True, False, False])
    for version_id, month, rule, category, *amounts in ordered.iter_rows():
        told[version_id][month].append(Item(prices[version_id, rule], category, *amounts))
    return told


def fees(line: FeeLine, version: TariffVersion, months: Window, zone: ZoneInfo) -> list[Fee]:
    """Return the fees that would have fallen due, as if there had always been money for them."""
    before = fees_rules.month_of(line.day, months.months[0]) - 1
    mark = None if line.opened_at >= months.since else Mark(before)
    assigned = [Assigned(version, line.opened_at, None)]
    due, _ = fees_rules.due(line, mark, assigned, months.end - _INSTANT, zone)
    return [fee for fee in due if fee.at >= months.start]


def month_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the first day of the local calendar month."""
    return moment.astimezone(zone).date().replace(day=1)


def _first_day(month: int) -> date:
    """Return the first day of a month counted from the year 0."""
    return date(month // 12, month % 12 + 1, 1)


def _by_month(due: Sequence[Fee], months: Window, zone: ZoneInfo) -> tuple[int, ...]:
    sums = dict.fromkeys(months.months, 0)
    for fee in due:
        sums[month_of(fee.at, zone)] += fee.amount_minor
    return tuple(sums.values())


def _rated(
    records: pl.DataFrame,
    line: FeeLine,
    versions: Sequence[TariffVersion],
    geography: Geography,
    months: Window,
    zone: ZoneInfo,
    *,
    everything: bool,
) -> tuple[pl.DataFrame, dict[int, int]]:
    """Return the charges within the months (`rating.CHARGES` and `month`) and how many records have no price.

    A charge's line is the version that it is of.
    """
    parts, unrated = [], {}
    for version in versions:
        own, strange = _with_a_price(records, version, geography)
        parts.append(own.with_columns(pl.lit(version.id, pl.Int64).alias("line_id")).select(STORED.names()))
        unrated[version.id or 0] = strange.filter(pl.col("started_at") >= months.start).height
    rows = [(v.id, line.contract_id, line.day, v.id, line.opened_at, None) for v in versions]
    assignments = pl.DataFrame(rows, _ASSIGNMENTS, orient="row")
    tariffs = rating.Tariffs({v.id or 0: v for v in versions}, geography)
    plans = _rolling(line, versions, months, zone)
    priced = rating.price(pl.concat(parts), assignments, tariffs, zone, plans)
    settled = rating.settle(priced, plans=plans, everything=everything)
    charges = settled.charges.filter(pl.col("started_at") >= months.start)
    local = pl.col("started_at").dt.convert_time_zone(zone.key)
    return charges.with_columns(local.dt.date().dt.month_start().alias("month")), unrated


def _rolling(line: FeeLine, versions: Sequence[TariffVersion], months: Window, zone: ZoneInfo) -> Plans:
    """Return that what is left goes on where a tariff says so, from the first period that is looked at."""
    rolls = [version for version in versions if version.terms.rolls]
    return Plans(
        zone,
        assigned={version.id or 0: [Assigned(version, line.opened_at, None)] for version in rolls},
        days={version.id or 0: line.day for version in rolls},
        since=months.since,
    )


def _with_a_price(
    records: pl.DataFrame, version: TariffVersion, geography: Geography
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split the records into those that the version has a price for, and the others."""
    try:
        check(version.terms)
    except InvalidTerms:
        strange = pl.DataFrame(list(_without_a_price(records, version, geography)), _ways(records), orient="row")
        return records.join(strange, on=_WAY, how="anti"), records.join(strange, on=_WAY, how="semi")
    # What may be sold answers everything.
    return records, records.clear()


def _ways(records: pl.DataFrame) -> pl.Schema:
    return pl.Schema({name: records.schema[name] for name in _WAY})


def _without_a_price(
    records: pl.DataFrame, version: TariffVersion, geography: Geography
) -> Iterator[tuple[int, int, str, str]]:
    for kind, direction, peer, place in records.select(_WAY).unique().iter_rows():
        name = Kind(kind).name.lower()
        destination = geography.destination_of(name, peer)
        if not version.terms.answers(name, Direction(direction).name.lower(), destination, place or HOME):
            yield kind, direction, peer, place
