"""Promised payments: terms in force, lines that may take one, and what is known of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection

from abonent.domains.billing import actions, models
from abonent.domains.billing.actions import NewPayment, top_up_many
from abonent.domains.billing.promised import actions as promised
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised.rules import Choice, Step, Terms
from abonent.domains.lines.queries import Line
from tests.factories import billing, ledger, lines, statement

# Before it the line of `regular` has spent enough for the middle step.
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TERMS = Terms(
    choices=(Choice(10_000, 1_000, 3), Choice(20_000, 2_000, 5), Choice(50_000, 4_000, 7)),
    steps=(Step(30, 5_000, 10_000), Step(60, 20_000, 20_000), Step(300, 60_000, 50_000)),
    spending_months=3,
    times=2,
    times_days=30,
    balance_min_minor=-30_000,
    unpaid_pause_days=30,
    spared=("cashback",),
)
VALID_FROM = date(2025, 1, 1)


def rules(terms: Terms = TERMS, valid_from: date = VALID_FROM) -> int:
    """Put terms in force, and return their id."""
    return promised.publish_rules(valid_from=valid_from, terms=terms)


def regular(*, at: datetime = NOW, spent_minor: int = 90_000, opened_days: int = 200, number: str = "") -> Line:
    """Open a line that may take the first two sums at `at`: a customer for a while, with some spending."""
    line = lines.line(number=number, opened_at=at - timedelta(days=opened_days))
    if spent_minor:
        statement.fee(line, at - timedelta(days=20), spent_minor)
    return line


def take(line: Line, *, at: datetime = NOW, amount_minor: int = 10_000, promise_id: UUID | None = None) -> UUID:
    """Take a promised payment on the terms in force."""
    promise_id = promise_id or uuid4()
    found = promised_queries.rules_in_force(at)
    assert found
    promised.take(promise_id=promise_id, line=line, amount_minor=amount_minor, rules_id=found.id, at=at)
    return promise_id


def owed(contract_id: int, amount_minor: int, *, due_at: datetime, repaid_minor: int = 0) -> None:
    """Let the contract owe a promised payment, as far as others ask for it: no money moves."""
    [account_id] = actions.open_accounts(contract_ids=[contract_id]).values()
    models.Promise.objects.create(
        id=uuid4(), account_id=account_id, line_id=0, rules_id=rules(), amount_minor=amount_minor, fee_minor=0,
        repaid_minor=repaid_minor, taken_at=due_at, warn_at=due_at, due_at=due_at,
    )  # fmt: skip


def pay(line: Line, amount_minor: int, *, at: datetime = NOW, method: str = "card") -> UUID:
    """Top the contract up."""
    payment = NewPayment(uuid4(), line.contract_id, amount_minor, at, method)
    assert top_up_many([payment]) == 1
    return payment.payment_id


def spend(line: Line, amount_minor: int) -> None:
    """Take money from the contract's balance."""
    own = billing.rows("select ledger_account_id from billing_account where contract_id = %s", [line.contract_id])
    ledger.post(debit=own[0][0], credit=ledger.house(), amount_minor=amount_minor)


def receipt(line: Line, promise_id: UUID) -> promised_queries.Receipt:
    return promised_queries.receipt(promise_id=promise_id, contract_ids=[line.contract_id])


def blocked(line: Line, at: datetime = NOW) -> Line:
    """Block the line, and return it as it is then."""
    with connection.cursor() as cursor:
        cursor.execute("update lines_line set blocked_at = %s, block_reason = 'lost' where id = %s", [at, line.id])
    return replace(line, blocked_at=at, block_reason="lost")
