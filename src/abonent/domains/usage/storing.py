"""How a batch of sound records gets into the tables: once each, in one transaction, in bulk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import psycopg
from django.db import connection, transaction

from abonent.domains.lines import queries as lines
from abonent.domains.usage import models
from abonent.domains.usage.rules import STORED
from abonent.foundation import frames

Then = Callable[[pl.DataFrame], None]

# Imports take turns batch by batch: what one has stored, the next one sees.
LOCK = "abonent usage"
_PARKED = ("line", *(name for name in STORED if name != "line_id"))
_SERVED = pl.Schema(
    {"line": pl.String(), "line_id": pl.Int64(), "opened_at": frames.Moment, "closed_at": frames.Moment}
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch's rows."""

    stored: int
    already: int
    parked: int


def source_id(name: str) -> int:
    """Return the id of the source called `name`, which is made when it is new."""
    return models.Source.objects.get_or_create(name=name)[0].pk


def store(frame: pl.DataFrame, source: int, then: Then) -> Outcome:
    """Store the new ones of sound records (columns `rules.COLUMNS`) and hand exactly those to `then`; all or none."""
    with transaction.atomic():
        take_turn()
        fresh = _without_known(frame.unique("record_id", keep="first", maintain_order=True), source)
        ours, unknown = _by_line(fresh.with_columns(source_id=pl.lit(source, dtype=pl.Int16)))
        _forget_parked(ours["record_id"], source)
        put_in(ours.sort("line_id", "started_at"), then)
        _park(unknown)
    return Outcome(stored=ours.height, already=frame.height - ours.height - unknown.height, parked=unknown.height)


def take_turn() -> None:
    """Wait until no other import is in a batch; until the end of the transaction the turn is ours."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])


def put_in(ours: pl.DataFrame, then: Then) -> None:
    """Copy new records (`rules.STORED`) into the table and let `then` answer.

    Records of one line come together: so they lie together on disk, and a statement reads few pages.
    """
    if not ours.height:
        return
    with _raw_cursor() as cursor:
        for month in ours["started_at"].dt.truncate("1mo").unique().sort():
            cursor.execute("select usage_make_month(%s)", [month])
    frames.store(ours, "usage_record")
    then(ours)


def _forget_parked(ids: pl.Series, source: int) -> None:
    """Remove records from the parked ones: their line has appeared, and they have come again before being taken up."""
    if models.Parked.objects.exists():
        with _raw_cursor() as cursor:
            cursor.execute(
                "delete from usage_parked where source_id = %s and record_id = any(%s::varchar[])",
                [source, frames.array(ids)],
            )


def known_ids(ids: pl.Series, source: int) -> pl.Series:
    """Return those of `ids` that are stored, whatever their time; in order they are found the fastest."""
    with _raw_cursor() as cursor:
        cursor.execute("select usage_known_ids(%s::smallint, %s::varchar[])", [source, frames.array(ids.sort())])
        found = [row[0] for row in cursor.fetchall()]
    return pl.Series("record_id", found, dtype=pl.String)


def _without_known(frame: pl.DataFrame, source: int) -> pl.DataFrame:
    known = known_ids(frame["record_id"], source)
    return frame.filter(~pl.col("record_id").is_in(known.implode())) if known.len() else frame


def _by_line(fresh: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split records into those whose number was served at their time, with `line_id`, and the others."""
    served = lines.served(numbers=fresh["line"].unique().to_list())
    table = pl.DataFrame(list(zip(*served, strict=True)) or [[], [], [], []], schema=_SERVED, orient="col")
    numbered = fresh.with_row_index("place")
    ours = numbered.join(table, on="line", how="inner").filter(
        pl.col("started_at") >= pl.col("opened_at"),
        pl.col("closed_at").is_null() | (pl.col("started_at") < pl.col("closed_at")),
    )
    ours = ours.unique("place", keep="first", maintain_order=True)
    unknown = numbered.join(ours, on="place", how="anti") if ours.height < fresh.height else numbered.clear()
    return ours.select(*STORED), unknown.select(*_PARKED)


def _park(unknown: pl.DataFrame) -> None:
    if not unknown.height:
        return
    with connection.cursor() as cursor:
        cursor.execute("create temporary table if not exists usage_arriving (like usage_parked) on commit delete rows")
        frames.store(unknown, "usage_arriving")
        cursor.execute("insert into usage_parked select * from usage_arriving on conflict do nothing")
        cursor.execute("truncate usage_arriving")


def _raw_cursor() -> psycopg.Cursor[Any]:
    """Return a cursor of psycopg's own: parameters travel beside the statement, however long the arrays."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def unpark(line_ids: Sequence[int], limit: int = 50_000) -> tuple[int, pl.DataFrame]:
    """Take up to `limit` parked records of the lines out; return how many, and those not stored yet (`STORED`)."""
    served = lines.served(line_ids=line_ids)
    columns = [list(column) for column in zip(*served, strict=True)] or [[], [], [], []]
    with _raw_cursor() as cursor:
        cursor.execute(_UNPARK, [*columns, limit])
        rows = cursor.fetchall()
    found = pl.DataFrame(rows, schema=STORED, orient="row")
    return found.height, pl.concat([found.clear(), *(_unstored(group) for group in found.partition_by("source_id"))])


def _unstored(group: pl.DataFrame) -> pl.DataFrame:
    return _without_known(group, group["source_id"][0])


_UNPARK = f"""
with line as (
    select * from unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
        as line (number, line_id, opened_at, closed_at)
), found as (
    select parked.record_id, parked.source_id, line.line_id
      from usage_parked parked join line on line.number = parked.line
       and parked.started_at >= line.opened_at
       and (line.closed_at is null or parked.started_at < line.closed_at)
     limit %s
)
delete from usage_parked parked using found
 where (parked.record_id, parked.source_id) = (found.record_id, found.source_id)
returning {", ".join(name if name == "line_id" else f"parked.{name}" for name in STORED)}
"""
