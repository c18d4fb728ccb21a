"""Writes of usage: files in, each record once, and parked records taken up when their line appears."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from abonent.domains.usage import formats, storing
from abonent.domains.usage.reading import CutShort, ahead, size_of
from abonent.domains.usage.rules import Reason
from abonent.domains.usage.storing import Then
from abonent.foundation import clock

Progress = Callable[[int, int], None]
Rejected = Callable[[pl.DataFrame], None] | Path


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a file's rows: the four parts add up to `read`. `damage` says why a file ended before its end."""

    read: int = 0
    stored: int = 0
    already: int = 0
    rejected: int = 0
    parked: int = 0
    damage: str = ""


def import_file(
    *,
    path: Path,
    source: str | None = None,
    file_format: str | None = None,
    then: Then,
    progress: Progress | None = None,
    rejected: Rejected | None = None,
) -> Result:
    """Store the sound records of a file, each once whatever happens, and tell what became of its rows.

    `then` gets the newly stored records of each batch (`rules.STORED`) inside the batch's transaction.
    `progress` gets (bytes read, bytes in all). `rejected` is a CSV file to write `row,reason,text` to, made when the
    first row is rejected, or a function that gets frames of these columns. Raises `reading.UnreadableFile` when
    nothing can be taken from the file.
    """
    path = Path(path)
    file_format = file_format or formats.detect(path)
    operator = formats.Operator(ZoneInfo(settings.TIME_ZONE), settings.NUMBER_REGION, tuple(settings.NUMBER_RANGES))
    size = size_of(path)
    tell = _report_to(rejected)
    result, source_id = Result(), None
    try:
        with closing(ahead(formats.read(path, file_format, operator, clock.now()))) as sounds:
            for sound in sounds:
                if source_id is None:
                    source_id = storing.source_id(source or formats.SOURCES[file_format])
                outcome = storing.store(sound.records, source_id, then)
                result = _added(result, sound, outcome)
                tell(sound.rejected)
                if progress:
                    progress(sound.done, size)
    except CutShort as error:
        result = Result(*_counts(result), damage=str(error))
    return result


def take_up_parked(*, line_ids: Iterable[int], then: Then) -> int:
    """Store the parked records of lines that have appeared, as `import_file` does; return how many."""
    line_ids, taken = list(line_ids), 0
    while True:
        with transaction.atomic():
            storing.take_turn()
            found, ours = storing.unpark(line_ids)
            storing.put_in(ours, then)
        taken += ours.height
        if not found:
            return taken


def _added(result: Result, sound: formats.Sound, outcome: storing.Outcome) -> Result:
    return Result(
        read=result.read + sound.records.height + sound.rejected.height,
        stored=result.stored + outcome.stored,
        already=result.already + outcome.already,
        rejected=result.rejected + sound.rejected.height,
        parked=result.parked + outcome.parked,
    )


def _counts(result: Result) -> tuple[int, int, int, int, int]:
    return result.read, result.stored, result.already, result.rejected, result.parked


def _report_to(rejected: Rejected | None) -> Callable[[pl.DataFrame], None]:
    """Return what takes rejected rows (`rules.REJECTED`), batch after batch."""
    begun = False

    def tell(rows: pl.DataFrame) -> None:
        nonlocal begun
        if rejected is None or not rows.height:
            return
        texts = rows.with_columns(text=pl.col("reason").replace_strict({str(r): r.text for r in Reason}))
        if not isinstance(rejected, Path):
            rejected(texts)
            return
        try:
            rejected.parent.mkdir(parents=True, exist_ok=True)
            with rejected.open("ab" if begun else "wb") as report:
                report.write(texts.write_csv(include_header=not begun).encode())
        except OSError as error:
            raise CutShort(f"the report {rejected} cannot be written: {error.strerror}") from error
        begun = True

    return tell
