"""A bill as JSON, for ever readable: what is added later gets a default. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from abonent.domains.billing.bills.rules import BillLine, BillPayment, Payer

Content = dict[str, Any]


def packed(payer: Payer, lines: Sequence[BillLine], payments: Sequence[BillPayment]) -> Content:
    """Return what is stored of a bill besides its columns."""
    return {
        "payer": asdict(payer),
        "lines": [asdict(line) | {"month": line.month.isoformat()} for line in lines],
        "payments": [asdict(payment) | {"at": payment.at.isoformat()} for payment in payments],
    }


def unpacked(content: Mapping[str, Any]) -> tuple[Payer, tuple[BillLine, ...], tuple[BillPayment, ...]]:
    """Return payer, lines and payments as they were packed."""
    return (
        Payer(**content["payer"]),
        tuple(BillLine(**line | {"month": date.fromisoformat(line["month"])}) for line in content["lines"]),
        tuple(
            BillPayment(**payment | {"at": datetime.fromisoformat(payment["at"])}) for payment in content["payments"]
        ),
    )
