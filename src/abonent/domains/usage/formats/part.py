"""What every format reader gives and takes."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl


@dataclass(frozen=True, slots=True)
class Operator:
    """What a file does not say: the zone of its local times, the region of its numbers, and which numbers are ours."""

    zone: ZoneInfo
    region: str
    number_ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a piece (`row` and `rules.TEXT_COLUMNS`), rows rejected already (`rules.REJECTED`), bytes read so far."""

    rows: pl.DataFrame
    rejected: pl.DataFrame
    done: int


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound records (`rules.COLUMNS`) and rejected rows (`rules.REJECTED`) of a piece, bytes read so far."""

    records: pl.DataFrame
    rejected: pl.DataFrame
    done: int
