"""What accounts show: posted and held, now and at a moment in the past; what the worker releases."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abonent.domains.ledger import actions, jobs, queries
from abonent.foundation import clock
from tests.factories import ledger

pytestmark = pytest.mark.django_db

NOBODY = 999_999_999


def day(number: int) -> datetime:
    return ledger.AT + timedelta(days=number)


def test_an_account_shows_both_sides_posted_and_pending() -> None:
    purse, house = ledger.account(floor_minor=-10, balance_minor=100), ledger.house()
    ledger.post(debit=purse, credit=house, amount_minor=30)
    ledger.hold(debit=purse, credit=house, amount_minor=20)
    ledger.hold(debit=house, credit=purse, amount_minor=5)
    assert queries.standing(purse) == queries.Standing(30, 100, 20, 5, -10, "RUB", "main")
    assert queries.standing(house) == queries.Standing(0, 30, 5, 20, None, "RUB", "main")
    assert (queries.balance(purse), queries.available(purse)) == (70, 50)
    assert (queries.balance(house), queries.available(house)) == (30, 25)


def test_a_balance_at_any_moment_is_that_of_all_that_counts_by_then() -> None:
    purse, house = ledger.account(), ledger.house()
    held, paid = uuid4(), uuid4()
    for number, amount_minor in ((1, 100), (2, 50)):
        actions.post(
            transfer_id=paid if number == 1 else uuid4(),
            debit=house, credit=purse, amount_minor=amount_minor, booked_at=day(number), kind="payment",
        )  # fmt: skip
    actions.hold(
        transfer_id=held, debit=purse, credit=house, amount_minor=40, booked_at=day(3), kind="fee", expires_at=day(30)
    )
    actions.post_pending(transfer_id=uuid4(), pending_id=held, booked_at=day(4), amount_minor=25)
    actions.reverse(transfer_id=uuid4(), of=paid, booked_at=day(5), amount_minor=10)
    moments = [day(0), day(1) - timedelta(microseconds=1), day(1), day(2), day(3), day(4), day(5), day(99)]
    assert [queries.balance_at(purse, at) for at in moments] == [0, 0, 100, 150, 150, 125, 115, 115]
    assert [queries.balance_at(house, at) for at in moments] == [0, 0, -100, -150, -150, -125, -115, -115]
    assert queries.balance_at(purse, day(99)) == queries.balance(purse) == queries.summed_balance(purse)
    # What is booked into the past later belongs there.
    actions.post(transfer_id=uuid4(), debit=purse, credit=house, amount_minor=1, booked_at=day(1), kind="fee")
    assert [queries.balance_at(purse, at) for at in moments] == [0, 0, 99, 149, 149, 124, 114, 114]


def test_a_balance_at_a_moment_reads_the_account_s_own_transfers_only() -> None:
    purse, house = ledger.account(balance_minor=100), ledger.house()
    # Of a nearly empty table any way to read it costs the same: here there is a choice.
    others = list(actions.open_accounts(book="others", codes=map(str, range(200))).values())
    actions.post_many(
        [actions.Posting(uuid4(), house, others[n % 200], 1, day(1), "payment") for n in range(4_000)]
        + [actions.Posting(uuid4(), others[n % 200], house, 1, day(1), "charge") for n in range(4_000)]
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze ledger_transfer")
        with CaptureQueriesContext(connection) as asked:
            queries.balance_at(purse, day(1))
        cursor.execute("explain " + asked[-1]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "ledger_debits" in plan
    assert "ledger_credits" in plan


@pytest.mark.parametrize("ask", [queries.available, queries.standing, lambda a: queries.balance_at(a, day(1))])
def test_nothing_is_told_of_no_account(ask: object) -> None:
    with pytest.raises(queries.NoSuchAccount):
        ask(NOBODY)


def test_the_same_code_in_another_book_currency_or_entity_is_another_account() -> None:
    own = [{}, {"currency": "USD"}, {"entity": "bank"}, {"entity": "bank", "currency": "USD"}]
    opened = [actions.open_account(book="test", code="same", **one) for one in own]
    assert len(set(opened)) == 4
    assert [actions.open_account(book="test", code="same", **one) for one in own] == opened


def test_an_account_that_is_there_keeps_its_floor() -> None:
    account = actions.open_account(book="test", code="kept", floor_minor=-5)
    assert actions.open_account(book="test", code="kept", floor_minor=0) == account
    assert queries.standing(account).floor_minor == -5


def test_the_worker_releases_what_is_due_however_much() -> None:
    purse, house = ledger.account(floor_minor=0, balance_minor=3000), ledger.house()
    soon = clock.now() - timedelta(seconds=1)
    many = actions.EXPIRED_AT_ONCE + 2
    for _ in range(many):
        ledger.hold(debit=purse, credit=house, amount_minor=1, expires_at=soon)
    ledger.hold(debit=purse, credit=house, amount_minor=7, expires_at=soon + timedelta(hours=1))
    assert queries.available(purse) == 3000 - many - 7
    jobs.expire_pending(timestamp=0)
    assert queries.available(purse) == 3000 - 7
    assert queries.disagreements() == []
