"""Autopay run by many workers at once, on a real PostgreSQL with real commits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from abonent.domains.billing import queries
from abonent.domains.billing.autopay import actions as autopay
from abonent.domains.billing.autopay import paying as autopay_paying
from abonent.domains.ledger import queries as ledger
from abonent.domains.payments import models as paid
from abonent.foundation.clock import now
from tests.factories import autopay as make
from tests.factories import cabinet, identity, payments
from tests.factories import topups as topup

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 6


def together(work: Callable[[int], object]) -> list[object]:
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


@pytest.fixture
def bank(settings: Any) -> payments.Bank:
    with connection.cursor() as cursor:
        # What earlier tests announced is not heard here.
        cursor.execute("truncate procrastinate_jobs cascade")
    return payments.open_bank(settings)


def test_cab_7_many_workers_pay_once_and_tell_once(bank: payments.Bank) -> None:
    line = cabinet.line()
    identity.browser(line)
    row, at = make.agreed(bank, line), now()

    def work(number: int) -> object:
        if number % 2:
            return autopay_paying.pay(autopay_id=row.id, at=at)
        for attempt_id in autopay_paying.unanswered(at + timedelta(minutes=3)):
            autopay_paying.ask(attempt_id=attempt_id, at=at)
        return autopay_paying.pay(autopay_id=row.id, at=at)

    answers = together(work)
    assert len([one for one in answers if one]) == 1
    together(lambda _: topup.hear())
    assert bank.calls.count("charge") == 1
    assert paid.Payment.objects.filter(purpose="autopay").count() == 1
    assert queries.balance(line.contract_id) == 500_00
    assert make.told(line.number) == ["on", "paid"]
    assert ledger.disagreements() == []


def test_cab_7_many_workers_take_up_what_a_dead_one_left_once(bank: payments.Bank) -> None:
    line = cabinet.line()
    identity.browser(line)
    row, at = make.agreed(bank, line), now()
    attempt = autopay_paying.write_down(autopay_id=row.id, at=at)
    assert attempt
    together(lambda _: autopay_paying.ask(attempt_id=attempt.id, at=at + timedelta(minutes=3)))
    topup.hear()
    assert bank.calls.count("charge") == 1
    assert queries.balance(line.contract_id) == 500_00


def test_cab_7_two_browsers_switching_on_leave_one_agreement(bank: payments.Bank) -> None:
    line = cabinet.line()
    identity.browser(line)
    card_id = make.card(bank, line)
    together(lambda _: autopay.switch_on(wish=make.wish(line, card_id), at=now()))
    with connection.cursor() as cursor:
        cursor.execute("select state, count(*) from billing_autopay group by 1 order by 1")
        assert cursor.fetchall() == [("on", 1), ("stopped", CLIENTS - 1)]
