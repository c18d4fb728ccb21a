"""What rating reads of families that share a package, for many lines at once, and what it writes of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection

from abonent.domains.billing.rating.pools import SHARED, Families, Limit, Member, Place
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.lines import queries_bulk as lines
from abonent.foundation import frames

_PLACES = pl.Schema({"line_id": pl.Int64(), "period_start": frames.Moment})

# All groups of the lines, and those of whoever is in one of these, and so on: all whose rating hangs together.
_GROUPS: LiteralString = """
    with recursive found (group_id) as (
        select group_id from billing_familymember where line_id = any (%s)
        union
        select other.group_id from found
          join billing_familymember one on one.group_id = found.group_id
          join billing_familymember other on other.line_id = one.line_id
    )
"""
_MEMBERS: LiteralString = (
    _GROUPS
    + """
    select member.id, owner.line_id, member.line_id, greatest(member.since, owner.since),
           least(member.until, owner.until),
           coalesce((offer.terms->'family'->>'common_first')::boolean, false),
           array(select bucket from billing_familylimit limits where limits.member_id = member.id order by id),
           array(select amount from billing_familylimit limits where limits.member_id = member.id order by id),
           array(select valid_from from billing_familylimit limits where limits.member_id = member.id order by id),
           array(select since from billing_familypause pause where pause.group_id = family.id order by id),
           array(select until from billing_familypause pause where pause.group_id = family.id order by id)
      from found
      join billing_familygroup family on family.id = found.group_id
      join catalog_offerversion offer on offer.id = family.offer_version_id
      join billing_familymember owner on owner.group_id = family.id and owner.is_owner
      join billing_familymember member on member.group_id = family.id and not member.is_owner
     order by member.since, member.id
"""
)
_WAITS: LiteralString = (
    _GROUPS
    + """
    select exists (select from billing_rerating where line_id = %s)
        or exists (select from found join billing_familymember member on member.group_id = found.group_id
                     join billing_rerating waiting on waiting.line_id = member.line_id)
"""
)


def families(line_ids: Collection[int], zone: ZoneInfo) -> Families | None:
    """Return the families of the lines with all that hangs together with them; None: they are in none.

    Tariffs of owners are not known yet: see `Families.assigned`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [list(line_ids)])
        members = [_member(row) for row in cursor.fetchall()]
    if not members:
        return None
    found = Families(zone, members, {})
    found.days = lines.period_days(found.lines)
    return found


def _member(row: tuple[Any, ...]) -> Member:
    id_, owner_id, line_id, since, until, common_first, buckets, amounts, froms, paused, goes_on = row
    limits, pauses = tuple(map(Limit, buckets, amounts, froms)), tuple(zip(paused, goes_on, strict=True))
    return Member(id_, owner_id, line_id, since, until, common_first, limits, pauses)


def waits(line_id: int) -> bool:
    """Return whether periods of the line, or of any whose rating hangs together with its, wait to be rated anew."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, [[line_id], line_id])
        return bool(cursor.fetchone()[0])


def places(rows: Iterable[Place]) -> pl.DataFrame:
    """Return periods as a frame (line_id, period_start)."""
    return pl.DataFrame(sorted(rows), _PLACES, orient="row")


def assigned(
    found: Families, assignments: pl.DataFrame, versions: Mapping[int, TariffVersion]
) -> dict[int, list[Assigned]]:
    """Return the tariffs of owners, in time."""
    known: dict[int, list[Assigned]] = {}
    rows = assignments.filter(pl.col("line_id").is_in(list(found.owners))).sort("line_id", "valid_from")
    for line_id, version_id, since, until in rows.select(
        "line_id", "tariff_version_id", "valid_from", "valid_until"
    ).iter_rows():
        known.setdefault(line_id, []).append(Assigned(versions[version_id], since, until))
    return known


def taken(found: Families, pools: Iterable[Place]) -> dict[tuple[str, str, datetime], int]:
    """Return what members took in those pools so far, by member, kind and period."""
    ids = [one.id for one in found.members]
    with connection.cursor() as cursor:
        cursor.execute(
            """select member_id::text, bucket, period_start, used from billing_familytaken
                where member_id = any (%s) and period_start = any (%s)""",
            [ids, list({start for _, start in pools})],
        )
        return {(member_id, bucket, start): used for member_id, bucket, start, used in cursor.fetchall()}


def forget(found: Families) -> None:
    """Take away what was taken in pools that are rated as they stay: the owners may have used nothing themselves."""
    whole = [pool for pool in found.pools if pool in found.whole]
    with connection.cursor() as cursor:
        cursor.execute(
            """update billing_bucket known set used = 0
                 from unnest(%s::bigint[], %s::timestamptz[]) as pool (line_id, period_start)
                where known.line_id = pool.line_id and known.period_start = pool.period_start""",
            [[line_id for line_id, _ in whole], [start for _, start in whole]],
        )


def store(taken: pl.DataFrame, found: Families) -> None:
    """Write what members took (`SHARED`) in pools that were rated as they stay; what they took before is forgotten."""
    whole = [pool for pool in found.pools if pool in found.whole]
    took = [row for row in taken.iter_rows() if _pool(found, row) in found.whole]
    pools = {(str(one.id), start) for one in found.members for owner_id, start in whole
             if owner_id == one.owner_id and one.during(found.period(owner_id, start)) is not None}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """update billing_familytaken taken set used = 0
                 from unnest(%s::uuid[], %s::timestamptz[]) as pool (member_id, period_start)
                where taken.member_id = pool.member_id and taken.period_start = pool.period_start""",
            [[member_id for member_id, _ in pools], [start for _, start in pools]],
        )
    write(pl.DataFrame(took, SHARED, orient="row"))


def write(taken: pl.DataFrame) -> None:
    """Write what members took (`SHARED`) in all."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_familytaken (member_id, bucket, period_start, used)
               select * from unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::bigint[])
               on conflict (member_id, bucket, period_start) do update set used = excluded.used""",
            frames.arrays(taken, list(SHARED)),
        )


def _pool(found: Families, row: tuple[str, str, datetime, int]) -> Place:
    """Return whose period somebody took from: of the owners that a family had, the one of that time."""
    member_id, _, start, _ = row
    return next(
        (one.owner_id, start) for one in found.members
        if str(one.id) == member_id and found.period(one.owner_id, start).start == start
        and one.during(found.period(one.owner_id, start)) is not None
    )  # fmt: skip
