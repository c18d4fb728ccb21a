"""All entries of a statement as a stream: in frames, for files of many rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from abonent.domains.billing.statement_rules import RANKS, RECORD, Entry

# The columns of `Entry`.
ENTRIES = pl.Schema(
    {
        "at": pl.Datetime("us", "UTC"),
        "type": pl.String(),
        "kind": pl.String(),
        "direction": pl.String(),
        "peer": pl.String(),
        "quantity": pl.Int64(),
        "zone": pl.String(),
        "amount_minor": pl.Int64(),
        "included": pl.Boolean(),
        "charge_id": pl.String(),
        "tariff_version_id": pl.Int64(),
        "detail": pl.String(),
        "source_id": pl.Int64(),
        "key": pl.String(),
    }
)


@dataclass(frozen=True)
class Stream:
    """All entries once, oldest first: by themselves, or in `frames` (`ENTRIES`) for whoever can take many together."""

    frames: Iterable[pl.DataFrame]

    def __iter__(self) -> Iterator[Entry]:
        for frame in self.frames:
            yield from map(Entry._make, frame.iter_rows())


def in_time(many: Iterable[pl.DataFrame], few: Sequence[Entry]) -> Iterator[pl.DataFrame]:
    """Merge the many records of usage, oldest first, with the few other entries; all `ENTRIES`."""
    waiting = _frame(few)
    for records in many:
        # Among entries of one moment a record comes first, and there may be more of the last one's moment.
        due = waiting["at"] < records["at"][-1]
        yield _ordered(pl.concat([records, waiting.filter(due)])) if due.any() else records
        waiting = waiting.filter(~due)
    if waiting.height:
        yield _ordered(waiting)


def _frame(entries: Sequence[Entry]) -> pl.DataFrame:
    return pl.DataFrame(list(entries), ENTRIES, orient="row")


def _ordered(entries: pl.DataFrame) -> pl.DataFrame:
    """Sort as `Entry.position` does."""
    rank = pl.col("kind").replace_strict(RANKS, default=RECORD, return_dtype=pl.Int8)
    return entries.sort("at", rank, "source_id", "key")
