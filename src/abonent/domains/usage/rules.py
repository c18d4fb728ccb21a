"""What a sound usage record is. Pure: vectorised over Polars frames; the present moment comes in as an argument."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum

import polars as pl

ID_LENGTH_MAX = 100
AGE_MAX = timedelta(days=10 * 366)
AHEAD_MAX = timedelta(days=1)
DURATION_S_MAX = 7 * 24 * 3600
# A session of home internet or of a machine's SIM may stay up for weeks.
DATA_DURATION_S_MAX = 92 * 24 * 3600
# Ten terabytes: nothing sends more in one session, and a month of them stays far from what a column can hold.
BYTES_MAX = 10**13
UNITS_MAX = 10**6

TEXT_COLUMNS = ("record_id", "line", "started_at", "kind", "direction", "peer", "duration_s", "bytes", "units", "zone")
COLUMNS = pl.Schema(
    {
        "record_id": pl.String(),
        "line": pl.String(),
        "started_at": pl.Datetime("us", "UTC"),
        "kind": pl.Int8(),
        "direction": pl.Int8(),
        "peer": pl.String(),
        "duration_s": pl.Int64(),
        "bytes": pl.Int64(),
        "units": pl.Int64(),
        "zone": pl.String(),
    }
)
# Records as they are stored: with the line that was served, and with their source.
STORED = pl.Schema(
    [
        ("line_id", pl.Int64()),
        ("record_id", pl.String()),
        ("source_id", pl.Int16()),
        *((name, kind) for name, kind in COLUMNS.items() if name not in ("record_id", "line")),
    ]
)
REJECTED = {"row": pl.Int64, "reason": pl.String}

_LINE = r"^(\+[1-9][0-9]{6,14}|[^\s+\x00-\x1f\x7f][^\s\x00-\x1f\x7f]{0,39})$"
_PEER = r"^(\+[0-9]{1,20}|[^+\x00-\x1f\x7f][^\x00-\x1f\x7f]{0,39})?$"
_ZONE = r"^[A-Za-z0-9_-]{0,20}$"
_MEANT_HOME = ["HOME", "Home"]
_CONTROL = r"[\x00-\x1f\x7f]"
_TAIL = re.compile(r"(?:[.,](\d{1,9}))?(?:Z|z|([+-])(\d\d):?(\d\d)?)", re.ASCII)
_WITHOUT_OFFSET = r"^[0-9]{4}-?[0-9]{2}-?[0-9]{2}([T ][0-9]{2}[0-9:.,]*)?$"


class Kind(IntEnum):
    """What was used."""

    VOICE = 1
    SMS = 2
    MMS = 3
    DATA = 4
    CONTENT = 5


class Direction(IntEnum):
    """Which way, seen from the line."""

    OUT = 1
    IN = 2


class Reason(StrEnum):
    """Why a row is no record; the codes are stable, `text` is for people."""

    WRONG_COLUMN_COUNT = "wrong_column_count"
    BAD_QUOTES = "bad_quotes"
    LONG_ROW = "long_row"
    NOT_UTF8 = "not_utf8"
    NUL_BYTE = "nul_byte"
    NO_ID = "no_id"
    LONG_ID = "long_id"
    BAD_ID = "bad_id"
    BAD_LINE = "bad_line"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_DIRECTION = "unknown_direction"
    UNFINISHED = "unfinished"
    NO_OFFSET = "no_offset"
    BAD_TIME = "bad_time"
    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"
    BAD_PEER = "bad_peer"
    BAD_NUMBER = "bad_number"
    NEGATIVE = "negative"
    ABSURD_DURATION = "absurd_duration"
    ABSURD_BYTES = "absurd_bytes"
    ABSURD_UNITS = "absurd_units"
    BAD_ZONE = "bad_zone"

    @property
    def text(self) -> str:
        return _TEXTS[self]


_TEXTS = {
    Reason.WRONG_COLUMN_COUNT: "the row does not have as many columns as the format",
    Reason.BAD_QUOTES: "quotes are not closed on the row's own line",
    Reason.LONG_ROW: "the row is longer than a megabyte",
    Reason.NOT_UTF8: "the row is not UTF-8 text",
    Reason.NUL_BYTE: "the row holds a NUL byte",
    Reason.NO_ID: "the record id is missing",
    Reason.LONG_ID: f"the record id is longer than {ID_LENGTH_MAX} characters",
    Reason.BAD_ID: "the record id holds control characters",
    Reason.BAD_LINE: "the line is no E.164 number, short number or name of up to 40 characters",
    Reason.UNKNOWN_KIND: "the kind is none of voice, sms, mms, data, content",
    Reason.UNKNOWN_DIRECTION: "the direction is neither out nor in",
    Reason.UNFINISHED: "the session has not ended yet; it will come with its end",
    Reason.NO_OFFSET: "the time has no offset; write for example 2026-01-31T23:59:59+03:00",
    Reason.BAD_TIME: "the time is no ISO 8601 time",
    Reason.TOO_OLD: "the time is more than ten years ago",
    Reason.IN_FUTURE: "the time is more than a day ahead",
    Reason.BAD_PEER: "the peer is no E.164 number, short number or name of up to 40 characters",
    Reason.BAD_NUMBER: "the duration, bytes or units are no whole number",
    Reason.NEGATIVE: "the duration, bytes or units are negative",
    Reason.ABSURD_DURATION: "the duration is beyond 7 days (92 days for data)",
    Reason.ABSURD_BYTES: "the bytes are beyond 10^13",
    Reason.ABSURD_UNITS: "the units are beyond a million",
    Reason.BAD_ZONE: "the zone is neither empty nor home nor a zone's code",
}

_ABSURD = {"duration_s": Reason.ABSURD_DURATION, "bytes": Reason.ABSURD_BYTES, "units": Reason.ABSURD_UNITS}


def check(rows: pl.DataFrame, now: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split `rows` into sound records (columns `COLUMNS`) and rejected ones (columns `REJECTED`).

    `rows` has `row` (its number in the file) and `TEXT_COLUMNS`, each as text; `started_at` may be an aware time and
    the amounts may be integers already, where null means unreadable.
    """
    typed = rows.select(
        "row",
        "record_id",
        "line",
        moments(rows["started_at"]).alias("started_at"),
        _code(Kind, "kind"),
        _code(Direction, "direction"),
        "peer",
        *(_amount(rows.schema[name], name) for name in ("duration_s", "bytes", "units")),
        "zone",
    )
    faults = _faults(now)
    wrong = typed.select(pl.any_horizontal(fault.fill_null(value=True) for _, fault in faults).alias("wrong"))["wrong"]
    if not wrong.any():
        return typed.drop("row"), empty_rejected()
    reason = pl.coalesce(pl.when(fault.fill_null(value=True)).then(pl.lit(str(why))) for why, fault in faults)
    told = typed.filter(wrong).with_columns(reason=reason)
    return typed.filter(~wrong).drop("row"), _refined(told, rows.filter(wrong))


def empty_rejected() -> pl.DataFrame:
    """Return a frame of no rejected rows."""
    return pl.DataFrame(schema=REJECTED)


def _faults(now: datetime) -> list[tuple[Reason, pl.Expr]]:
    """Return each fault as an expression that is true, or null, where a row has it; the first that holds is told."""
    record_id, started_at, duration = pl.col("record_id"), pl.col("started_at"), pl.col("duration_s")
    amounts = [duration, pl.col("bytes"), pl.col("units")]
    longest = pl.when(pl.col("kind") == Kind.DATA).then(DATA_DURATION_S_MAX).otherwise(DURATION_S_MAX)
    return [
        (Reason.NO_ID, record_id == ""),
        (Reason.LONG_ID, record_id.str.len_chars() > ID_LENGTH_MAX),
        (Reason.BAD_ID, record_id.str.contains(_CONTROL)),
        (Reason.BAD_LINE, ~pl.col("line").str.contains(_LINE)),
        (Reason.UNKNOWN_KIND, pl.col("kind").is_null()),
        (Reason.UNKNOWN_DIRECTION, pl.col("direction").is_null()),
        (Reason.BAD_TIME, started_at.is_null()),
        (Reason.TOO_OLD, started_at < now - AGE_MAX),
        (Reason.IN_FUTURE, started_at > now + AHEAD_MAX),
        (Reason.BAD_PEER, ~pl.col("peer").str.contains(_PEER)),
        (Reason.BAD_NUMBER, pl.any_horizontal(amount.is_null() for amount in amounts)),
        (Reason.NEGATIVE, pl.any_horizontal(amount < 0 for amount in amounts)),
        (Reason.ABSURD_DURATION, duration > longest),
        (Reason.ABSURD_BYTES, pl.col("bytes") > BYTES_MAX),
        (Reason.ABSURD_UNITS, pl.col("units") > UNITS_MAX),
        # Any other word is a roaming zone's, so that `HOME` would cost a fortune.
        (Reason.BAD_ZONE, ~pl.col("zone").str.contains(_ZONE) | pl.col("zone").is_in(_MEANT_HOME)),
    ]


def _refined(told: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Tell a time without offset from one that cannot be read, and a number too big to hold from one that is none."""
    exact = [(Reason.BAD_TIME, Reason.NO_OFFSET, "started_at", _WITHOUT_OFFSET)]
    exact += [(Reason.BAD_NUMBER, why, name, r"^[0-9]{19,}$") for name, why in _ABSURD.items()]
    reasons = told["reason"]
    for general, why, name, form in exact:
        if rows.schema[name] == pl.String:
            meant = (reasons == general) & rows[name].str.contains(form)
            reasons = reasons.zip_with(~meant, pl.Series([str(why)]))
    return pl.DataFrame([told["row"], reasons.rename("reason")], schema=REJECTED)


def _code(codes: type[IntEnum], name: str) -> pl.Expr:
    expression = pl.lit(None, dtype=pl.Int8)
    for code in codes:
        expression = (
            pl.when(pl.col(name) == code.name.lower()).then(pl.lit(int(code), dtype=pl.Int8)).otherwise(expression)
        )
    return expression.alias(name)


def _amount(dtype: pl.DataType, name: str) -> pl.Expr:
    amount = pl.col(name)
    if dtype != pl.String:
        return amount.cast(pl.Int64, strict=False)
    return pl.when(amount == "").then(0).otherwise(amount.cast(pl.Int64, strict=False)).alias(name)


def moments(texts: pl.Series) -> pl.Series:
    """Return aware times in UTC, null where there is no offset or no time.

    The 19 characters up to the seconds are parsed together; what follows (fraction and offset) takes few values.
    """
    if texts.dtype != pl.String:
        return texts.cast(pl.Datetime("us", "UTC"))
    head, tail = texts.str.slice(0, 19), texts.str.slice(19)
    seconds = head.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us")
    tails = tail.unique()
    shift = tail.replace_strict(tails, [_shift_us(text) for text in tails], default=None, return_dtype=pl.Int64)
    parsed = (seconds.cast(pl.Int64) + shift).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if not parsed.null_count():
        return parsed
    rare = pl.Series([_moment_us(text) for text in texts.filter(parsed.is_null())], dtype=pl.Int64)
    places = parsed.is_null().arg_true()
    return parsed.cast(pl.Int64).scatter(places, rare).cast(pl.Datetime("us", "UTC"))


def _shift_us(tail: str) -> int | None:
    """Return what to add to a local second, in microseconds, for `.5+03:00` and the like; None without an offset."""
    found = _TAIL.fullmatch(tail)
    if found is None:
        return None
    fraction, sign, hours, minutes = found.groups()
    part = int((fraction or "").ljust(6, "0")[:6])
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    if offset > 18 * 3600 or int(minutes or 0) > 59:
        return None
    return part - (-offset if sign == "-" else offset) * 1_000_000


def _moment_us(text: str) -> int | None:
    """Return microseconds since 1970 of any other ISO 8601 form with an offset, or None."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return None
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
