"""Rating of many lines at once, as `rules.rate` does it for one: on Polars frames. Pure.

First every record gets its tariff, rule and period (`price`), then allowances are used up in time order (`settle`).
Only what an allowance does not simply cover is sorted: for most lines and months nothing is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from abonent.domains.billing import rules
from abonent.domains.catalog.rules import HOME, Geography, TariffVersion
from abonent.domains.usage.rules import Direction, Kind

# Stands for an allowance without limit, and leaves room to add to it.
NO_LIMIT = 2**61
BUCKETS = ("voice", "data", "sms")
GROUP = ("line_id", "period_start", "bucket")
ORDER = ("started_at", "source_id", "record_id")
MOMENT = pl.Datetime("us", "UTC")

USED = pl.Schema(
    {
        "line_id": pl.Int64(),
        "period_start": MOMENT,
        "bucket": pl.Int8(),
        "used": pl.Int64(),
        "least_amount": pl.Int64(),
        "used_until": MOMENT,
    }
)
WAITING = pl.Schema({"line_id": pl.Int64(), "period_start": MOMENT})
CHARGES = (
    "line_id", "contract_id", "source_id", "record_id", "started_at", "peer", "tariff_version_id", "rule", "category",
    "price_minor", "unit_size", "quantity", "included", "billed_units", "amount_minor",
)  # fmt: skip
_WAYS = pl.Schema(
    {
        "key": pl.Int64(),
        "way": pl.Int32(),
        "price_minor": pl.Int64(),
        "unit_size": pl.Int64(),
        "bucket": pl.Int8(),
        "allowance": pl.Int64(),
    }
)
_WAY_NAMES = pl.Schema({"way": pl.Int32(), "rule": pl.String(), "category": pl.String()})


@dataclass
class Tariffs:
    """The versions by id and the geography; remembers every way of usage it has priced."""

    versions: dict[int, TariffVersion]
    geography: Geography
    _ways: dict[tuple[int, int, int, str, str], tuple[Any, ...]] = field(default_factory=dict)

    def way(self, version_id: int, kind: int, direction: int, destination: str, zone: str) -> tuple[Any, ...]:
        """Return price, unit size, bucket, allowance, rule code and category of a way of usage."""
        asked = (version_id, kind, direction, destination, zone)
        if asked not in self._ways:
            terms = self.versions[version_id].terms
            kind_name = Kind(kind).name.lower()
            price = terms.price(kind_name, Direction(direction).name.lower(), destination, zone)
            allowance = terms.allowance(price.bucket) if price.bucket else None
            self._ways[asked] = (
                price.price_minor,
                price.unit_size,
                BUCKETS.index(allowance.bucket) if allowance else None,
                (NO_LIMIT if allowance.amount is None else allowance.amount) if allowance else None,
                price.code,
                rules.category_of(kind_name, zone),
            )
        return self._ways[asked]


@dataclass(frozen=True)
class Priced:
    """Records with their `way`; `names` tells rule and category of each way."""

    records: pl.DataFrame
    names: pl.DataFrame


@dataclass(frozen=True)
class Settled:
    """What became of the records: `charges` (`CHARGES`, sums above zero; all records when asked for), `used` (`USED`,
    the new state of each bucket touched), `late` (`WAITING`, the periods to be rated anew)."""

    charges: pl.DataFrame
    used: pl.DataFrame
    late: pl.DataFrame


def price(records: pl.DataFrame, assignments: pl.DataFrame, tariffs: Tariffs, zone: ZoneInfo) -> Priced:
    """Give each record its tariff version, price and bucket; those without a tariff at that time are left out."""
    started = pl.col("started_at")
    owned = records.join(assignments, on="line_id").filter(
        (started >= pl.col("valid_from")) & (pl.col("valid_until").is_null() | (started < pl.col("valid_until")))
    )
    zones = sorted({HOME, *(z for z in owned["zone"].unique() if z)})
    destinations = ["", *sorted(d.code for d in tariffs.geography.destinations)]
    versions = sorted(owned["tariff_version_id"].unique())
    keyed = owned.with_columns(
        _quantity().alias("quantity"),
        _key(zones, destinations, versions, tariffs.geography),
    )
    ways, names = _ways(keyed["key"].unique(), zones, destinations, versions, tariffs)
    return Priced(_with_periods(keyed.join(ways, on="key"), zone), names)


def settle(
    priced: Priced, used: pl.DataFrame | None = None, waiting: pl.DataFrame | None = None, *, everything: bool = False
) -> Settled:
    """Charge the records, going on from the buckets `used` (`USED`), except in periods that are `waiting` (`WAITING`).

    Without these the records are all there are of their periods. With `everything`, charges hold every record rated,
    also those that cost nothing.
    """
    units = -(-pl.col("quantity") // pl.col("unit_size"))
    records = priced.records.with_columns((units * pl.col("unit_size")).alias("rounded"))
    free = records.filter(pl.col("bucket").is_null()).with_columns(pl.lit(0, pl.Int64).alias("included"))
    covered = records.filter(pl.col("bucket").is_not_null())
    groups = _groups(
        covered,
        pl.DataFrame(schema=USED) if used is None else used,
        pl.DataFrame(schema=WAITING) if waiting is None else waiting,
    )
    known = groups.filter(pl.col("state") != "late")
    parts = [free, _in_order(covered, groups.filter(pl.col("state") == "in_order"))]
    if everything:
        fits = groups.filter(pl.col("state") == "fits").select(GROUP)
        parts.append(covered.join(fits, on=GROUP, how="semi").with_columns(pl.col("rounded").alias("included")))
    return Settled(
        _charges(pl.concat(part.select(parts[0].columns) for part in parts), priced.names, everything=everything),
        known.select(
            *GROUP,
            (pl.col("used_before") + pl.col("total")).alias("used"),
            pl.when(pl.col("least") < NO_LIMIT).then(pl.col("least")).alias("least_amount"),
            pl.max_horizontal("used_until", "last").alias("used_until"),
        ),
        groups.filter(pl.col("state") == "late").select("line_id", "period_start").unique(),
    )


def _quantity() -> pl.Expr:
    kind = pl.col("kind")
    return (
        pl.when(kind == Kind.VOICE)
        .then(pl.col("duration_s"))
        .when(kind == Kind.DATA)
        .then(pl.col("bytes"))
        .otherwise(pl.max_horizontal("units", 1))
    ).cast(pl.Int64)


def _key(zones: list[str], destinations: list[str], versions: list[int], geography: Geography) -> pl.Expr:
    """Return version, kind, direction, zone and destination of a record as one number."""
    zone = pl.col("zone").replace_strict(["", *zones], [zones.index(HOME), *range(len(zones))], return_dtype=pl.Int64)
    version = pl.col("tariff_version_id").replace_strict(versions, range(len(versions)), return_dtype=pl.Int64)
    key = version
    for part, size in (("kind", 8), ("direction", 4)):
        key = key * size + pl.col(part).cast(pl.Int64)
    return ((key * len(zones) + zone) * len(destinations) + _destination(destinations, geography)).alias("key")


def _destination(destinations: list[str], geography: Geography) -> pl.Expr:
    """Return the index of the destination: of a service by its name, of a number by its longest known prefix."""
    number = {code: index for index, code in enumerate(destinations)}
    names: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for destination in geography.destinations:
        table = names if destination.content else numbers
        table.update(dict.fromkeys(destination.prefixes, number[destination.code]))
    peer = pl.col("peer")
    lengths = sorted({len(prefix) for prefix in numbers if prefix.startswith("+") and len(prefix) > 1}, reverse=True)
    by_prefix = pl.coalesce(*(_found(peer.str.slice(0, n), _of_length(numbers, n)) for n in lengths), 0)
    return (
        pl.when(peer == "")
        .then(0)
        .when(pl.col("kind") == Kind.CONTENT)
        .then(_found(peer, names))
        .when(peer.str.starts_with("+"))
        .then(by_prefix)
        .otherwise(_found(peer, numbers))
        .fill_null(0)
        .cast(pl.Int64)
    )


def _of_length(numbers: Mapping[str, int], length: int) -> dict[str, int]:
    return {prefix: index for prefix, index in numbers.items() if len(prefix) == length}


def _found(text: pl.Expr, table: Mapping[str, int]) -> pl.Expr:
    if not table:
        return pl.lit(None, pl.Int64)
    return text.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.Int64)


def _ways(
    keys: pl.Series, zones: list[str], destinations: list[str], versions: list[int], tariffs: Tariffs
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows, names = [], []
    for way, key in enumerate(keys):
        rest, destination = divmod(key, len(destinations))
        rest, zone = divmod(rest, len(zones))
        rest, direction = divmod(rest, 4)
        version, kind = divmod(rest, 8)
        *numbers, rule, category = tariffs.way(
            versions[version], kind, direction, destinations[destination], zones[zone]
        )
        rows.append((key, way, *numbers))
        names.append((way, rule, category))
    return pl.DataFrame(rows, _WAYS, orient="row"), pl.DataFrame(names, _WAY_NAMES, orient="row")


def _with_periods(records: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """Add `period_start`: told from the local month once for each month and day of the month there is."""
    local = pl.col("started_at").dt.convert_time_zone(zone.key)
    month = local.dt.year().cast(pl.Int32) * 12 + local.dt.month() - 1
    records = records.with_columns((month - (local.dt.day() < pl.col("period_day")).cast(pl.Int32)).alias("month"))
    kinds = records.select("period_day", "month").unique()
    starts = [rules.period_of_month(day, number, zone).start for day, number in kinds.iter_rows()]
    kinds = kinds.with_columns(pl.Series("period_start", starts, dtype=MOMENT))
    return records.join(kinds, on=["period_day", "month"])


def _groups(covered: pl.DataFrame, used: pl.DataFrame, waiting: pl.DataFrame) -> pl.DataFrame:
    """Tell for each line, period and bucket whether the records `fits` into the allowance whatever their order, come
    `in_order` after those already rated, or come `late`."""
    totals = covered.group_by(GROUP).agg(
        pl.col("rounded").sum().alias("total"),
        pl.col("allowance").min().alias("least_new"),
        pl.col("started_at").min().alias("first"),
        pl.col("started_at").max().alias("last"),
    )
    groups = totals.join(used, on=GROUP, how="left").join(
        waiting.with_columns(pl.lit(value=True).alias("waits")), on=["line_id", "period_start"], how="left"
    )
    groups = groups.with_columns(
        pl.col("used").fill_null(0).alias("used_before"),
        pl.min_horizontal("least_new", pl.col("least_amount")).alias("least"),
    )
    fits = pl.col("used_before") + pl.col("total") <= pl.col("least")
    in_order = pl.col("used_until").is_null() | (pl.col("first") > pl.col("used_until"))
    return groups.with_columns(
        pl.when(pl.col("waits")).then(pl.lit("late")).when(fits).then(pl.lit("fits"))
        .when(in_order).then(pl.lit("in_order")).otherwise(pl.lit("late")).alias("state")
    )  # fmt: skip


def _in_order(covered: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    records = covered.join(groups.select(*GROUP, "used_before"), on=GROUP).sort(*GROUP, *ORDER)
    before = pl.col("used_before") + pl.col("rounded").cum_sum().over(GROUP) - pl.col("rounded")
    left = (pl.col("allowance") - before).clip(lower_bound=0)
    return records.with_columns(pl.min_horizontal("rounded", left).alias("included"))


def _charges(records: pl.DataFrame, names: pl.DataFrame, *, everything: bool) -> pl.DataFrame:
    units = -(-(pl.col("rounded") - pl.col("included")) // pl.col("unit_size"))
    charged = records.with_columns(units.alias("billed_units"))
    if not everything:
        charged = charged.filter((pl.col("billed_units") > 0) & (pl.col("price_minor") > 0))
    return (
        charged.join(names, on="way")
        .with_columns((pl.col("billed_units") * pl.col("price_minor")).alias("amount_minor"))
        .select(CHARGES)
    )
