"""What rating reads of buckets beside the tariffs' own, for many lines at once, and what it writes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection

from abonent.domains.billing.packages.rules import Held, Source
from abonent.domains.billing.rating import packages as rating_packages
from abonent.domains.billing.rating.frames import WAITING
from abonent.domains.billing.rating.packages import TAKEN, Plans
from abonent.domains.billing.rating.pools import Families
from abonent.domains.catalog.packages_rules import Hours
from abonent.domains.catalog.rules import ROLLS_MAX, TariffVersion
from abonent.foundation import frames

# No billing period is longer.
_PERIOD = timedelta(days=32)

_HELD = """
    select held.line_id, held.id, held.bucket, held.amount, held.valid_from, held.valid_until, held.source,
           coalesce((select sum(amount) from billing_giftpart part where part.bucket_id = held.id), 0)::bigint,
           held.hour_first, held.hour_end, held.offer_version_id,
           held.renews and held.stopped_at is null and held.renewal_order_id is null
      from billing_packagebucket held
"""


def plans(
    assignments: pl.DataFrame,
    versions: Mapping[int, TariffVersion],
    first: datetime,
    last: datetime,
    zone: ZoneInfo,
    families: Families | None = None,
) -> Plans:
    """Return what the lines have for the periods around moments from `first` to `last`, and what was taken of it."""
    line_ids = assignments["line_id"].unique().to_list()
    held = _held(line_ids, first - _PERIOD, last + _PERIOD)
    assigned = rating_packages.rolling_lines(assignments, versions)
    given = _tariff_given(line_ids, first - _PERIOD * (ROLLS_MAX + 1))
    found = Plans(zone, held=held, assigned=assigned, tariff_given=given, families=families)
    special = found.lines
    if special:
        days = assignments.filter(pl.col("line_id").is_in(list(special))).select("line_id", "period_day").unique()
        found.days = dict(days.iter_rows()) | (dict(families.days) if families else {})
        found.used = _taken(special, first - _PERIOD * (ROLLS_MAX + 13))
        found.tariff_used = _tariff_used(assigned, first - _PERIOD * (ROLLS_MAX + 1)) if assigned else {}
    return found


def held_of(row: tuple[Any, ...]) -> Held:
    """Return the value of a row of `_HELD`."""
    _, id_, bucket, amount, since, until, source, given, hour_first, hour_end, version_id, renews = row
    hours = None if hour_first is None else Hours(hour_first, hour_end)
    return Held(id_, bucket, amount, since, until, Source(source), given, hours, version_id, renews)


def _held(line_ids: Collection[int], since: datetime, until: datetime) -> dict[int, list[Held]]:
    found: dict[int, list[Held]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_HELD} where held.line_id = any(%s) and held.valid_until > %s and held.valid_from < %s",
            [list(line_ids), since, until],
        )
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(held_of(row))
    return found


def _tariff_given(line_ids: Collection[int], since: datetime) -> dict[tuple[int, datetime, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select line_id, period_start, bucket, sum(amount)::bigint from billing_giftpart
                where line_id = any(%s) and period_start >= %s group by line_id, period_start, bucket""",
            [list(line_ids), since],
        )
        return {(line_id, start, bucket): amount for line_id, start, bucket, amount in cursor.fetchall()}


def _taken(line_ids: Collection[int], since: datetime) -> dict[UUID, dict[datetime, int]]:
    found: dict[UUID, dict[datetime, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select bucket_id, period_start, used from billing_packagetaken
                where line_id = any(%s) and period_start >= %s""",
            [list(line_ids), since],
        )
        for bucket_id, start, used in cursor.fetchall():
            found.setdefault(bucket_id, {})[start] = used
    return found


def _tariff_used(line_ids: Collection[int], since: datetime) -> dict[tuple[int, datetime, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select line_id, period_start, bucket, used from billing_bucket
                where line_id = any(%s) and period_start > %s""",
            [list(line_ids), since],
        )
        return {(line_id, start, bucket): used for line_id, start, bucket, used in cursor.fetchall()}


def later_periods(found: Plans, periods: pl.DataFrame) -> pl.DataFrame:
    """Return `WAITING`: periods that were rated, after those (line_id, period_start) of lines with plans.

    What earlier ones take decides what they have, so they are rated anew when one of those is rated.
    """
    lines = found.carrying
    if not lines:
        return pl.DataFrame(schema=WAITING)
    firsts = periods.filter(pl.col("line_id").is_in(list(lines))).group_by("line_id").agg(pl.col("period_start").min())
    return frames.load(
        """select distinct known.line_id, known.period_start
             from unnest({lines}::bigint[], {starts}::timestamptz[]) as asked (line_id, since)
             join billing_bucket known on known.line_id = asked.line_id and known.period_start > asked.since""",
        WAITING,
        lines=frames.array(firsts["line_id"]),
        starts=frames.array(firsts["period_start"]),
    )


def store(taken: pl.DataFrame) -> None:
    """Write what periods took of buckets (`TAKEN`)."""
    if taken.is_empty():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_packagetaken (bucket_id, line_id, period_start, used)
               select * from unnest(%s::uuid[], %s::bigint[], %s::timestamptz[], %s::bigint[])
               on conflict (bucket_id, period_start) do update set used = excluded.used""",
            frames.arrays(taken, list(TAKEN)),
        )


def forget(periods: pl.DataFrame) -> None:
    """Take away what the periods (line_id, period_start) took: they are rated from their beginning."""
    with connection.cursor() as cursor:
        cursor.execute(
            """delete from billing_packagetaken taken
                using unnest(%s::bigint[], %s::timestamptz[]) as gone (line_id, period_start)
                where taken.line_id = gone.line_id and taken.period_start = gone.period_start""",
            frames.arrays(periods, ["line_id", "period_start"]),
        )
