"""Reads of usage: one record by its key, and a choice of a line's records as a relation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from abonent.domains.usage.rules import Direction, Kind
from abonent.foundation.values import Period

# How the relation tells a record from abroad; `zone` is empty where it has no meaning.
ABROAD = "zone <> '' and zone <> 'home'"


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


@dataclass(frozen=True, slots=True)
class Selection:
    """A `select` with its parameters; columns: line_id, started_at, source_id, record_id, kind, direction, peer,
    duration_s, bytes, units, zone, abroad (boolean)."""

    sql: str
    parameters: tuple[Any, ...]


def record(*, started_at: datetime, source_id: int, record_id: str) -> Record | None:
    """Return the record, if it is stored; its time leads to the one partition to look in."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select line_id, started_at, kind, direction, peer, duration_s, bytes, units, zone, source_id, record_id
                 from usage_record where started_at = %s and source_id = %s and record_id = %s""",
            [started_at, source_id, record_id],
        )
        row = cursor.fetchone()
    return Record(row[0], row[1], Kind(row[2]), Direction(row[3]), *row[4:]) if row else None


def selection(
    *,
    line_id: int,
    period: Period,
    home_kinds: Collection[Kind] | None = None,
    abroad: bool = True,
    needles: Collection[str] = (),
) -> Selection:
    """Return the records of a line: at home those of `home_kinds` (None: all), and those from `abroad` if wanted.

    With `needles`, only those whose peer holds one of them, case apart; a needle with `+` is how the peer begins.
    """
    sql = f"""select line_id, started_at, source_id, record_id, kind, direction, peer, duration_s, bytes, units, zone,
                     {ABROAD} as abroad
                from usage_record where line_id = %s and started_at >= %s and started_at < %s"""
    parameters: list[Any] = [line_id, period.start, period.end]
    if home_kinds is not None:
        sql += f" and (kind = any(%s) and not ({ABROAD}) or %s and {ABROAD})"
        parameters += [[int(kind) for kind in home_kinds], abroad]
    elif not abroad:
        sql += f" and not ({ABROAD})"
    if needles:
        sql += " and peer ilike any(%s)"
        parameters.append(patterns(needles))
    return Selection(sql, tuple(parameters))


def has_called(*, line_id: int, number: str) -> bool:
    """Return whether somebody called the number (E.164) from the line, ever, and was answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select exists (select from usage_record where line_id = %s and kind = %s and direction = %s
                                 and peer = %s and duration_s > 0)""",
            [line_id, int(Kind.VOICE), int(Direction.OUT), number],
        )
        return bool(cursor.fetchone()[0])


def last_use(line_id: int) -> datetime | None:
    """Return when the line was used last, as far as records have come."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select started_at from usage_record where line_id = %s order by started_at desc limit 1", [line_id]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def patterns(needles: Collection[str]) -> list[str]:
    """Return the needles as patterns for `ilike any`, for other tables that hold a peer."""
    literals = [needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for needle in needles]
    return [f"{literal}%" if literal.startswith("+") else f"%{literal}%" for literal in literals]
