"""Promised payments asked for, repaid and taken back by many at once, on a real PostgreSQL with real commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from abonent.domains.billing import actions, queries
from abonent.domains.billing.actions import NewPayment
from abonent.domains.billing.promised import actions as promised
from abonent.domains.billing.promised import repayment as promised_repayment
from abonent.domains.billing.promised.rules import State, Why
from abonent.domains.ledger import queries as ledger
from tests.factories import billing
from tests.factories import promised as make
from tests.factories.promised import NOW

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 8
DUE = datetime(2026, 3, 14, 6, tzinfo=UTC)
Together = Callable[[Callable[[int], object]], list[object]]


@pytest.fixture
def together() -> Iterator[Together]:
    """Give a function that runs `work(number)` on every client at the same moment and returns what came back."""

    def run(work: Callable[[int], object]) -> list[object]:
        start = Barrier(CLIENTS, timeout=60)

        def client(number: int) -> object:
            try:
                connection.ensure_connection()
                start.wait()
                return work(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(client, range(CLIENTS)))

    return run


def test_cab_8_many_requests_at_once_grant_exactly_one(together: Together) -> None:
    make.rules()
    line = make.regular()

    def ask(_: int) -> object:
        try:
            return make.take(line)
        except promised.NotOffered as error:
            return error.refusal.why if error.refusal else None

    answers = together(ask)
    assert answers.count(Why.ACTIVE) == CLIENTS - 1
    assert queries.balance(line.contract_id) == 10_000 - 1_000
    assert billing.rows("select count(*) from billing_promise") == [(1,)]
    assert billing.rows("select count(*) from billing_charge where category = 'promised'") == [(1,)]
    assert billing.rows("select count(*) from messaging_message") == [(1,)]
    assert ledger.disagreements() == []


def test_cab_8_one_form_sent_many_times_at_once_is_answered_alike(together: Together) -> None:
    make.rules()
    line, promise_id = make.regular(), uuid4()
    assert together(lambda _: make.take(line, promise_id=promise_id)) == [promise_id] * CLIENTS
    assert queries.balance(line.contract_id) == 10_000 - 1_000


def test_cab_8_one_id_sent_for_many_contracts_at_once_is_given_to_one(together: Together) -> None:
    make.rules()
    lines, promise_id = [make.regular() for _ in range(CLIENTS)], uuid4()

    def ask(number: int) -> object:
        try:
            return make.take(lines[number], promise_id=promise_id)
        except promised.DifferentPromise:
            return None

    assert together(ask).count(promise_id) == 1
    assert sorted(queries.balance(line.contract_id) for line in lines) == [0] * (CLIENTS - 1) + [9_000]


def test_cab_8_top_ups_at_once_repay_what_is_owed_and_no_more(together: Together) -> None:
    make.rules()
    line = make.regular()
    promise_id = make.take(line)
    together(lambda number: make.pay(line, 3_000, at=NOW + timedelta(seconds=number)))
    receipt = make.receipt(line, promise_id)
    assert sorted(one.amount_minor for one in receipt.repayments) == [1_000, 3_000, 3_000, 3_000]
    assert receipt.promise.state == State.REPAID
    assert queries.balance(line.contract_id) == 10_000 - 1_000 + CLIENTS * 3_000 - 10_000
    assert ledger.disagreements() == []


def test_cab_8_top_ups_and_the_deadline_at_once_take_it_back_once(together: Together) -> None:
    make.rules()
    lines = [make.regular() for _ in range(6)]
    ids = [make.take(line) for line in lines]

    def work(number: int) -> int:
        if number % 2:
            return promised_repayment.take_back_due(now=DUE)
        order = lines if number % 4 else list(reversed(lines))
        return actions.top_up_many([NewPayment(uuid4(), line.contract_id, 4_000, DUE, "card") for line in order])

    together(work)
    promised_repayment.take_back_due(now=DUE)
    for line, promise_id in zip(lines, ids, strict=True):
        receipt = make.receipt(line, promise_id)
        assert sum(one.amount_minor for one in receipt.repayments) == receipt.promise.amount_minor == 10_000
        assert receipt.promise.state in (State.REPAID, State.UNPAID)
        assert queries.balance(line.contract_id) == -1_000 + CLIENTS // 2 * 4_000
    assert ledger.disagreements() == []


def test_cab_8_two_workers_remind_and_take_back_once_each(together: Together) -> None:
    make.rules()
    for _ in range(10):
        make.take(make.regular())
    reminded = together(lambda _: promised_repayment.warn_due(now=DUE - timedelta(hours=20)))
    taken_back = together(lambda _: promised_repayment.take_back_due(now=DUE))
    assert (sum(reminded), sum(taken_back)) == (10, 10)
    assert billing.rows("select template, count(*) from messaging_message group by 1 order by 1") == [
        ("promised due", 10), ("promised taken", 10), ("promised taken back", 10),
    ]  # fmt: skip
    assert ledger.disagreements() == []
