"""Reads of the records of many lines at once, as frames: for rating."""

from __future__ import annotations

import polars as pl

from abonent.domains.usage.rules import STORED
from abonent.foundation import frames

COUNTS = pl.Schema({"line_id": pl.Int64(), "start": frames.Moment, "records": pl.Int64()})


def of_periods(periods: pl.DataFrame) -> pl.DataFrame:
    """Return `rules.STORED`: the records of lines between two moments; `periods` has line_id, start and end."""
    return frames.load(
        """select record.line_id, record_id, source_id, started_at, kind, direction, peer,
                   duration_s, bytes, units, zone
              from unnest({lines}::bigint[], {starts}::timestamptz[], {ends}::timestamptz[])
                   as asked (line_id, since, until)
              join usage_record record
                on record.line_id = asked.line_id and started_at >= since and started_at < until""",
        STORED,
        lines=frames.array(periods["line_id"]),
        starts=frames.array(periods["start"]),
        ends=frames.array(periods["end"]),
    )


def counts_of_periods(periods: pl.DataFrame) -> pl.DataFrame:
    """Return `COUNTS`: how many records `of_periods` would return of each; periods without any are left out."""
    return frames.load(
        """select asked.line_id, since, count(*)
              from unnest({lines}::bigint[], {starts}::timestamptz[], {ends}::timestamptz[])
                   as asked (line_id, since, until)
              join usage_record record
                on record.line_id = asked.line_id and started_at >= since and started_at < until
             group by 1, 2""",
        COUNTS,
        lines=frames.array(periods["line_id"]),
        starts=frames.array(periods["start"]),
        ends=frames.array(periods["end"]),
    )
