"""Polars frames and PostgreSQL: many rows in, many rows out, without an object for each."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import islice
from typing import LiteralString

import polars as pl
import psycopg
from django.db import connection
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

Moment = pl.Datetime("us", "UTC")


def store(frame: pl.DataFrame, table: str) -> None:
    """Add the rows of `frame` to `table` by COPY; its columns are those of the table, by name."""
    if frame.is_empty():
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    command = sql.SQL("copy {} ({}) from stdin (format csv)").format(sql.Identifier(table), columns)
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        copy.write(frame.write_csv(include_header=False).encode())


def load(query: LiteralString, schema: pl.Schema, **parameters: object) -> pl.DataFrame:
    """Return the rows of `query` as a frame of `schema`, whose columns are named in the query's order.

    `{name}` in the query stands for the parameter of that name.
    """
    inner = sql.SQL(query).format(**{name: sql.Literal(value) for name, value in parameters.items()})
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in schema)
    plain = sql.SQL(", ").join(_plain(name, kind) for name, kind in schema.items())
    command = sql.SQL("copy (select {} from ({}) as found ({})) to stdout (format csv)").format(plain, inner, columns)
    with connection.cursor() as cursor, cursor.copy(command):
        content = b"".join(_lines(connection.connection.pgconn))
    if not content:
        return pl.DataFrame(schema=schema)
    return _read(content, schema)


def stream(query: str, parameters: Sequence[object], schema: pl.Schema, *, rows: int) -> Generator[pl.DataFrame]:
    """Yield the rows of `query` in frames of at most `rows`, in its order, while the server goes on reading.

    Its columns are those of `schema`, moments by `moment`. `%s` in the query stand for `parameters`.
    """
    connection.ensure_connection()
    raw = connection.connection
    with psycopg.Cursor(raw).copy(f"copy ({query}) to stdout (format csv)".encode(), parameters):
        lines = _lines(raw.pgconn)
        while content := b"".join(islice(lines, rows)):
            yield _read(content, schema)


def _lines(server: PGconn) -> Iterator[bytes]:
    """Yield the rows of a COPY that has begun. psycopg's own loop takes longer for a row than the server does."""
    while (got := server.get_copy_data(0))[0] > 0:
        yield bytes(got[1])
    while (result := server.get_result()) is not None:
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)


def moment(column: str) -> str:
    """Return a time in SQL as frames read it: microseconds since 1970."""
    return f"(extract(epoch from {column}) * 1000000)::bigint"


def _read(content: bytes, schema: pl.Schema) -> pl.DataFrame:
    raw: dict[str, type[pl.DataType] | pl.DataType] = {
        name: pl.Int64 if kind == Moment else pl.String if kind == pl.Boolean else kind for name, kind in schema.items()
    }
    read = pl.read_csv(content, has_header=False, schema=raw)
    truths = [name for name, kind in schema.items() if kind == pl.Boolean]
    return read.with_columns(pl.col(truths) == "t").cast(schema)


def _plain(name: str, kind: pl.DataType) -> sql.Composable:
    """Return a column as CSV shall hold it: a moment as microseconds since 1970, which is fast to read."""
    column = sql.Identifier(name)
    return sql.SQL("(extract(epoch from {}) * 1000000)::bigint").format(column) if kind == Moment else column


def arrays(frame: pl.DataFrame, columns: Sequence[str] | None = None) -> list[str]:
    """Return each column as the text of a PostgreSQL array, for one call that takes them all."""
    return [array(frame[name]) for name in columns or frame.columns]


def array(values: pl.Series | Iterable[object]) -> str:
    """Return one column (values that are no series: numbers) as the text of a PostgreSQL array."""
    if not isinstance(values, pl.Series):
        return "{" + ",".join(map(str, values)) + "}"
    if isinstance(values.dtype, pl.Datetime):
        values = values.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    if values.dtype == pl.String:
        safe = values.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
        values = '"' + safe + '"'
    return "{" + (values.cast(pl.String).fill_null("null").str.join(",").item() or "") + "}"
