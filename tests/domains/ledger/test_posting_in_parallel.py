"""Posting by many at once, on a real PostgreSQL with real commits."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest

from abonent.domains.ledger import actions, queries
from abonent.domains.ledger.actions import BelowFloor, Posted, Posting
from tests.factories import ledger

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_update_is_lost_and_nobody_waits_in_a_ring(together: Callable[..., list[object]]) -> None:
    accounts = [ledger.account() for _ in range(4)] + [ledger.house()]

    def work(number: int) -> None:
        dice = random.Random(number)
        for _ in range(25):
            debit, credit = dice.sample(accounts, 2)
            ledger.post(debit=debit, credit=credit, amount_minor=dice.randint(1, 100))
            actions.post_many(
                [Posting(uuid4(), *dice.sample(accounts, 2), dice.randint(1, 9), ledger.AT, "fee") for _ in range(5)]
            )

    together(work)
    assert queries.disagreements() == []
    assert sum(queries.balance(account) for account in accounts) == 0


@pytest.mark.parametrize("in_batch", [False, True], ids=["alone", "in a batch"])
def test_one_transfer_sent_by_many_at_once_is_posted_once(
    together: Callable[..., list[object]], in_batch: bool
) -> None:
    purse, house = ledger.account(balance_minor=1000), ledger.house()
    ids = [UUID(int=number) for number in range(20)]

    def work(number: int) -> int:
        order: Sequence[UUID] = random.Random(number).sample(ids, len(ids))
        postings = [Posting(transfer_id, purse, house, 10, ledger.AT, "charge") for transfer_id in order]
        if in_batch:
            return actions.post_many(postings)
        outcomes = [ledger.post(debit=purse, credit=house, amount_minor=10, transfer_id=i) for i in order]
        return outcomes.count(Posted.NOW)

    assert sum(together(work)) == len(ids)
    assert queries.balance(purse) == 800
    assert queries.disagreements() == []


def test_the_last_rouble_is_spent_once(together: Callable[..., list[object]]) -> None:
    purse, house = ledger.account(floor_minor=0, balance_minor=100), ledger.house()

    def work(number: int) -> bool:
        try:
            ledger.post(debit=purse, credit=house, amount_minor=100)
        except BelowFloor:
            return False
        return True

    assert sum(together(work)) == 1
    assert queries.balance(purse) == 0
