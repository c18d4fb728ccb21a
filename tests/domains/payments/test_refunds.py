"""Money that goes back the way it came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from abonent.domains.ledger import actions as ledger_actions
from abonent.domains.ledger import queries as ledger
from abonent.domains.payments import actions, models, queries
from abonent.domains.payments import refunds as refunding
from abonent.domains.payments.refunds import DifferentRefund
from abonent.domains.payments.states import RefundState
from abonent.foundation.clock import now
from tests.factories import payments

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


def test_ops_3_a_refund_is_done_once_and_leaves_the_account_once(bank: payments.Bank) -> None:
    account, refund_id = payments.account(), uuid4()
    payment_id = payments.settled(bank, account_id=account)
    for _ in range(2):
        assert payments.refund(payment_id, 20_000, refund_id=refund_id) is RefundState.REFUNDED
    assert bank.orders[payment_id].returned_minor == 20_000
    assert ledger.balance(account) == 30_000
    assert queries.refundable_minor(payment_id) == 30_000
    assert queries.payment(payment_id).refunded_minor == 20_000


def test_more_than_came_never_goes_back(bank: payments.Bank) -> None:
    payment_id = payments.settled(bank)
    payments.refund(payment_id, 20_000)
    with pytest.raises(actions.NotRefundable) as refused:
        payments.refund(payment_id, 30_001)
    assert refused.value.refundable_minor == 30_000
    assert models.Refund.objects.count() == 1


def test_what_did_not_settle_is_not_given_back(bank: payments.Bank) -> None:
    payment_id = payments.start().payment_id
    with pytest.raises(actions.NotRefundable):
        payments.refund(payment_id, 1)
    with pytest.raises(ValueError, match="positive"):
        payments.refund(payment_id, 0)
    assert "refund" not in bank.calls


def test_the_id_of_another_refund_is_refused(bank: payments.Bank) -> None:
    payment_id, refund_id = payments.settled(bank), uuid4()
    payments.refund(payment_id, 1_000, refund_id=refund_id)
    with pytest.raises(DifferentRefund):
        payments.refund(payment_id, 1_001, refund_id=refund_id)
    assert bank.orders[payment_id].returned_minor == 1_000


def test_a_lost_answer_holds_the_sum_until_it_is_known_what_became_of_it(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.settled(bank, account_id=account)
    bank.lost.append("refund")
    refund_id = uuid4()
    assert payments.refund(payment_id, 20_000, refund_id=refund_id) is RefundState.UNKNOWN
    assert (ledger.balance(account), ledger.available(account)) == (50_000, 30_000)
    with pytest.raises(actions.RefundUnderWay):
        payments.refund(payment_id, 1_000)
    assert refunding.resolve(refund_id=refund_id, at=now()) is RefundState.REFUNDED
    assert (ledger.balance(account), ledger.available(account)) == (30_000, 30_000)
    assert bank.calls.count("refund") == 1


def test_a_refund_that_never_arrived_is_asked_for_again_under_the_same_id(bank: payments.Bank) -> None:
    payment_id, refund_id = payments.settled(bank), uuid4()
    bank.down.add("refund")
    assert payments.refund(payment_id, 20_000, refund_id=refund_id) is RefundState.UNKNOWN
    bank.down.clear()
    soon, later = now() + timedelta(seconds=60), now() + timedelta(minutes=3)
    assert refunding.resolve(refund_id=refund_id, at=soon) is RefundState.UNKNOWN
    assert refunding.resolve(refund_id=refund_id, at=later) is RefundState.REFUNDED
    assert bank.orders[payment_id].refunds == {refund_id}


def test_a_refused_refund_frees_the_sum(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.settled(bank, account_id=account)
    bank.orders[payment_id].returned_minor = 1
    assert payments.refund(payment_id, 20_000) is RefundState.REFUSED
    assert (ledger.balance(account), ledger.available(account)) == (50_000, 50_000)
    assert queries.refunds_of(payment_id)[0].refused_because


def test_what_is_spent_does_not_go_back_and_the_bank_is_not_asked(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.settled(bank, account_id=account)
    house = ledger_actions.open_account(book="revenue", code="fee", house=True)
    ledger_actions.post(
        transfer_id=uuid4(), debit=account, credit=house, amount_minor=40_000, booked_at=now(), kind="fee"
    )
    with pytest.raises(actions.NotRefundable) as refused:
        payments.refund(payment_id, 20_000)
    assert refused.value.refundable_minor == 10_000
    assert not models.Refund.objects.exists()
    assert "refund" not in bank.calls
