"""Agreements of autopay, the card that pays, and the rounds of a worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import time_machine
from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing import queries as balances
from abonent.domains.billing.actions import charge_fees
from abonent.domains.billing.autopay import actions as autopay
from abonent.domains.billing.autopay import paying as autopay_paying
from abonent.domains.billing.autopay.rules import Kind, Terms
from abonent.domains.lines.queries import Line, account_of
from abonent.domains.payments import queries
from abonent.foundation.clock import now
from tests.factories import payments, promised, topups

# Below 100 roubles 500 come, 3 000 a month at most.
BELOW = Terms(Kind.THRESHOLD, 100_00, None, 500_00, 3_000_00)
FIFTH = Terms(Kind.CALENDAR, None, 5, 500_00, 3_000_00)
FEE = Terms(Kind.FEE, None, 5, None, 3_000_00)


def card(bank: payments.Bank, line: Line) -> int:
    """Return the card that the holder of the line has saved."""
    payer_id = account_of(line.id) or 1
    payments.settled(bank, payer_id=payer_id, save_card=True, purpose="other")
    return queries.cards(payer_id)[0].id


def wish(line: Line, card_id: int, terms: Terms = BELOW, **changes: Any) -> autopay.Wish:
    given: dict[str, Any] = {
        "autopay_id": uuid4(),
        "account_id": account_of(line.id) or 1,
        "line": line,
        "card_id": card_id,
        "card_name": "MIR •• 4321",
        "terms": terms,
        "language": "ru",
    }
    return autopay.Wish(**given | changes)


def agreed(
    bank: payments.Bank, line: Line, terms: Terms = BELOW, at: datetime | None = None, **changes: Any
) -> models.Autopay:
    """Switch autopay on for the line."""
    wanted = wish(line, changes.pop("card_id", None) or card(bank, line), terms, **changes)
    autopay.switch_on(wish=wanted, at=at or now())
    return models.Autopay.objects.get(id=wanted.autopay_id)


def round_of(at: datetime | None = None) -> list[UUID]:
    """Do what a worker does in a round, then hear what the bank said; return the payments that were begun."""
    at = at or now()
    with time_machine.travel(at, tick=True):
        begun = [autopay_paying.pay(autopay_id=autopay_id, at=at) for autopay_id in autopay_paying.due(at)]
        for attempt_id in autopay_paying.unanswered(at):
            autopay_paying.ask(attempt_id=attempt_id, at=at)
        topups.hear()
    return [one for one in begun if one]


def spend(line: Line, amount_minor: int) -> None:
    """Take money from the contract's balance."""
    if amount_minor:
        promised.spend(line, amount_minor)


def charged(line: Line, at: datetime, *, left_minor: int) -> None:
    """Charge all fees that were due by then, and leave so much on the balance."""
    promised.pay(line, 10**8, at=at)
    charge_fees(until=at)
    promised.spend(line, balances.balance(line.contract_id) - left_minor)


def attempts() -> list[tuple[str, int]]:
    """Return how each payment stands, oldest first."""
    rows = models.AutopayAttempt.objects.order_by("created_at", "number")
    return [(row.state, row.settled_minor or row.amount_minor) for row in rows]


def told(number: str) -> list[str]:
    """Return what the number was told of autopay, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select substr(template, 9) from messaging_message
                where recipient = %s and template like 'autopay %%' order by created_at, id""",
            [number],
        )
        return [template for (template,) in cursor.fetchall()]
