"""Why the ledger refuses: what its SQL functions raise, as errors of Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import errors


class LedgerError(Exception):
    """A posting was refused; nothing of its call was posted, and a surrounding transaction must end."""


class BelowFloor(LedgerError):
    """What is left of a balance beside what is held would fall below what the account allows."""


class DifferentTransfer(LedgerError):
    """The id is taken by a transfer with other content."""


class UnknownAccount(LedgerError):
    """A side of the transfer is no account."""


class CurrencyMismatch(LedgerError):
    """The two sides are in different currencies."""


class BooksMismatch(LedgerError):
    """The two sides stand in the books of different legal entities."""


class NoSuchPending(LedgerError):
    """There is no pending transfer with that id."""


class AlreadyResolved(LedgerError):
    """The pending transfer was posted or voided by another call, or has expired."""


class PendingExpired(AlreadyResolved):
    """The pending transfer has expired: what it held is free, or will be within a minute."""


class NoSuchTransfer(LedgerError):
    """There is no transfer with that id that moved money and could be taken back."""


class ExceedsOriginal(LedgerError):
    """More than the pending transfer holds, or than is left to take back of the transfer."""


class TooLarge(LedgerError):
    """A sum of the account would be larger than can be kept."""


_BY_STATE: dict[str, type[LedgerError]] = {
    "LG001": DifferentTransfer,
    "LG002": UnknownAccount,
    "LG003": CurrencyMismatch,
    "LG004": BooksMismatch,
    "LG005": NoSuchPending,
    "LG006": AlreadyResolved,
    "LG007": PendingExpired,
    "LG008": ExceedsOriginal,
    "LG009": NoSuchTransfer,
    "22003": TooLarge,
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn what PostgreSQL raises inside the block into the error that says so."""
    try:
        with connection.wrap_database_errors:
            yield
    except Exception as error:
        cause = error.__cause__
        if not isinstance(cause, errors.Error):
            raise
        message = cause.diag.message_primary or ""
        if cause.sqlstate in _BY_STATE:
            raise _BY_STATE[cause.sqlstate](message) from error
        if cause.diag.constraint_name == "ledger_not_below_floor":
            raise BelowFloor(cause.diag.message_detail or message) from error
        raise
