"""Our own CSV: UTF-8, a header row, the columns of `rules.TEXT_COLUMNS` in any order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from abonent.domains.usage.formats import header
from abonent.domains.usage.formats.part import Operator, Part
from abonent.domains.usage.formats.separated import split
from abonent.domains.usage.reading import head, pieces
from abonent.domains.usage.rules import TEXT_COLUMNS

# A header that holds this many of our columns is meant to be ours, however wrong the rest is.
KNOWN_COLUMNS_MIN = 3


def looks_like(start: bytes) -> bool:
    """Return whether a file's first bytes are this format."""
    return len(set(header.names(start)) & set(TEXT_COLUMNS)) >= KNOWN_COLUMNS_MIN


def read(path: Path, _operator: Operator) -> Iterator[Part]:
    """Yield the file's rows piece by piece; raise `UnreadableFile` when the header is wrong."""
    columns = header.names(head(path))
    header.refuse_wrong(columns, TEXT_COLUMNS, others=False)
    for piece in pieces(path, skip_lines=1):
        rows, rejected = split(piece, columns)
        yield Part(rows, rejected, piece.done)
