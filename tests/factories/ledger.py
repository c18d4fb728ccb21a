"""Accounts of the ledger and transfers between them."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from abonent.domains.ledger import actions

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

_codes = count(1)


def account(*, floor_minor: int | None = None, balance_minor: int = 0) -> int:
    """Open an account that keeps a balance, with some money in it."""
    opened = actions.open_account(book="test", code=str(next(_codes)), floor_minor=floor_minor)
    if balance_minor:
        post(debit=house("mint"), credit=opened, amount_minor=balance_minor)
    return opened


def house(code: str = "house") -> int:
    """Open a house account."""
    return actions.open_account(book="test", code=code, house=True)


def post(
    *, debit: int, credit: int, amount_minor: int, transfer_id: UUID | None = None, kind: str = "payment"
) -> actions.Posted:
    """Post a transfer, under a new id unless one is given."""
    return actions.post(
        transfer_id=transfer_id or uuid4(),
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        booked_at=AT,
        kind=kind,
    )


def hold(
    *,
    debit: int,
    credit: int,
    amount_minor: int,
    transfer_id: UUID | None = None,
    kind: str = "payment",
    expires_at: datetime | None = None,
) -> actions.Posted:
    """Hold a sum, under a new id unless one is given."""
    return actions.hold(
        transfer_id=transfer_id or uuid4(),
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        booked_at=AT,
        kind=kind,
        expires_at=expires_at,
    )


def do(operation: actions.Operation) -> actions.Posted:
    """Do one operation by itself."""
    match operation:
        case actions.Posting():
            return actions.post(**_named(operation))
        case actions.Hold():
            return actions.hold(**_named(operation))
        case actions.PostPending():
            return actions.post_pending(**_named(operation))
        case actions.VoidPending():
            return actions.void_pending(**_named(operation))
        case actions.Reversal():
            return actions.reverse(**_named(operation))


def _named(operation: actions.Operation) -> dict[str, Any]:
    return {field.name: getattr(operation, field.name) for field in fields(operation)}
