"""Promised payments of «Орбита»: the terms, and somebody who has one to repay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from abonent.demo.people import World, number_of
from abonent.domains.billing.promised import actions as promised
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised.rules import Choice, Step, Terms
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line

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
# Asked in this order, the first who may takes one: nobody with a story of their own.
PLACES = range(9, 3, -1)
TAKEN_MINOR = 10_000
TAKEN_BEFORE = timedelta(days=2)


def publish() -> int:
    """Store the terms and return their id."""
    return promised.publish_rules(valid_from=VALID_FROM, terms=TERMS)


def lend(world: World) -> None:
    """Let one of the first subscribers take a promised payment, once; an operator of some days trusts nobody yet."""
    for line in _asked(world):
        try:
            promised.take(
                promise_id=_promise_id(world),
                line=line,
                amount_minor=TAKEN_MINOR,
                rules_id=publish(),
                at=world.now - TAKEN_BEFORE,
            )
        except (promised.NotOffered, promised.DifferentPromise):
            continue
        return


def borrower(world: World) -> str | None:
    """Return the number of who took it, if anybody did."""
    for line in _asked(world):
        try:
            promised_queries.receipt(promise_id=_promise_id(world), contract_ids=[line.contract_id])
        except promised_queries.NoSuchPromise:
            continue
        return line.number
    return None


def _asked(world: World) -> Iterator[Line]:
    for place in PLACES:
        line = lines.served_by_number(number_of(place)) if place < world.subscribers else None
        if line is not None:
            yield line


def _promise_id(world: World) -> UUID:
    return uuid5(NAMESPACE_URL, f"https://orbita.example/promised/{world.seed}")
