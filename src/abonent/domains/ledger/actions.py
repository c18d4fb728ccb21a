"""Writes of the ledger: accounts are opened, transfers are posted, nothing is ever changed or taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection
from psycopg.types.json import Jsonb

from abonent.domains.ledger import refusals
from abonent.domains.ledger.refusals import (
    AlreadyResolved,
    BelowFloor,
    BooksMismatch,
    CurrencyMismatch,
    DifferentTransfer,
    ExceedsOriginal,
    LedgerError,
    NoSuchPending,
    NoSuchTransfer,
    PendingExpired,
    TooLarge,
    UnknownAccount,
)
from abonent.foundation import frames

# Callers catch them as `ledger.actions.BelowFloor`.
__all__ = [
    "AlreadyResolved", "BelowFloor", "BooksMismatch", "CurrencyMismatch", "DifferentTransfer", "ExceedsOriginal",
    "Hold", "LedgerError", "NoSuchPending", "NoSuchTransfer", "Operation", "PendingExpired", "PostPending", "Posted",
    "Posting", "Reversal", "TooLarge", "UnknownAccount", "VoidPending", "expire_due", "hold", "open_account",
    "open_accounts", "post", "post_frame", "post_linked", "post_many", "post_pending", "reverse", "set_floor",
    "void_pending",
]  # fmt: skip

POSTING_COLUMNS = ("id", "debit", "credit", "amount_minor", "booked_at", "kind")
EXPIRED_AT_ONCE = 1000
_POST = "select ledger_post(%s, %s, %s, %s, %s, %s)"
_POST_MANY = (
    "select ledger_post_many(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[])"
)
_HOLD = "select ledger_hold(%s, %s, %s, %s, %s, %s, %s::timestamptz)"
_RESOLVE = "select ledger_resolve(%s, %s, %s, %s::bigint, %s)"
_REVERSE = "select ledger_reverse(%s, %s, %s::bigint, %s)"
_POST_LINKED = "select ledger_post_linked(%s)"
_SET_FLOOR = "update ledger_account set floor_minor = %s::bigint where id = %s and debits_posted_minor is not null"
_LARGEST = 2**63 - 1


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


@dataclass(frozen=True, slots=True)
class Hold:
    """A transfer to hold, until it is posted, voided or expires (`expires_at` None: never)."""

    transfer_id: UUID
    debit: int
    credit: int
    amount_minor: int
    booked_at: datetime
    kind: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostPending:
    """Post a pending transfer, whole (`amount_minor` None) or in part: the rest is released."""

    transfer_id: UUID
    pending_id: UUID
    booked_at: datetime
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class VoidPending:
    """Release what a pending transfer holds."""

    transfer_id: UUID
    pending_id: UUID
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class Reversal:
    """Take a posted transfer back, in part or what is left of it (`amount_minor` None)."""

    transfer_id: UUID
    of: UUID
    booked_at: datetime
    amount_minor: int | None = None


Operation = Posting | Hold | PostPending | VoidPending | Reversal


def open_account(
    *,
    book: str,
    code: str,
    currency: str = "RUB",
    floor_minor: int | None = None,
    house: bool = False,
    entity: str = "main",
) -> int:
    """Open the account unless it is there, and return its id. A house account keeps no balance and has no floor."""
    opened = open_accounts(
        book=book, codes=[code], currency=currency, floor_minor=floor_minor, house=house, entity=entity
    )
    return opened[code]


def open_accounts(
    *,
    book: str,
    codes: Iterable[str],
    currency: str = "RUB",
    floor_minor: int | None = None,
    house: bool = False,
    entity: str = "main",
) -> dict[str, int]:
    """Open those accounts of a book that are not there; return the id of each by its code.

    `entity` is the legal entity whose books these are: nothing moves between two. An account that is there keeps its
    floor (`set_floor` changes it).
    """
    if house and floor_minor is not None:
        raise ValueError("a house account keeps no balance, so it has no floor")
    wanted = sorted(set(codes))
    kept = None if house else 0
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into ledger_account (entity, book, code, currency, floor_minor, debits_posted_minor,
                                           credits_posted_minor, debits_pending_minor, credits_pending_minor)
               select %s, %s, code, %s, %s, %s, %s, %s, %s from unnest(%s::text[]) as code
               on conflict (entity, book, code, currency) do nothing""",
            [entity, book, currency, floor_minor, kept, kept, kept, kept, wanted],
        )
        cursor.execute(
            "select code, id from ledger_account where entity = %s and book = %s and currency = %s and code = any (%s)",
            [entity, book, currency, wanted],
        )
        return dict(cursor.fetchall())


def set_floor(*, account_id: int, floor_minor: int | None) -> None:
    """Let the account fall to `floor_minor` and no further; None: as far as it likes.

    Raises `BelowFloor` when it is lower already, what is held included; `UnknownAccount`; `ValueError` for a house
    account, which keeps no balance.
    """
    with refusals.translated():
        changed = _connection().execute(_SET_FLOOR, (floor_minor, account_id)).rowcount
    if not changed and _connection().execute("select from ledger_account where id = %s", (account_id,)).rowcount:
        raise ValueError("a house account keeps no balance, so it has no floor")
    if not changed:
        raise UnknownAccount(f"no account {account_id}")


def post(*, transfer_id: UUID, debit: int, credit: int, amount_minor: int, booked_at: datetime, kind: str) -> Posted:
    """Move money once: the same transfer again changes nothing. One round trip.

    Raises `BelowFloor`, `DifferentTransfer`, `UnknownAccount`, `CurrencyMismatch`, `BooksMismatch`; `ValueError` for
    what can be no transfer.
    """
    _check(debit, credit, amount_minor)
    return _call(_POST, (transfer_id, debit, credit, amount_minor, booked_at, kind))


def hold(
    *,
    transfer_id: UUID,
    debit: int,
    credit: int,
    amount_minor: int,
    booked_at: datetime,
    kind: str,
    expires_at: datetime | None = None,
) -> Posted:
    """Reserve money once: it counts against the debit account's floor, until it is posted, voided or expires.

    The same hold again changes nothing, whatever became of it. Raises as `post`.
    """
    _check(debit, credit, amount_minor)
    _check_expiry(booked_at, expires_at)
    return _call(_HOLD, (transfer_id, debit, credit, amount_minor, booked_at, kind, expires_at))


def post_pending(
    *, transfer_id: UUID, pending_id: UUID, booked_at: datetime, amount_minor: int | None = None
) -> Posted:
    """Move what is held, whole or a part of it; the rest is released. The same call again changes nothing.

    Raises `NoSuchPending`; `AlreadyResolved` when another call did it; `PendingExpired` (one of those) when it expired
    by `booked_at`; `ExceedsOriginal`; `DifferentTransfer`; `ValueError` for a sum that is not positive.
    """
    _check_part(amount_minor)
    return _call(_RESOLVE, (transfer_id, pending_id, "post", amount_minor, booked_at))


def void_pending(*, transfer_id: UUID, pending_id: UUID, booked_at: datetime) -> Posted:
    """Release what is held. The same call again changes nothing. Raises as `post_pending`."""
    return _call(_RESOLVE, (transfer_id, pending_id, "void", None, booked_at))


def expire_due(*, now: datetime, limit: int = EXPIRED_AT_ONCE) -> int:
    """Release what is held by at most `limit` pending transfers that expire by `now`; return how many there were."""
    with refusals.translated():
        row = _connection().execute("select ledger_expire(%s, %s)", (now, limit)).fetchone()
    return int(row[0])


def reverse(*, transfer_id: UUID, of: UUID, booked_at: datetime, amount_minor: int | None = None) -> Posted:
    """Take a transfer back by one in the other direction: a part of it, or what is left (`amount_minor` None).

    All that is taken back is never more than the transfer moved. The same call again changes nothing. Raises
    `NoSuchTransfer` (also for a pending or voided one and for a reversal), `ExceedsOriginal`, `BelowFloor` when the
    money is gone, `DifferentTransfer`; `ValueError` for a sum that is not positive.
    """
    _check_part(amount_minor)
    return _call(_REVERSE, (transfer_id, of, amount_minor, booked_at))


def post_linked(operations: Sequence[Operation]) -> int:
    """Do all or none, in their order and one round trip; return how many were not there yet.

    A later one may spend what an earlier one brings, or resolve what it holds; each must keep the floors by itself.
    Raises as the operations do one by one.
    """
    if not operations:
        return 0
    with refusals.translated():
        row = _connection().execute(_POST_LINKED, (Jsonb([_told(one) for one in operations]),)).fetchone()
    return int(row[0])


def post_many(postings: Sequence[Posting]) -> int:
    """Post all or none, in one round trip; return how many were not there yet. Raises as `post`."""
    for posting in postings:
        _check(posting.debit, posting.credit, posting.amount_minor)
    if not postings:
        return 0
    return _post_columns([list(column) for column in zip(*map(astuple, postings), strict=True)])


def post_frame(postings: pl.DataFrame) -> int:
    """`post_many` for a frame with the columns `POSTING_COLUMNS`; ids as text."""
    return _post_columns(frames.arrays(postings, POSTING_COLUMNS)) if len(postings) else 0


def _post_columns(columns: Sequence[object]) -> int:
    with refusals.translated():
        row = _connection().execute(_POST_MANY, columns).fetchone()
    return int(row[0])


def _call(function: str, arguments: Sequence[object]) -> Posted:
    with refusals.translated():
        row = _connection().execute(function, arguments).fetchone()
    return Posted.NOW if row[0] else Posted.ALREADY


def _connection() -> Any:
    """Return psycopg's own connection: Django's cursor would cost more than the posting itself."""
    connection.ensure_connection()
    return connection.connection


def _check(debit: int, credit: int, amount_minor: int) -> None:
    if not 0 < amount_minor <= _LARGEST or debit == credit:
        raise ValueError("a transfer moves a positive sum between two accounts")


def _check_part(amount_minor: int | None) -> None:
    if amount_minor is not None and not 0 < amount_minor <= _LARGEST:
        raise ValueError("a part of a transfer is a positive sum")


def _check_expiry(booked_at: datetime, expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= booked_at:
        raise ValueError("what is held expires later than it begins")


def _told(operation: Operation) -> dict[str, object]:
    """Return an operation as `ledger_post_linked` reads it."""
    told: dict[str, object] = {"id": str(operation.transfer_id), "at": operation.booked_at.isoformat()}
    match operation:
        case Posting() | Hold():
            _check(operation.debit, operation.credit, operation.amount_minor)
            told |= {"phase": "single", "debit": operation.debit, "credit": operation.credit}
            told |= {"amount": operation.amount_minor, "kind": operation.kind}
            if isinstance(operation, Hold):
                _check_expiry(operation.booked_at, operation.expires_at)
                expires = operation.expires_at.isoformat() if operation.expires_at else None
                told |= {"phase": "pending", "expires": expires}
        case PostPending():
            _check_part(operation.amount_minor)
            told |= {"phase": "post", "of": str(operation.pending_id), "amount": operation.amount_minor}
        case VoidPending():
            told |= {"phase": "void", "of": str(operation.pending_id)}
        case Reversal():
            _check_part(operation.amount_minor)
            told |= {"phase": "reversal", "of": str(operation.of), "amount": operation.amount_minor}
    return told
