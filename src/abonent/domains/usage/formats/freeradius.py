"""FreeRADIUS accounting: the table `radacct` exported as CSV with its header; sessions of home internet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from abonent.domains.usage.formats import header
from abonent.domains.usage.formats.local_time import local_moments
from abonent.domains.usage.formats.part import Operator, Part
from abonent.domains.usage.formats.separated import split
from abonent.domains.usage.reading import head, pieces
from abonent.domains.usage.rules import BYTES_MAX, REJECTED, Reason

NEEDED = (
    "acctuniqueid", "username", "acctstarttime", "acctstoptime", "acctsessiontime",
    "acctinputoctets", "acctoutputoctets",
)  # fmt: skip
# Servers count octets with 32 bits, and beside them how often these ran over.
GIGAWORDS = ("acctinputgigawords", "acctoutputgigawords")
NOTHING = ("", "NULL", "null", "\\N", "0000-00-00 00:00:00")


def looks_like(start: bytes) -> bool:
    """Return whether a file's first bytes are this format."""
    return len(set(header.names(start)) & {*NEEDED, "acctsessionid", "radacctid"}) >= 2


def read(path: Path, operator: Operator) -> Iterator[Part]:
    """Yield the file's sessions piece by piece; open ones are rejected: they come again with their end."""
    columns = header.names(head(path))
    header.refuse_wrong(columns, NEEDED, others=True)
    # A column may be repeated only when nobody needs it; its name must still be its own.
    columns = [name if columns.index(name) == place else f"{name} {place}" for place, name in enumerate(columns)]
    for piece in pieces(path, skip_lines=1):
        rows, rejected = split(piece, columns)
        rows = rows.with_columns(
            pl.when(pl.col(name).is_in(NOTHING)).then(pl.lit("")).otherwise(pl.col(name)).alias(name)
            for name in (*NEEDED, *GIGAWORDS)
            if name in columns
        )
        unfinished = rows["acctstoptime"] == ""
        open_yet = (
            rows.filter(unfinished).select("row", reason=pl.lit(str(Reason.UNFINISHED))).cast(pl.Schema(REJECTED))
        )
        yield Part(_sessions(rows.filter(~unfinished), operator), rejected.vstack(open_yet), piece.done)


def _sessions(rows: pl.DataFrame, operator: Operator) -> pl.DataFrame:
    started = local_moments(rows["acctstarttime"], operator.zone)
    stopped = local_moments(rows["acctstoptime"], operator.zone)
    lasted = pl.col("acctsessiontime")
    coming, going = (_octets(rows, name) for name in ("acctinput", "acctoutput"))
    least, most = pl.min_horizontal(coming, going), pl.max_horizontal(coming, going)
    return rows.with_columns(started_at=started, between=(stopped - started).dt.total_seconds()).select(
        "row",
        pl.col("acctuniqueid").alias("record_id"),
        pl.col("username").alias("line"),
        "started_at",
        pl.lit("data").alias("kind"),
        pl.lit("out").alias("direction"),
        pl.lit("").alias("peer"),
        pl.when(lasted == "").then("between").otherwise(lasted.cast(pl.Int64, strict=False)).alias("duration_s"),
        # A negative part must not hide in the sum, nor an unreadable one; nor may one overflow it.
        pl.when(coming.is_null() | going.is_null())
        .then(None)
        .when(least < 0)
        .then(least)
        .when(most > BYTES_MAX)
        .then(most)
        .otherwise(coming + going)
        .alias("bytes"),
        pl.lit("").alias("units"),
        pl.lit("").alias("zone"),
    )


def _octets(rows: pl.DataFrame, way: str) -> pl.Expr:
    """Return the bytes of a way: the 32 bits a server counts with, and how often they ran over, where it is told."""
    low, high = f"{way}octets", f"{way}gigawords"
    if high not in rows.columns:
        return _number(low)
    counted = _number(low)
    # More than 32 bits have the overruns in them already. Cut off where it is absurd anyway, lest the sum overflow.
    return counted + pl.when(counted < 2**32).then(_number(high).clip(-1, 2**20) * 2**32).otherwise(0)


def _number(name: str) -> pl.Expr:
    return pl.when(pl.col(name) == "").then(0).otherwise(pl.col(name).cast(pl.Int64, strict=False))
