"""Holding, posting, voiding, taking back by many at once, with real commits: one wins, and the sums hold."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from abonent.domains.ledger import actions, queries, verifying
from abonent.domains.ledger.actions import (
    AlreadyResolved,
    BelowFloor,
    ExceedsOriginal,
    Hold,
    LedgerError,
    Operation,
    Posted,
    Posting,
    PostPending,
    Reversal,
    VoidPending,
)
from tests.factories import ledger

pytestmark = pytest.mark.django_db(transaction=True)

Together = Callable[[Callable[[int], object]], list[object]]
LATER = ledger.AT + timedelta(minutes=1)


def answers(operation: Operation) -> str:
    """Do it and return what was answered, a refusal by its name."""
    try:
        return ledger.do(operation).value
    except LedgerError as refusal:
        return type(refusal).__name__


def agrees() -> None:
    assert verifying.verify(now=ledger.AT).findings == ()


def test_what_is_held_is_held_once(together: Together) -> None:
    purse, house = ledger.account(floor_minor=0, balance_minor=100), ledger.house()
    told = together(lambda number: answers(Hold(uuid4(), purse, house, 30, ledger.AT, "payment")))
    assert Counter(told) == {"posted": 3, BelowFloor.__name__: 5}
    assert queries.available(purse) == 10
    agrees()


@pytest.mark.parametrize("same", [True, False], ids=["the same call", "each its own"])
def test_one_resolution_wins(together: Together, same: bool) -> None:
    purse, other = ledger.account(floor_minor=0, balance_minor=200), ledger.account()
    held = [UUID(int=number) for number in range(20)]
    for pending in held:
        ledger.hold(debit=purse, credit=other, amount_minor=10, transfer_id=pending)

    def work(number: int) -> Counter[str]:
        order = random.Random(number).sample(held, len(held))
        ids = [UUID(int=pending.int + 1000) if same else uuid4() for pending in order]
        if same or number % 2:
            calls: Sequence[Operation] = [
                PostPending(key, pending, ledger.AT, 7) for key, pending in zip(ids, order, strict=True)
            ]
        else:
            calls = [VoidPending(key, pending, ledger.AT) for key, pending in zip(ids, order, strict=True)]
        return Counter(map(answers, calls))

    told = sum(together(work), Counter())
    lost = Posted.ALREADY.value if same else AlreadyResolved.__name__
    assert told == {"posted": 20, lost: 7 * 20}
    moved = queries.balance(other)
    assert moved == 140 if same else moved % 7 == 0
    assert queries.standing(purse).available_minor == 200 - moved
    agrees()


def test_no_more_is_taken_back_than_there_was(together: Together) -> None:
    purse, house = ledger.account(balance_minor=100), ledger.house()
    paid = uuid4()
    ledger.post(debit=purse, credit=house, amount_minor=100, transfer_id=paid)
    told = together(lambda number: answers(Reversal(uuid4(), paid, ledger.AT, 30)))
    assert Counter(told) == {"posted": 3, ExceedsOriginal.__name__: 5}
    assert queries.balance(purse) == 90
    # All ask for what is left: one gets it.
    told = together(lambda number: answers(Reversal(uuid4(), paid, ledger.AT)))
    assert Counter(told) == {"posted": 1, ExceedsOriginal.__name__: 7}
    assert queries.balance(purse) == 100
    agrees()


def test_one_reversal_sent_by_many_is_done_once(together: Together) -> None:
    purse, house = ledger.account(balance_minor=100), ledger.house()
    paid, taken = uuid4(), uuid4()
    ledger.post(debit=purse, credit=house, amount_minor=100, transfer_id=paid)
    told = together(lambda number: answers(Reversal(taken, paid, ledger.AT)))
    assert Counter(told) == {"posted": 1, "already": 7}
    agrees()


def test_a_hold_expires_or_is_posted_never_both(together: Together) -> None:
    purse, other = ledger.account(floor_minor=0, balance_minor=400), ledger.account()
    held = [uuid4() for _ in range(40)]
    for pending in held:
        ledger.hold(debit=purse, credit=other, amount_minor=10, transfer_id=pending, expires_at=LATER)

    def work(number: int) -> int:
        if number % 2:
            return sum(actions.expire_due(now=LATER, limit=3) for _ in range(10))
        order = random.Random(number).sample(held, len(held))
        return [answers(PostPending(uuid4(), pending, ledger.AT)) for pending in order].count("posted")

    ended = together(work)
    actions.expire_due(now=LATER)
    posted = sum(ended[::2])
    assert (queries.balance(other), queries.available(purse)) == (10 * posted, 400 - 10 * posted)
    agrees()


def test_linked_batches_over_the_same_accounts_do_not_wait_in_a_ring(together: Together) -> None:
    accounts = [ledger.account(balance_minor=1000) for _ in range(4)] + [ledger.house()]

    def work(number: int) -> int:
        dice = random.Random(number)
        done = 0
        for _ in range(25):
            held = uuid4()
            pairs = [dice.sample(accounts, 2) for _ in range(4)]
            batch: list[Operation] = [Posting(uuid4(), *pair, dice.randint(1, 9), ledger.AT, "fee") for pair in pairs]
            batch += [Hold(held, *dice.sample(accounts, 2), 5, ledger.AT, "fee"), PostPending(uuid4(), held, ledger.AT)]
            done += actions.post_linked(batch)
            done -= actions.post_linked(batch)
        return done

    assert together(work) == [150] * 8
    assert sum(queries.balance(account) for account in accounts) == 4000
    agrees()


def test_whoever_is_killed_in_the_middle_leaves_a_ledger_that_agrees() -> None:
    """Processes do everything with the same few accounts and transfers, until they are killed without a warning."""
    accounts = [ledger.account(floor_minor=-500, balance_minor=1000) for _ in range(4)] + [ledger.house()]
    connection.close()
    context = multiprocessing.get_context("fork")
    clients = [context.Process(target=mayhem, args=(number, accounts)) for number in range(6)]
    for client in clients:
        client.start()
    until = time.monotonic() + 60
    while verifying.verify(now=ledger.AT).transfers <= 100:
        assert time.monotonic() < until, "they hardly begin"
        time.sleep(0.2)
    for client in clients:
        time.sleep(0.4)
        assert client.is_alive(), "nothing but a refusal may come"
        os.kill(client.pid, signal.SIGKILL)
        client.join()
    wait_for_their_servers()
    verdict = verifying.verify(now=ledger.AT)
    assert verdict.findings == ()
    assert verdict.transfers > 100
    actions.expire_due(now=LATER, limit=1_000_000)
    agrees()


def mayhem(number: int, accounts: list[int]) -> None:
    """Hold, resolve, take back, expire, and send many a call again, for ever; end at once when anything breaks."""
    dice = random.Random(number)
    try:
        while True:
            try:
                one_of_everything(dice, accounts)
            except LedgerError:
                continue
    finally:
        os._exit(1)


def one_of_everything(dice: random.Random, accounts: list[int]) -> None:
    key, about = UUID(int=dice.randrange(400)), UUID(int=dice.randrange(400))
    pair, amount_minor, until = dice.sample(accounts, 2), dice.randint(1, 90), dice.choice([None, LATER])
    calls: list[Operation] = [
        Posting(key, *pair, amount_minor, ledger.AT, "payment"),
        Hold(key, *pair, amount_minor, ledger.AT, "payment", until),
        PostPending(uuid4(), about, ledger.AT, dice.choice([None, amount_minor])),
        VoidPending(uuid4(), about, ledger.AT),
        Reversal(uuid4(), about, ledger.AT, dice.choice([None, amount_minor])),
    ]
    ledger.do(dice.choice(calls))
    if dice.random() < 0.2:
        held = Hold(uuid4(), *pair, 5, ledger.AT, "fee", until)
        actions.post_linked([held, *calls[2 : 2 + dice.randint(0, 2)]])
    if dice.random() < 0.1:
        actions.expire_due(now=LATER, limit=2)


def wait_for_their_servers() -> None:
    """Wait until the server has noticed that its clients are gone and rolled back what they had begun."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                """select count(*) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid() and query like '%%ledger_%%'"""
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.1)
    raise AssertionError("servers of killed clients are still at work")
