"""Writes of the ledger: accounts are opened, transfers are posted, nothing is ever changed or taken away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection
from psycopg import errors

from abonent.foundation import frames

POSTING_COLUMNS = ("id", "debit", "credit", "amount_minor", "booked_at", "kind")
_POST = "select ledger_post(%s, %s, %s, %s, %s, %s)"
_POST_MANY = (
    "select ledger_post_many(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[])"
)
_DIFFERENT, _UNKNOWN = "LG001", "LG002"


class LedgerError(Exception):
    """A posting was refused; nothing of its call was posted, and a surrounding transaction must end."""


class BelowFloor(LedgerError):
    """A balance would fall below what the account allows."""


class DifferentTransfer(LedgerError):
    """The id is taken by a transfer with other content."""


class UnknownAccount(LedgerError):
    """A side of the transfer is no account."""


class Posted(Enum):
    """What became of a posting that was not refused."""

    NOW = "posted"
    ALREADY = "already"


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer to post: `amount_minor` > 0 goes from `debit` to `credit`. The caller makes the id."""

    transfer_id: UUID
    debit: int
    credit: int
    amount_minor: int
    booked_at: datetime
    kind: str


def open_account(
    *, book: str, code: str, currency: str = "RUB", floor_minor: int | None = None, house: bool = False
) -> int:
    """Open the account unless it is there, and return its id. A house account keeps no balance and has no floor."""
    return open_accounts(book=book, codes=[code], currency=currency, floor_minor=floor_minor, house=house)[code]


def open_accounts(
    *, book: str, codes: Iterable[str], currency: str = "RUB", floor_minor: int | None = None, house: bool = False
) -> dict[str, int]:
    """Open those accounts of a book that are not there; return the id of each by its code."""
    if house and floor_minor is not None:
        raise ValueError("a house account keeps no balance, so it has no floor")
    wanted = sorted(set(codes))
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into ledger_account (book, code, currency, balance_minor, floor_minor)
               select %s, code, %s, %s, %s from unnest(%s::text[]) as code
               on conflict (book, code, currency) do nothing""",
            [book, currency, None if house else 0, floor_minor, wanted],
        )
        cursor.execute(
            "select code, id from ledger_account where book = %s and currency = %s and code = any (%s)",
            [book, currency, wanted],
        )
        return dict(cursor.fetchall())


def post(*, transfer_id: UUID, debit: int, credit: int, amount_minor: int, booked_at: datetime, kind: str) -> Posted:
    """Move money once: the same transfer again changes nothing. One round trip.

    Raises `BelowFloor`, `DifferentTransfer`, `UnknownAccount`; `ValueError` for what can be no transfer.
    """
    if amount_minor <= 0 or debit == credit:
        raise ValueError("a transfer moves a positive sum between two accounts")
    with _refusals():
        row = _connection().execute(_POST, (transfer_id, debit, credit, amount_minor, booked_at, kind)).fetchone()
    return Posted.NOW if row[0] else Posted.ALREADY


def post_many(postings: Sequence[Posting]) -> int:
    """Post all or none, in one round trip; return how many were not there yet. Raises as `post`."""
    if any(p.amount_minor <= 0 or p.debit == p.credit for p in postings):
        raise ValueError("a transfer moves a positive sum between two accounts")
    if not postings:
        return 0
    return _post_columns([list(column) for column in zip(*map(astuple, postings), strict=True)])


def post_frame(postings: pl.DataFrame) -> int:
    """`post_many` for a frame with the columns `POSTING_COLUMNS`; ids as text."""
    return _post_columns(frames.arrays(postings, POSTING_COLUMNS)) if len(postings) else 0


def _post_columns(columns: Sequence[object]) -> int:
    with _refusals():
        row = _connection().execute(_POST_MANY, columns).fetchone()
    return int(row[0])


def _connection() -> Any:
    """Return psycopg's own connection: Django's cursor would cost more than the posting itself."""
    connection.ensure_connection()
    return connection.connection


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        with connection.wrap_database_errors:
            yield
    except Exception as error:
        cause = error.__cause__
        if not isinstance(cause, errors.Error):
            raise
        message = cause.diag.message_primary or ""
        if cause.sqlstate == _DIFFERENT:
            raise DifferentTransfer(message) from error
        if cause.sqlstate == _UNKNOWN:
            raise UnknownAccount(message) from error
        if cause.diag.constraint_name == "ledger_not_below_floor":
            raise BelowFloor(cause.diag.message_detail or message) from error
        raise
