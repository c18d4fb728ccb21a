"""Reads of usage; values, not models."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from abonent.domains.usage.rules import Direction, Kind
from abonent.foundation.values import Period

Cursor = tuple[datetime, int, str]
STREAM_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Record:
    """One fact from the network: seconds, bytes, pieces; `zone` is empty, `home` or a zone's code."""

    line_id: int
    started_at: datetime
    kind: Kind
    direction: Direction
    peer: str
    duration_s: int
    bytes: int
    units: int
    zone: str
    source_id: int
    record_id: str

    @property
    def cursor(self) -> Cursor:
        """The record's place in its line's order."""
        return self.started_at, self.source_id, self.record_id


@dataclass(frozen=True, slots=True)
class Total:
    """Sums over records of one kind and direction."""

    kind: Kind
    direction: Direction
    count: int
    duration_s: int
    bytes: int
    units: int


_COLUMNS = "line_id, started_at, kind, direction, peer, duration_s, bytes, units, zone, source_id, record_id"
_PLACE = "(started_at, source_id, record_id)"


def records(
    *,
    line_id: int,
    period: Period,
    kinds: Collection[int] = (),
    peer_contains: str = "",
    roaming: bool | None = None,
    before: Cursor | None = None,
    after: Cursor | None = None,
    limit: int,
) -> list[Record]:
    """Return up to `limit` records of the line, newest first.

    `before` gives the page that follows the cursor (older ones), `after` the page that precedes it (the nearest newer
    ones). `peer_contains` looks for digits of a number however it is typed, or for a part of a name. Cost depends on
    `limit`, not on how many records there are, except that a rare `peer_contains` reads the line's period.
    """
    where, values = _filters(line_id, period, kinds, peer_contains, roaming)
    if before is not None:
        # The first condition says nothing new, but the index understands it.
        where += f" and started_at <= %s and {_PLACE} < (%s, %s, %s)"
        values += [before[0], *before]
    if after is not None:
        where += f" and started_at >= %s and {_PLACE} > (%s, %s, %s)"
        values += [after[0], *after]
    order = "asc" if after is not None and before is None else "desc"
    found = _rows(
        f"select {_COLUMNS} from usage_record where {where}"
        f" order by started_at {order}, source_id {order}, record_id {order} limit %s",
        [*values, limit],
    )
    return found if order == "desc" else found[::-1]


def stream(
    *,
    line_id: int,
    period: Period,
    kinds: Collection[int] = (),
    peer_contains: str = "",
    roaming: bool | None = None,
) -> Iterator[Record]:
    """Yield the line's records, oldest first, in flat memory.

    It reads in steps by the index and holds neither a transaction nor a cursor open while somebody writes a file of it.
    """
    where, values = _filters(line_id, period, kinds, peer_contains, roaming)
    last: Cursor | None = None
    while True:
        further, place = (f" and started_at >= %s and {_PLACE} > (%s, %s, %s)", [last[0], *last]) if last else ("", [])
        found = _rows(
            f"select {_COLUMNS} from usage_record where {where}{further}"
            " order by started_at, source_id, record_id limit %s",
            [*values, *place, STREAM_ROWS],
        )
        yield from found
        if len(found) < STREAM_ROWS:
            return
        last = found[-1].cursor


def totals(
    *,
    line_id: int,
    period: Period,
    kinds: Collection[int] = (),
    peer_contains: str = "",
    roaming: bool | None = None,
) -> list[Total]:
    """Return sums of what `stream` would yield, by kind and direction."""
    where, values = _filters(line_id, period, kinds, peer_contains, roaming)
    with connection.cursor() as cursor:
        cursor.execute(
            "select kind, direction, count(*), sum(duration_s)::bigint, sum(bytes)::bigint, sum(units)::bigint"
            f" from usage_record where {where} group by kind, direction order by kind, direction",
            values,
        )
        return [Total(Kind(row[0]), Direction(row[1]), *row[2:]) for row in cursor.fetchall()]


def count(
    *,
    line_id: int,
    period: Period,
    kinds: Collection[int] = (),
    peer_contains: str = "",
    roaming: bool | None = None,
) -> int:
    """Return how many records `stream` would yield."""
    where, values = _filters(line_id, period, kinds, peer_contains, roaming)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from usage_record where {where}", values)
        (number,) = cursor.fetchone()
        return int(number)


def of_ids(*, keys: Sequence[Cursor]) -> list[Record]:
    """Return the records at the given cursors, in no order; those that are not there are left out."""
    if not keys:
        return []
    times, sources, ids = (list(column) for column in zip(*keys, strict=True))
    return _rows(
        f"select {_COLUMNS} from usage_record where {_PLACE} in"
        " (select * from unnest(%s::timestamptz[], %s::smallint[], %s::varchar[]))"
        " and started_at between %s and %s",
        [times, sources, ids, min(times), max(times)],
    )


def _filters(
    line_id: int, period: Period, kinds: Collection[int], peer_contains: str, roaming: bool | None
) -> tuple[str, list[Any]]:
    where = "line_id = %s and started_at >= %s and started_at < %s"
    values: list[Any] = [line_id, period.start, period.end]
    if kinds:
        where += " and kind = any(%s)"
        values.append([int(kind) for kind in kinds])
    if roaming is not None:
        where += " and zone not in ('', 'home')" if roaming else " and zone in ('', 'home')"
    if wanted := peer_contains.strip().replace("\0", ""):
        where += " and peer ilike %s"
        values.append(f"%{_like(wanted)}%")
    return where, values


def _like(wanted: str) -> str:
    """Return the pattern of what somebody typed; of a number only its digits count."""
    digits = "".join(character for character in wanted if character.isdecimal())
    if digits and not any(character.isalpha() for character in wanted):
        return digits
    return wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _rows(sql: str, values: list[Any]) -> list[Record]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Record(row[0], row[1], Kind(row[2]), Direction(row[3]), *row[4:]) for row in cursor.fetchall()]
