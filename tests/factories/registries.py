"""Payments that were settled, and registries of the gateway that speak of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from abonent.domains.payments import models
from abonent.domains.payments.states import RefundState, State
from tests.factories.bills import local

NOON = local(2026, 11, 29)
HEADER = "registry;1;2026-11-29;2026-11-29"
COLUMNS = "operation;order_number;gateway_order;amount;currency;at"


def payment(amount_minor: int = 10_000, at: datetime = NOON, state: State = State.SETTLED) -> UUID:
    """Store a payment of which the gateway said that it is settled, or in another state."""
    settled = state is State.SETTLED
    row = models.Payment.objects.create(
        id=uuid4(), purpose="top-up", reference="1", ledger_account_id=1, method="card", amount_minor=amount_minor,
        description="", language="ru", return_path="/", state=state, created_at=at - timedelta(minutes=5),
        expires_at=at + timedelta(days=1), settled_minor=amount_minor if settled else None,
        settled_at=at if settled else None,
    )  # fmt: skip
    return UUID(str(row.pk))


def refund(of: UUID, amount_minor: int, at: datetime = NOON) -> UUID:
    """Store a refund that the gateway has done."""
    row = models.Refund.objects.create(
        id=uuid4(), payment_id=of, amount_minor=amount_minor, returned_before_minor=0, reason="",
        state=RefundState.REFUNDED, created_at=at, ended_at=at,
    )  # fmt: skip
    return UUID(str(row.pk))


def line(order: object, amount_minor: int = 10_000, operation: str = "payment", currency: str = "RUB") -> str:
    amount = f"{amount_minor // 100}.{amount_minor % 100:02}"
    return f"{operation};{order};gw-1;{amount};{currency};2026-11-29T12:00:00+03:00"


def total(lines: Sequence[str]) -> str:
    sums = [
        int(fields[3].replace(".", "")) * (1 if fields[0] == "payment" else -1)
        for fields in (text.split(";") for text in lines)
    ]
    sign = "-" if sum(sums) < 0 else ""
    return f"total;{len(lines)};{sign}{abs(sum(sums)) // 100}.{abs(sum(sums)) % 100:02}"


def registry(folder: Path, lines: Iterable[str], *, header: str = HEADER, name: str = "registry.csv") -> Path:
    """Write a registry that is whole."""
    kept = list(lines)
    path = folder / name
    path.write_text("\n".join([header, COLUMNS, *kept, total(kept)]) + "\n")
    return path
