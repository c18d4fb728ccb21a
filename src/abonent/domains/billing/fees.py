"""Recurring fees: each started billing period of each line, exactly once, in bulk.

The first period is the one in which a line is opened; its whole fee is due at the opening. Every later fee is due when
its period starts. The fee is that of the tariff version in force at that moment.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import posting, rules
from abonent.domains.catalog import queries as catalog
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines import queries_bulk as lines
from abonent.foundation import frames

LINES_AT_ONCE = 20_000
_TURN = 0x66656573
_MARKS = pl.Schema({"line_id": pl.Int64(), "charged_month": pl.Int32()})


def charge_fees(*, until: datetime) -> int:
    """Charge every fee due by `until` that was not charged yet; return how many. Some lines are one transaction."""
    zone = ZoneInfo(settings.TIME_ZONE)
    charged, after = 0, 0
    while not (some := lines.opened(after=after, limit=LINES_AT_ONCE)).is_empty():
        charged += _charge_some(some, until, zone)
        after = some["line_id"][-1]
    return charged


@transaction.atomic
def _charge_some(some: pl.DataFrame, until: datetime, zone: ZoneInfo) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_TURN])
    due = _due(some, until, zone)
    if due.is_empty():
        return 0
    fees = _fees(due)
    if not fees.is_empty():
        posting.store_charges(fees)
        ledger.post_frame(posting.postings(fees, kind="fee"))
    marks = due.group_by("line_id").agg(pl.col("month").max())
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_feescharged (line_id, month) select * from unnest(%s::bigint[], %s::integer[])
               on conflict (line_id) do update set month = excluded.month""",
            frames.arrays(marks, ["line_id", "month"]),
        )
    return len(fees)


def _due(some: pl.DataFrame, until: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Return line_id, contract_id, month and booked_at of every period that started and is not charged."""
    marks = frames.load(
        "select line_id, month from billing_feescharged where line_id between {first} and {last}",
        _MARKS,
        first=some["line_id"][0],
        last=some["line_id"][-1],
    )
    end = pl.min_horizontal(pl.lit(until, frames.Moment), "closed_at")
    months = some.join(marks, on="line_id", how="left").with_columns(
        pl.max_horizontal(_month(pl.col("opened_at"), zone), pl.col("charged_month") + 1).alias("first"),
        _month(end, zone).alias("last"),
    )
    months = months.filter(pl.col("first") <= pl.col("last"))
    each = months.with_columns(pl.int_ranges("first", pl.col("last") + 1).alias("month")).explode("month")
    kinds = each.select("period_day", "month").unique()
    starts = [rules.period_of_month(day, month, zone).start for day, month in kinds.iter_rows()]
    each = each.join(
        kinds.with_columns(pl.Series("start", starts, dtype=frames.Moment)), on=["period_day", "month"]
    ).with_columns(pl.max_horizontal("start", "opened_at").alias("booked_at"))
    started = (pl.col("booked_at") <= until) & (
        pl.col("closed_at").is_null() | (pl.col("booked_at") < pl.col("closed_at"))
    )
    return each.filter(started).select("line_id", "contract_id", "month", "booked_at")


def _fees(due: pl.DataFrame) -> pl.DataFrame:
    assignments = lines.assignments(due["line_id"].unique()).drop("contract_id")
    at = pl.col("booked_at")
    owned = due.join(assignments, on="line_id").filter(
        (at >= pl.col("valid_from")) & (pl.col("valid_until").is_null() | (at < pl.col("valid_until")))
    )
    versions = catalog.tariff_versions(owned["tariff_version_id"].unique())
    fee_of = {version_id: version.fee_minor for version_id, version in versions.items()}
    priced = owned.with_columns(
        pl.col("tariff_version_id").replace_strict(fee_of, return_dtype=pl.Int64).alias("price_minor")
    ).filter(pl.col("price_minor") > 0)
    one, nothing = pl.lit(1, pl.Int64), pl.lit(0, pl.Int64)
    return priced.join(posting.accounts(priced["contract_id"].unique()), on="contract_id").with_columns(
        pl.Series("id", posting.fee_charge_ids(priced["line_id"], priced["month"]), dtype=pl.String),
        pl.col("price_minor").alias("amount_minor"),
        one.alias("quantity"),
        nothing.alias("included"),
        one.alias("billed_units"),
        one.alias("unit_size"),
        pl.lit(0, pl.Int16).alias("revision"),
        pl.lit(None, pl.Int16).alias("source_id"),
        pl.lit(None, pl.String).alias("record_id"),
        pl.lit("fee").alias("category"),
        pl.lit(rules.FEE_RULE).alias("rule"),
        pl.lit("").alias("peer"),
    )


def _month(moment: pl.Expr, zone: ZoneInfo) -> pl.Expr:
    """Return the month, counted from the year 0, in which the billing period around `moment` starts."""
    local = moment.dt.convert_time_zone(zone.key)
    month = local.dt.year().cast(pl.Int32) * 12 + local.dt.month() - 1
    return month - (local.dt.day() < pl.col("period_day")).cast(pl.Int32)
