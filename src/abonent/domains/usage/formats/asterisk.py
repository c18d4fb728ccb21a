"""Asterisk's `Master.csv`: no header, local times, every field quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import polars as pl

from abonent.domains.usage.formats.local_time import local_moments
from abonent.domains.usage.formats.part import Operator, Part
from abonent.domains.usage.formats.separated import BOM, NotFields, fields_of, split
from abonent.domains.usage.reading import Piece, head, pieces
from abonent.foundation.values import InvalidNumber, Msisdn

COLUMNS = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer",
    "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield",
)  # fmt: skip
OPTIONAL_COLUMNS = 2
# What makes one leg of a call itself; the free texts are left out, since a system may be told to log them or not.
IDENTITY = ("src", "dst", "channel", "dstchannel", "start", "answer", "end", "billsec", "disposition", "lastapp")
_START = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_DISPOSITIONS = {"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"}
_ENDPOINT = r"^[A-Za-z0-9]+/([^@/-]+)"
# Shorter ones are short numbers and extensions: they stay as they are.
_LONG_NUMBER = r"^\+?[0-9][0-9 ()-]{6,}$"


def looks_like(start: bytes) -> bool:
    """Return whether a file's first bytes are this format."""
    return any(_is_call(line) for line in start.removeprefix(BOM).split(b"\n")[:10])


def read(path: Path, operator: Operator) -> Iterator[Part]:
    """Yield the file's calls piece by piece."""
    skip = len(BOM) if head(path, len(BOM)) == BOM else 0
    for piece in pieces(path):
        whole = Piece(piece.lines[skip:], piece.first_row, piece.done)
        skip = 0
        rows, rejected = split(whole, COLUMNS, missing_last=OPTIONAL_COLUMNS)
        yield Part(_calls(rows, operator), rejected, piece.done)


def _calls(rows: pl.DataFrame, operator: Operator) -> pl.DataFrame:
    """Return the calls as our line sees them: the account charged, else the side whose device it is, else our own."""
    named = rows.with_columns(
        pl.col("channel").str.extract(_ENDPOINT).fill_null("").alias("from_device"),
        pl.col("dstchannel").str.extract(_ENDPOINT).fill_null("").alias("to_device"),
    )
    sides = named.select(
        _numbers(named[name], operator.region) for name in ("accountcode", "src", "dst", "from_device", "to_device")
    )
    account, caller, called = pl.col("accountcode"), pl.col("src"), pl.col("dst")
    caller_ours, called_ours = _is_ours(caller, operator), _is_ours(called, operator)
    by_account = (account != "") & (account.str.contains(_LONG_NUMBER) | ~(caller_ours | called_ours))
    incoming = (
        pl.when(by_account)
        .then((called == account) & (caller != account))
        .when((pl.col("from_device") == caller) & (caller != ""))
        .then(statement=False)
        .when((pl.col("to_device") == called) & (called != ""))
        .then(statement=True)
        .otherwise(~caller_ours & called_ours)
    )
    seen = sides.select(
        line=pl.when(by_account).then(account).when(incoming).then(called).otherwise(caller),
        direction=pl.when(incoming).then(pl.lit("in")).otherwise(pl.lit("out")),
        peer=pl.when(incoming).then(caller).otherwise(called),
    )
    return rows.with_columns(seen).select(
        "row",
        _ids(rows),
        "line",
        local_moments(rows["start"], operator.zone).alias("started_at"),
        pl.lit("voice").alias("kind"),
        "direction",
        "peer",
        pl.when(pl.col("disposition") == "ANSWERED").then("billsec").otherwise(pl.lit("0")).alias("duration_s"),
        pl.lit("").alias("bytes"),
        pl.lit("").alias("units"),
        pl.lit("home").alias("zone"),
    )


def _ids(rows: pl.DataFrame) -> pl.Series:
    """Return ids that stay the same in every copy of the log: `uniqueid` may stand for several legs of a call."""
    told = rows.select(pl.concat_str(IDENTITY, separator="\x1f"), "uniqueid")
    return pl.Series(
        "record_id",
        [f"{unique}/{blake2b(leg.encode(), digest_size=8).hexdigest()}" for leg, unique in told.iter_rows()],
        dtype=pl.String,
    )


def _numbers(texts: pl.Series, region: str) -> pl.Series:
    """Return long numbers in E.164, everything else as it is."""
    known = texts.unique()
    long = known.filter(known.str.contains(_LONG_NUMBER))
    return texts.replace(long, pl.Series([_e164(text, region) for text in long], dtype=pl.String))


@lru_cache(maxsize=100_000)
def _e164(text: str, region: str) -> str:
    try:
        return Msisdn.parse(text, region).e164
    except InvalidNumber:
        return text


def _is_ours(number: pl.Expr, operator: Operator) -> pl.Expr:
    return pl.any_horizontal(
        pl.lit(value=False), *(number.str.starts_with(prefix) for prefix in operator.number_ranges)
    )


def _is_call(line: bytes) -> bool:
    try:
        fields = fields_of(line.rstrip(b"\r"))
    except NotFields:
        return False
    if not len(COLUMNS) - OPTIONAL_COLUMNS <= len(fields) <= len(COLUMNS):
        return False
    return bool(_START.fullmatch(fields[9])) and fields[14] in _DISPOSITIONS
