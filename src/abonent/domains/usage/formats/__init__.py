"""Formats of usage files, each turned into the same rows: `row` and `rules.TEXT_COLUMNS`."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from pathlib import Path

from abonent.domains.usage.formats import asterisk, freeradius, own, parquet
from abonent.domains.usage.formats.part import Operator, Part, Sound
from abonent.domains.usage.reading import UnreadableFile, head
from abonent.domains.usage.rules import check

__all__ = ["FORMATS", "SOURCES", "Operator", "Part", "Sound", "detect", "read"]

FORMATS = {"csv": own, "parquet": parquet, "asterisk": asterisk, "freeradius": freeradius}
SOURCES = {"csv": "network", "parquet": "network", "asterisk": "asterisk", "freeradius": "freeradius"}


def detect(path: Path) -> str:
    """Return the format that the file's content shows, or raise `UnreadableFile`."""
    start = head(path)
    if not start.strip():
        raise UnreadableFile("it is empty")
    for name, module in FORMATS.items():
        if module.looks_like(start):
            return name
    if b"\0" in start[:1024]:
        raise UnreadableFile("it is neither text nor Parquet")
    first = start.split(b"\n", 1)[0].decode(errors="replace").strip()
    raise UnreadableFile(f"its first line is no header of a known format: {first[:120]!r}")


def read(path: Path, file_format: str, operator: Operator, now: datetime) -> Generator[Sound]:
    """Yield the file's records and rejected rows piece by piece; memory stays flat.

    Raises `UnreadableFile` before the first piece, or `reading.CutShort` after the last good one.
    """
    if not head(path, 1024).strip():
        raise UnreadableFile("it is empty")
    for part in FORMATS[file_format].read(path, operator):
        records, rejected = check(part.rows, now)
        if part.rejected.height:
            rejected = part.rejected.vstack(rejected).sort("row")
        yield Sound(records, rejected, part.done)
