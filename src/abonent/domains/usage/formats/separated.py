"""Lines of comma-separated values as columns of text, with exact row numbers.

A piece without surprises is parsed at once. A piece with any (quotes, a broken row, bytes that are no UTF-8) is taken
line by line, so that each bad line is named and every good one still goes in. A row is one line: a line break inside
quotes is refused, because one stray quote would otherwise swallow the rows after it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import polars as pl

from abonent.domains.usage.reading import LINE_BYTES_MAX, Piece
from abonent.domains.usage.rules import REJECTED, Reason, empty_rejected

BOM = b"\xef\xbb\xbf"

_FIELD = r'(?:"(?:[^"]|"")*+"|[^",]*+)'
_QUOTED_WELL = re.compile(f"(?:{_FIELD},)*+{_FIELD}")


class NotFields(ValueError):
    """A line that cannot be split; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


def split(piece: Piece, columns: Sequence[str], *, missing_last: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `(rows, rejected)`: `row` and `columns` as text, and lines that are no rows.

    Up to `missing_last` columns may be missing at a line's end and are empty then. Blank lines are passed over.
    """
    lines = piece.lines.replace(b"\r\n", b"\n") if b"\r" in piece.lines else piece.lines
    rows = None if piece.cut else _at_once(lines, columns, piece.first_row)
    if rows is not None:
        return rows, empty_rejected()
    return _line_by_line(lines, columns, missing_last, piece.first_row)


def fields_of(line: bytes) -> list[str]:
    """Return the fields of one line, or raise `NotFields`."""
    if len(line) > LINE_BYTES_MAX:
        raise NotFields(Reason.LONG_ROW)
    if b"\0" in line:
        raise NotFields(Reason.NUL_BYTE)
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise NotFields(Reason.NOT_UTF8) from None
    if '"' not in text:
        return text.split(",")
    try:
        fields = next(csv.reader([text], strict=True))
    except csv.Error:
        raise NotFields(Reason.BAD_QUOTES) from None
    # The reader takes a quote in the middle of a bare field for text: it is the end of a row broken in two.
    if any('"' in field for field in fields) and not _QUOTED_WELL.fullmatch(text):
        raise NotFields(Reason.BAD_QUOTES)
    return fields


def _at_once(lines: bytes, columns: Sequence[str], first_row: int) -> pl.DataFrame | None:
    if b'"' in lines:
        lines = _without_quoted_nothing(lines)
    count = lines.count(b"\n") + (not lines.endswith(b"\n"))
    regular = (
        lines.count(b",") == count * (len(columns) - 1)
        and not any(strange in lines for strange in (b'"', b"\0", b"\r", b"\n\n"))
        and not lines.startswith(b"\n")
        and _is_utf8(lines)
    )
    if not regular:
        return None
    try:
        rows = pl.read_csv(
            lines,
            has_header=False,
            schema=dict.fromkeys(columns, pl.String),
            quote_char=None,
            empty_string_is_null=False,
            extra_columns="raise",
            missing_columns="raise",
        )
    except pl.exceptions.PolarsError:
        return None
    # As many commas as there should be, but not in each row.
    if rows.height != count or any(rows.null_count().row(0)):
        return None
    return rows.with_columns(pl.int_range(first_row, first_row + count, dtype=pl.Int64).alias("row"))


def _line_by_line(
    lines: bytes, columns: Sequence[str], missing_last: int, first_row: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    found: list[list[str]] = []
    numbers: list[int] = []
    rejected: list[tuple[int, str]] = []
    width, least = len(columns), len(columns) - missing_last
    for number, line in enumerate(lines.split(b"\n"), first_row):
        if not line.strip(b" \t\r"):
            continue
        try:
            fields = fields_of(line)
        except NotFields as error:
            rejected.append((number, str(error.reason)))
            continue
        if not least <= len(fields) <= width:
            rejected.append((number, str(Reason.WRONG_COLUMN_COUNT)))
            continue
        found.append(fields + [""] * (width - len(fields)))
        numbers.append(number)
    values = zip(*found, strict=True) if found else ([] for _ in columns)
    rows = pl.DataFrame(dict(zip(columns, map(list, values), strict=True)), schema=dict.fromkeys(columns, pl.String))
    return (
        rows.with_columns(pl.Series("row", numbers, dtype=pl.Int64)),
        pl.DataFrame(rejected, schema=REJECTED, orient="row"),
    )


def _without_quoted_nothing(lines: bytes) -> bytes:
    """Return the lines with `,"",` as `,,`: some writers quote empty text and nothing else."""
    # Twice, because neighbours share a comma.
    return lines.replace(b',"",', b",,").replace(b',"",', b",,").replace(b',""\n', b",\n")


def _is_utf8(lines: bytes) -> bool:
    if lines.isascii():
        return True
    try:
        lines.decode()
    except UnicodeDecodeError:
        return False
    return True
