"""Partners, their terms, and what they tell of purchases."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

from django.utils.timezone import localdate

from abonent.domains.billing import models, queries
from abonent.domains.billing.cashback import actions as cashback
from abonent.domains.billing.cashback.rules import COLUMNS, Terms
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now

CODE = "kometa"
# 5 %, up to 100 roubles a purchase and 150 a month, three days.
TERMS = Terms(500, 100_00, 150_00, 3, ("табак",))
HOLD = timedelta(days=5)


def partner(code: str = CODE, terms: Terms = TERMS, valid_from: date = date(2024, 1, 1)) -> str:
    cashback.publish(code=code, name=f"«{code.title()}»", valid_from=valid_from, terms=terms)
    return code


def row(line: Line | str, amount: str = "1000.00", **changes: str) -> dict[str, str]:
    """Return what is told: a purchase of today for 1 000 roubles, unless something else is said."""
    number = line if isinstance(line, str) else line.number
    given = {
        "purchase_id": "T-1", "number": number, "amount": amount, "bought_on": f"{localdate(now())}", "state": "bought",
        "category": "",
    }  # fmt: skip
    return given | changes


def take(fields: dict[str, str], at: datetime | None = None, code: str = CODE) -> bool:
    return cashback.take_in(code=code, fields=fields, at=at or now())


def accrue(at: datetime | None = None) -> int:
    """Let come what is due some days from now."""
    return cashback.accrue_due(at=at or now() + HOLD)


def file(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "purchases.csv"
    with path.open("w", newline="") as written:
        writer = csv.DictWriter(written, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def money(line: Line) -> tuple[int, int, int, int]:
    """Return balance, what came, what went back, what is owed."""
    rows = models.CashbackPurchase.objects.filter(contract_id=line.contract_id)
    sums = [sum(getattr(row, name) for row in rows) for name in ("accrued_minor", "reversed_minor", "owed_minor")]
    moved = sum(models.CashbackMove.objects.values_list("amount_minor", flat=True))
    paid = sum(models.Payment.objects.filter(method="cashback").values_list("amount_minor", flat=True))
    assert moved == paid == sums[0] - sums[1]
    return (queries.balance(line.contract_id), *sums)  # type: ignore[return-value] # three of them
