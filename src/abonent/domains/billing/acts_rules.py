"""An act of reconciliation: what an account had, each movement with its date and reason, what it has. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from abonent.domains.billing.bills.rules import Payer

PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Movement:
    """What came or went on a day for one reason, in minor units.

    Charges of a line under one heading make one movement a day; `count` is how many they are. `document_id` is the
    payment, or the charge when it is a single one. Of a payment `category` is `PAYMENT`, `method` and `detail` are set.
    """

    day: date
    category: str
    service: str
    number: str
    method: str
    detail: str
    count: int
    document_id: UUID | None
    amount_minor: int

    @property
    def is_payment(self) -> bool:
        return self.category == PAYMENT

    @property
    def debit_minor(self) -> int:
        """What was charged; below zero for what was given back."""
        return 0 if self.is_payment else -self.amount_minor

    @property
    def credit_minor(self) -> int:
        return self.amount_minor if self.is_payment else 0


@dataclass(frozen=True, slots=True)
class Act:
    """The account of one contract between two local days, both included. Balances are credits less debits."""

    contract_id: int
    payer: Payer
    first: date
    last: date
    opening_minor: int
    movements: tuple[Movement, ...]

    @property
    def debit_minor(self) -> int:
        return sum(movement.debit_minor for movement in self.movements)

    @property
    def credit_minor(self) -> int:
        return sum(movement.credit_minor for movement in self.movements)

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.credit_minor - self.debit_minor
