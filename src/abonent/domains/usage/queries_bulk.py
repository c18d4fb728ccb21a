"""Reads of the records of many lines at once, as frames: for rating."""

from __future__ import annotations

import polars as pl

from abonent.foundation import frames

# What a newly stored batch looks like as well.
RECORDS = pl.Schema(
    {
        "line_id": pl.Int64(),
        "record_id": pl.String(),
        "source_id": pl.Int16(),
        "started_at": frames.Moment,
        "kind": pl.Int8(),
        "direction": pl.Int8(),
        "peer": pl.String(),
        "duration_s": pl.Int64(),
        "bytes": pl.Int64(),
        "units": pl.Int64(),
        "zone": pl.String(),
    }
)


def of_periods(periods: pl.DataFrame) -> pl.DataFrame:
    """Return `RECORDS`: all of each line between its moments; `periods` has the columns line_id, start, end."""
    return frames.load(
        """select record.line_id, record_id, source_id, started_at, kind, direction, peer,
                   duration_s, bytes, units, zone
              from unnest({lines}::bigint[], {starts}::timestamptz[], {ends}::timestamptz[])
                   as asked (line_id, since, until)
              join usage_record record
                on record.line_id = asked.line_id and started_at >= since and started_at < until""",
        RECORDS,
        lines=frames.array(periods["line_id"]),
        starts=frames.array(periods["start"]),
        ends=frames.array(periods["end"]),
    )
