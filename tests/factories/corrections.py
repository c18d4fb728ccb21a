"""Money that two of staff agree on: customers with charges and payments, proposals, and the second person's word."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from abonent.domains.billing import models, queries
from abonent.domains.lines.queries import Line
from abonent.domains.support import actions, deeds
from abonent.domains.support.corrections.actions import Wanted
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import Deed
from abonent.foundation.clock import now
from tests.factories import billing, bills, payments, support, topups

NOTHING = (0, 0, 0, 0)


def customer(balance_minor: int = 100_000) -> Line:
    """Return the line of somebody who can be checked, with so much money that was paid by card at a terminal."""
    line = support.customer()
    if balance_minor:
        bills.pay(line, now(), balance_minor)
    return line


def charge(line: Line, amount_minor: int = 15_000, category: str = "fee") -> UUID:
    """Charge something that may be disputed."""
    return bills.charge(line, now(), amount_minor, category)


def paid(bank: payments.Bank, line: Line, amount_minor: int = 50_000) -> UUID:
    """Return a payment that the customer made on our pages."""
    return topups.paid(bank, topups.order(line, amount_minor=amount_minor))


def wanted(amount_minor: int = 10_000, reason: str = "goodwill", **more: object) -> Wanted:
    return Wanted(amount_minor=amount_minor, reason=reason, comment="Три дня без связи", **more)  # type: ignore[arg-type] # as the caller gives it


def proposed(by: Agent, case_id: int, deed: Deed = Deed.CREDIT, at: datetime | None = None, **more: object) -> UUID:
    """Propose money in a checked case; return the proposal's id."""
    order = support.order(by, case_id, deed, key=uuid4(), wanted=wanted(**more), at=at or now())  # type: ignore[arg-type] # as the caller gives it
    deeds.do(order)
    return order.key


def decide(by: Agent, proposal_id: UUID, *, granted: bool = True, at: datetime | None = None) -> None:
    actions.decide(
        agent=by, approval_id=proposal_id, granted=granted, origin="", at=at or now(), reason="" if granted else "Нет"
    )


def moved(line: Line) -> tuple[int, int, int, int]:
    """Return balance, sum of corrections as charges, and how many corrections and transfers of them there are."""
    [(charged, count)] = billing.rows(
        "select coalesce(-sum(amount_minor), 0)::bigint, count(*) from billing_charge where category = 'correction'"
    )
    [(transfers,)] = billing.rows("select count(*) from ledger_transfer where kind = 'correction'")
    assert count == models.Correction.objects.exclude(kind="refund").count()
    return queries.balance(line.contract_id), charged, count, transfers
