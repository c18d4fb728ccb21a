"""Rating of many lines at once, as `rules.rate` does it for one: on Polars frames. Pure.

First every record gets its tariff, rule and period (`price`), then allowances are used up in time order (`settle`).
Only what an allowance does not simply cover is sorted: for most lines and months nothing is. Texts are left behind on
the way and found again by `row` for the few records that are charged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from abonent.domains.billing import rules
from abonent.domains.billing.packages.rules import Held
from abonent.domains.billing.rating import destinations as rating_destinations
from abonent.domains.billing.rating import families as rating_families
from abonent.domains.billing.rating import packages as rating_packages
from abonent.domains.billing.rating.packages import TAKEN, Plans
from abonent.domains.billing.rating.pools import SHARED, Families
from abonent.domains.catalog.rules import HOME, Geography, TariffVersion
from abonent.domains.usage.rules import Direction, Kind

# Stands for an allowance without limit, and leaves room to add to it.
NO_LIMIT = 2**61
BUCKETS = ("voice", "data", "sms")
_GROUP = ("line_id", "month", "bucket")
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
        "package": pl.Int8(),
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
        """Return price, unit size, bucket, allowance, bucket of packages, rule code and category of a way of usage."""
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
                BUCKETS.index(price.bucket) if price.bucket else None,
                price.code,
                rules.category_of(kind_name, zone),
            )
        return self._ways[asked]

    def asking_for_destinations(self, version_ids: Iterable[int]) -> set[tuple[Kind, Direction]]:
        """Return the kinds and directions for which some price of the versions differs by destination."""
        return {
            (Kind[price.kind.upper()], direction)
            for version_id in version_ids
            for price in self.versions[version_id].terms.prices
            for direction in Direction
            if price.destination and price.direction in ("", direction.name.lower())
        }


@dataclass(frozen=True)
class Priced:
    """Records with a price: `free` of allowances and `covered` by one, and these by line, period and bucket (`groups`).

    `names` tells rule and category of each way of usage.
    """

    records: pl.DataFrame
    free: pl.DataFrame
    covered: pl.DataFrame
    groups: pl.DataFrame
    names: pl.DataFrame


@dataclass(frozen=True)
class Settled:
    """What became of the records: `charges` (`CHARGES`, sums above zero; all records when asked for), `used` (`USED`,
    the new state of each bucket touched), `late` (`WAITING`, the periods to be rated anew), `taken` (`TAKEN`, what the
    periods took of buckets beside the tariff's), `shared` (`SHARED`, what members took of their families' packages)."""

    charges: pl.DataFrame
    used: pl.DataFrame
    late: pl.DataFrame
    taken: pl.DataFrame
    shared: pl.DataFrame


def price(
    records: pl.DataFrame, assignments: pl.DataFrame, tariffs: Tariffs, zone: ZoneInfo, plans: Plans | None = None
) -> Priced:
    """Give each record its tariff version, price and bucket; those without a tariff at that time are left out.

    Lines with `plans` have a bucket of each kind that a package may fill, also where the tariff fills none.
    """
    zones = sorted({HOME, *(z for z in records["zone"].unique() if z)})
    destinations = ["", *sorted(d.code for d in tariffs.geography.destinations)]
    versions = sorted(assignments["tariff_version_id"].unique())
    slim = records.with_row_index("row").select(
        "row",
        "line_id",
        "started_at",
        _quantity().alias("quantity"),
        _usage_key(zones, len(destinations)).alias("usage_key")
        + rating_destinations.index(
            records, destinations, tariffs.asking_for_destinations(versions), tariffs.geography
        ),
    )
    started = pl.col("started_at")
    version = pl.col("tariff_version_id").replace_strict(versions, range(len(versions)), return_dtype=pl.Int64)
    keyed = (
        slim.join(assignments, on="line_id")
        .filter(
            (started >= pl.col("valid_from")) & (pl.col("valid_until").is_null() | (started < pl.col("valid_until")))
        )
        .drop("valid_from", "valid_until")
        .with_columns((pl.col("usage_key") * len(versions) + version).alias("key"))
    )
    ways, names = _ways(keyed["key"].unique(), zones, destinations, versions, tariffs)
    begun = -(-pl.col("quantity") // pl.col("unit_size"))
    special = plans.lines if plans is not None else set()
    priced = keyed.join(ways if special else ways.drop("package"), on="key")
    priced = priced.with_columns((begun * pl.col("unit_size")).alias("rounded"))
    priced = rating_packages.with_buckets(priced, special) if special else priced
    covered = _with_months(priced.filter(pl.col("bucket").is_not_null()), zone)
    return Priced(records, priced.filter(pl.col("bucket").is_null()), covered, _grouped(covered, zone), names)


def settle(
    priced: Priced,
    used: pl.DataFrame | None = None,
    waiting: pl.DataFrame | None = None,
    plans: Plans | None = None,
    *,
    everything: bool = False,
) -> Settled:
    """Charge the records, going on from the buckets `used` (`USED`), except in periods that are `waiting` (`WAITING`).

    Without these the records are all there are of their periods. With `everything`, charges hold every record rated,
    also those that cost nothing. What lines have beside their tariff's allowances stands in `plans`.
    """
    groups = _states(
        priced.groups,
        pl.DataFrame(schema=USED) if used is None else used,
        pl.DataFrame(schema=WAITING) if waiting is None else waiting,
        plans.lines if plans is not None else (),
    )
    if plans is not None and plans.families is not None:
        groups = rating_families.by_themselves(groups, plans, plans.families, no_limit=NO_LIMIT)
    parts = [
        priced.free.with_columns(pl.lit(0, pl.Int64).alias("included")),
        _in_order(priced, groups.filter(pl.col("state") == "in_order")),
    ]
    taken, shared = pl.DataFrame(schema=TAKEN), pl.DataFrame(schema=SHARED)
    if plans is not None and plans.lines:
        more, groups, taken, shared = _from_packages(priced, groups, plans)
        parts += more
    known = groups.filter(pl.col("state") != "late")
    if everything:
        fits = groups.filter(pl.col("state") == "fits").select(_GROUP)
        parts.append(priced.covered.join(fits, on=_GROUP, how="semi").with_columns(included=pl.col("rounded")))
    return Settled(
        pl.concat([_charges(part, priced, everything=everything) for part in parts]),
        known.select(
            "line_id",
            "period_start",
            "bucket",
            _limited(pl.col("used_before") + pl.col("total")).alias("used"),
            pl.when(pl.col("least") < NO_LIMIT).then(pl.col("least")).alias("least_amount"),
            pl.max_horizontal("used_until", "last").alias("used_until"),
        ),
        groups.filter(pl.col("state") == "late").select("line_id", "period_start").unique(),
        taken,
        shared,
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


def _usage_key(zones: list[str], destinations: int) -> pl.Expr:
    """Return kind, direction and zone of a record as one number, with room for the destination."""
    zone = pl.col("zone").replace_strict(["", *zones], [zones.index(HOME), *range(len(zones))], return_dtype=pl.Int64)
    what = pl.col("kind").cast(pl.Int64) * 4 + pl.col("direction").cast(pl.Int64)
    return (what * len(zones) + zone) * destinations


def _ways(
    keys: pl.Series, zones: list[str], destinations: list[str], versions: list[int], tariffs: Tariffs
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows, names = [], []
    for way, key in enumerate(keys):
        rest, version = divmod(key, len(versions))
        rest, destination = divmod(rest, len(destinations))
        rest, zone = divmod(rest, len(zones))
        kind, direction = divmod(rest, 4)
        *numbers, rule, category = tariffs.way(
            versions[version], kind, direction, destinations[destination], zones[zone]
        )
        rows.append((key, way, *numbers))
        names.append((way, rule, category))
    return pl.DataFrame(rows, _WAYS, orient="row"), pl.DataFrame(names, _WAY_NAMES, orient="row")


def _with_months(covered: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """Add the month, counted from the year 0, in which the record's billing period starts."""
    day = pl.col("day")
    month = (
        day.dt.year().cast(pl.Int32) * 12 + day.dt.month() - 1 - (day.dt.day() < pl.col("period_day")).cast(pl.Int32)
    )
    dated = covered.with_columns(pl.col("started_at").dt.convert_time_zone(zone.key).dt.date().alias("day"))
    return dated.with_columns(month.alias("month")).drop("day")


def _grouped(covered: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    groups = covered.group_by(_GROUP).agg(
        pl.col("period_day").first(),
        _limited(_wide(covered).sum()).alias("total"),
        pl.col("allowance").min().alias("least_new"),
        pl.col("started_at").min().alias("first"),
        pl.col("started_at").max().alias("last"),
    )
    kinds = groups.select("period_day", "month").unique()
    starts = [rules.period_of_month(day, number, zone).start for day, number in kinds.iter_rows()]
    kinds = kinds.with_columns(pl.Series("period_start", starts, dtype=MOMENT))
    return groups.join(kinds, on=["period_day", "month"])


def _states(
    groups: pl.DataFrame, used: pl.DataFrame, waiting: pl.DataFrame, packages: Collection[int] = ()
) -> pl.DataFrame:
    """Tell for each line, period and bucket whether the records `fits` into the allowance whatever their order, come
    `in_order` after those already rated, or come `late`. Those of lines with `packages` in order are `packages`."""
    groups = groups.join(used, on=["line_id", "period_start", "bucket"], how="left").join(
        waiting.with_columns(pl.lit(value=True).alias("waits")), on=["line_id", "period_start"], how="left"
    )
    groups = groups.with_columns(
        pl.col("used").fill_null(0).alias("used_before"),
        pl.min_horizontal("least_new", pl.col("least_amount")).alias("least"),
    )
    fits = (pl.col("used_before") + pl.col("total") <= pl.col("least")) | (pl.col("least") == NO_LIMIT)
    in_order = pl.col("used_until").is_null() | (pl.col("first") > pl.col("used_until"))
    has_more = pl.col("line_id").is_in(list(packages)) if packages else pl.lit(value=False)
    return groups.with_columns(
        pl.when(pl.col("waits")).then(pl.lit("late"))
        .when(has_more & in_order).then(pl.lit("packages")).when(has_more).then(pl.lit("late"))
        .when(fits).then(pl.lit("fits")).when(in_order).then(pl.lit("in_order")).otherwise(pl.lit("late"))
        .alias("state")
    )  # fmt: skip


def _from_packages(
    priced: Priced, groups: pl.DataFrame, plans: Plans
) -> tuple[list[pl.DataFrame], pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the records of lines with packages, the groups with what fell to tariffs, and what packages gave."""
    records = _sorted(priced, groups.filter(pl.col("state") == "packages"))
    of_families = pl.col("line_id").is_in(list(plans.families.lines) if plans.families else [])
    alone = records.filter(~of_families)
    included, fell, rows = rating_packages.take(alone, plans, no_limit=NO_LIMIT)
    parts, shared = [alone.with_columns(pl.Series("included", included, dtype=pl.Int64))], []
    if plans.families is not None:
        together = records.filter(of_families).sort(*ORDER)
        took = rating_families.take(together, plans, plans.families, no_limit=NO_LIMIT)
        parts.append(together.with_columns(pl.Series("included", took.included, dtype=pl.Int64)))
        fell, rows, shared = fell | took.fell, rows + took.taken, took.shared
        groups = _with_pools(groups, plans.families, fell)
    schema = {name: groups.schema[name] for name in _GROUP} | {"fell": pl.Int64()}
    fallen = pl.DataFrame([(*place, used) for place, used in fell.items()], pl.Schema(schema), orient="row")
    groups = groups.join(fallen, on=_GROUP, how="left").with_columns(
        # Of a line whose groups are rated by themselves, others may have looked into the package and found nothing.
        pl.when(pl.col("fell").is_null() | (pl.col("state") != "packages"))
        .then("total")
        .otherwise(pl.col("fell") - pl.col("used_before"))
        .alias("total")
    )
    return (
        parts,
        groups.drop("fell"),
        pl.DataFrame(rows, TAKEN, orient="row"),
        pl.DataFrame(shared, SHARED, orient="row"),
    )


def _with_pools(groups: pl.DataFrame, families: Families, fell: Mapping[tuple[int, int, int], int]) -> pl.DataFrame:
    """Add the kinds of owners' periods of which others used something, and the owner itself nothing."""
    known = set(groups.select(*_GROUP).iter_rows())
    rows = []
    for line_id, month, bucket in sorted(place for place, used in fell.items() if used and place not in known):
        day = families.days[line_id]
        start = rules.period_of_month(day, month, families.zone).start
        stood = families.stood.get((line_id, start, BUCKETS[bucket]))
        shown: dict[str, object] = {"line_id": line_id, "month": month, "bucket": bucket, "period_day": day}
        shown |= {"period_start": start, "last": start, "total": 0, "used_before": 0, "state": "packages"}
        if stood is not None:
            shown |= {"least": stood.least_amount, "used_until": stood.used_until}
        rows.append(shown)
    return pl.concat([groups, pl.DataFrame(rows, groups.schema)]) if rows else groups


def covering(priced: Priced, plans: Plans, source_id: int, record_id: str) -> list[tuple[Held, int]]:
    """Return which buckets a record took from, and how much, when the records are all there are of their period."""
    records = _sorted(priced, priced.groups.with_columns(pl.lit(0, pl.Int64).alias("used_before")))
    records = records.sort(*ORDER) if plans.families else records
    place = records.with_row_index("place").filter(source_id=source_id, record_id=record_id)["place"]
    asked: list[tuple[Held, int]] = []
    if len(place) and plans.families:
        rating_families.take(records, plans, plans.families, no_limit=NO_LIMIT, asked=asked, of=place[0])
    elif len(place):
        rating_packages.take(records, plans, no_limit=NO_LIMIT, asked=asked, of=place[0])
    return asked


def _sorted(priced: Priced, groups: pl.DataFrame) -> pl.DataFrame:
    """Return the records of the groups in the order in which they take from allowances."""
    records = priced.covered.join(groups.select(*_GROUP, "used_before"), on=_GROUP)
    return records.hstack(priced.records.select("source_id", "record_id")[records["row"]]).sort(*_GROUP, *ORDER)


def _in_order(priced: Priced, groups: pl.DataFrame) -> pl.DataFrame:
    records = _sorted(priced, groups)
    until = _limited(_wide(records).cum_sum()).over(_GROUP)
    before = pl.col("used_before") + until - pl.col("rounded")
    left = pl.when(pl.col("allowance") == NO_LIMIT).then(NO_LIMIT).otherwise(pl.col("allowance") - before).clip(0)
    return records.with_columns(pl.min_horizontal("rounded", left).alias("included"))


def _wide(records: pl.DataFrame) -> pl.Expr:
    """Return the rounded quantities, in numbers wide enough for the sum of all of them."""
    rounded = pl.col("rounded")
    most = records.select(rounded.max()).item() or 0
    return rounded.cast(pl.Int128) if records.height * most >= 2**62 else rounded


def _limited(total: pl.Expr) -> pl.Expr:
    """Return what was used, or `NO_LIMIT` when it is more: beyond every allowance, and still a number to add to."""
    return pl.min_horizontal(total, pl.lit(NO_LIMIT, pl.Int64)).cast(pl.Int64)


def _charges(rated: pl.DataFrame, priced: Priced, *, everything: bool) -> pl.DataFrame:
    if not everything:
        rated = rated.filter((pl.col("price_minor") > 0) & (pl.col("rounded") > pl.col("included")))
    units = -(-(pl.col("rounded") - pl.col("included")) // pl.col("unit_size"))
    texts = priced.records.select("source_id", "record_id", "peer")[rated["row"]]
    return (
        rated.drop("source_id", "record_id", strict=False)
        .hstack(texts)
        .join(priced.names, on="way")
        .with_columns(units.alias("billed_units"))
        .with_columns((pl.col("billed_units") * pl.col("price_minor")).alias("amount_minor"))
        .select(CHARGES)
    )
