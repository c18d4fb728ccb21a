"""Promised payments of «Орбита»: the terms, and somebody who has one to repay."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import NAMESPACE_URL, uuid5

from abonent.demo.people import World, number_of
from abonent.domains.billing import promised
from abonent.domains.billing.promised_rules import Choice, Step, Terms
from abonent.domains.lines import queries as lines

VALID_FROM = date(2024, 1, 1)
TERMS = Terms(
    choices=(
        Choice(10_000, 1_000, days=3),
        Choice(20_000, 2_000, days=5),
        Choice(30_000, 2_500, days=5),
        Choice(50_000, 4_000, days=7),
    ),
    steps=(Step(30, 10_000, 10_000), Step(60, 20_000, 30_000), Step(90, 50_000, 50_000)),
    spending_months=3,
    times=3,
    times_days=30,
    balance_min_minor=-50_000,
    unpaid_pause_days=30,
    spared=("adjustment", "cashback"),
)
# Who talks a lot and has not paid for a while took one two days ago.
TAKER = 2
TAKEN_MINOR = 10_000
TAKEN_BEFORE = timedelta(days=2)


def publish() -> None:
    """Store the terms."""
    promised.publish_rules(valid_from=VALID_FROM, terms=TERMS)


def lend(world: World) -> None:
    """Let one of the first subscribers take a promised payment, once; an operator of some days trusts nobody yet."""
    line = lines.served_by_number(number_of(TAKER)) if world.subscribers > TAKER else None
    if line is None:
        return
    try:
        promised.take(
            promise_id=uuid5(NAMESPACE_URL, f"https://orbita.example/promised/{world.seed}"),
            line=line,
            amount_minor=TAKEN_MINOR,
            rules_id=promised.publish_rules(valid_from=VALID_FROM, terms=TERMS),
            at=world.now - TAKEN_BEFORE,
        )
    except promised.NotOffered:
        return
