"""Statements that every visit makes, planned by the database once per connection instead of each time.

A pooler between us and the database must keep prepared statements apart by connection, see docs/operations.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper

Row = tuple[Any, ...]
Params = Sequence[Any] | Mapping[str, Any]


class _Prepared(psycopg.Cursor[Row]):
    """A cursor whose parameters are bound by the server; types it cannot guess are named in the query (`%s::text`)."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        # Django turns preparing off for its own cursors, which write parameters into the text; so it stays for those.
        self.connection.prepare_threshold = 0
        try:
            return super().execute(query, params, **options | {"prepare": True})
        finally:
            self.connection.prepare_threshold = None


def row(query: str, params: Params) -> Row | None:
    """Return the first row that the query gives, None without one; it is part of the transaction there is."""
    with _cursor() as cursor:
        cursor.execute(query, params)
        found: Row | None = cursor.fetchone() if cursor.description else None
        return found


def only(query: str, params: Params) -> Row:
    """Return the first row of a query that always gives one."""
    found = row(query, params)
    if found is None:
        raise LookupError(query)
    return found


def count(query: str, params: Params) -> int:
    """Return how many rows the query wrote or gave."""
    with _cursor() as cursor:
        cursor.execute(query, params)
        return int(cursor.rowcount)


def _cursor() -> Any:
    if connection.queries_logged:
        # Whoever counts queries reads them with their parameters.
        return connection.cursor()
    connection.ensure_connection()
    return CursorWrapper(_Prepared(connection.connection), connection)
