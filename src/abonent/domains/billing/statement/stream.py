"""All entries of a statement as a stream: in frames, for files of many rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from abonent.domains.billing.statement.rules import Entry

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
    waiting = pl.DataFrame(sorted(few, key=lambda entry: entry.position), ENTRIES, orient="row")
    for records in many:
        # Among entries of one moment a record comes first, and there may be more of the last one's moment.
        due = waiting.filter(pl.col("at") < records["at"][-1])
        waiting = waiting[due.height :]
        yield _put_between(records, due)
    if waiting.height:
        yield waiting


def _put_between(records: pl.DataFrame, few: pl.DataFrame) -> pl.DataFrame:
    parts, begin = [], 0
    for number, place in enumerate(records["at"].search_sorted(few["at"], side="right")):
        parts += [records[begin:place], few[number : number + 1]]
        begin = place
    return pl.concat([*parts, records[begin:]])
