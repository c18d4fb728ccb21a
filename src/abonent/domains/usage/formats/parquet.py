"""Parquet with the columns of our own CSV; times aware or as text, amounts whole numbers or text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from abonent.domains.usage.formats import header
from abonent.domains.usage.formats.part import Operator, Part
from abonent.domains.usage.reading import CutShort, UnreadableFile, blocks, open_file
from abonent.domains.usage.rules import TEXT_COLUMNS, empty_rejected

MAGIC = b"PAR1"
BATCH_ROWS = 100_000


def looks_like(start: bytes) -> bool:
    """Return whether a file's first bytes are this format."""
    return start.startswith(MAGIC)


def read(path: Path, _operator: Operator) -> Iterator[Part]:
    """Yield the file's rows batch by batch; a row's number counts rows from 1.

    Raises `UnreadableFile` when it is no Parquet, or its columns have wrong names or types.
    """
    size = path.stat().st_size
    with _plain(path) as plain:
        try:
            scan = pl.scan_parquet(plain, glob=False)
            columns, total = scan.collect_schema(), scan.select(pl.len()).collect().item()
        except pl.exceptions.PolarsError as error:
            raise UnreadableFile("it is no whole Parquet file") from error
        header.refuse_wrong(list(columns), TEXT_COLUMNS, others=True)
        _refuse_wrong_types(columns)
        row = 1
        try:
            for batch in scan.select(TEXT_COLUMNS).collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                yield Part(_rows(batch, row), empty_rejected(), size * (row - 1 + batch.height) // max(total, 1))
                row += batch.height
        except pl.exceptions.PolarsError as error:
            raise CutShort(f"the Parquet file is damaged after row {row - 1}") from error


def _rows(batch: pl.DataFrame, row: int) -> pl.DataFrame:
    return batch.with_columns(
        *(_column(name, dtype) for name, dtype in batch.schema.items()),
        row=pl.int_range(row, row + batch.height, dtype=pl.Int64),
    )


def _column(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_integer():
        # What does not fit is too big for any check: it stays so.
        return pl.col(name).cast(pl.Int64, strict=False).fill_null(pl.when(pl.col(name).is_null()).then(0))
    if dtype.is_float():
        # As pandas writes whole numbers of which some are missing.
        whole = pl.col(name).fill_nan(0).fill_null(0)
        return pl.when(whole == whole.floor()).then(whole.clip(-1, 2.0**62)).cast(pl.Int64, strict=False).alias(name)
    if dtype.is_temporal():
        return pl.col(name)
    return pl.col(name).cast(pl.String).fill_null("")


def _refuse_wrong_types(columns: pl.Schema) -> None:
    for name in TEXT_COLUMNS:
        dtype = columns[name]
        text = dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)
        time = name == "started_at" and isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
        amount = name in ("duration_s", "bytes", "units") and (dtype.is_integer() or dtype.is_float())
        if not (text or time or amount):
            without_zone = isinstance(dtype, pl.Datetime) and dtype.time_zone is None
            raise UnreadableFile(f"its column {name} is {'a time without a zone' if without_zone else dtype}")


@contextmanager
def _plain(path: Path) -> Iterator[Path]:
    """Give the file itself, or an unpacked copy while the block lasts: Parquet is read from its end."""
    with open_file(path) as file:
        if file.read(len(MAGIC)) == MAGIC:
            yield path
            return
    with tempfile.NamedTemporaryFile(suffix=".parquet") as copy:
        try:
            for piece in blocks(path):
                copy.write(piece)
        except CutShort as error:
            raise UnreadableFile(str(error)) from error
        copy.flush()
        yield Path(copy.name)
