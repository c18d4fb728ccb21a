"""Parts of the copy that a person gets of all that is held on them: each a query, written as JSON row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

ROWS = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the copy: `sql` with its parameters gives its rows, from the tables it names."""

    name: str
    tables: tuple[str, ...]
    sql: str
    parameters: tuple[Any, ...]


def rows(part: Part) -> Iterator[str]:
    """Yield the part's rows as JSON objects, however many there are in the same little memory."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(f"select to_json(part)::text from ({part.sql}) part", part.parameters)
        while found := cursor.fetchmany(ROWS):
            yield from (row[0] for row in found)
