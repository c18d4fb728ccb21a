"""Payments from the first form to the last word of the bank: each comes once, none is lost, lies move nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.ledger import queries as ledger
from abonent.domains.payments import actions, models, queries
from abonent.domains.payments.ports import Forged, Method, Reason
from abonent.domains.payments.states import State
from abonent.foundation.clock import now
from tests.factories import payments

pytestmark = pytest.mark.django_db
MINUTES_21 = timedelta(minutes=21)


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


def announced() -> list[dict[str, Any]]:
    return [job.args["event"] for job in ProcrastinateJob.objects.filter(task_name="react").order_by("id")]


def state_of(payment_id: Any) -> State:
    return queries.payment(payment_id).state


def test_cab_5_a_payment_that_was_paid_is_credited_once(bank: payments.Bank) -> None:
    account = payments.account()
    begun = payments.start(account_id=account)
    assert begun.state is State.STARTED
    assert begun.redirect_url.startswith(payments.ORIGIN)
    assert payments.ask(begun.payment_id) is State.STARTED
    assert ledger.balance(account) == 0
    bank.pay(begun.payment_id)
    assert payments.ask(begun.payment_id) is State.SETTLED
    assert payments.ask(begun.payment_id) is State.SETTLED
    assert ledger.balance(account) == 50_000
    found = queries.payment(begun.payment_id)
    assert (found.settled_minor, found.detail, found.is_final) == (50_000, "MIR •• 4321", True)


def test_it_answers_the_same_order_to_a_form_sent_twice(bank: payments.Bank) -> None:
    account, payment_id = payments.account(), uuid4()
    first = payments.start(account_id=account, payment_id=payment_id)
    assert payments.start(account_id=account, payment_id=payment_id, language="en") == first
    assert bank.calls.count("register") == 1


@pytest.mark.parametrize(
    "change",
    [{"amount_minor": 50_001}, {"method": "sbp"}, {"reference": "8"}, {"payer_id": 12}, {"purpose": "other"}],
    ids=str,
)
def test_it_refuses_the_id_of_another_payment(bank: payments.Bank, change: dict[str, Any]) -> None:
    account, payment_id = payments.account(), uuid4()
    payments.start(account_id=account, payment_id=payment_id)
    with pytest.raises(actions.DifferentPayment):
        payments.start(account_id=account, payment_id=payment_id, **change)
    assert models.Payment.objects.count() == 1
    assert bank.calls == ["register"]


def test_a_lost_answer_leaves_it_unknown_until_it_is_asked(bank: payments.Bank) -> None:
    bank.lost.append("charge")
    card_id = payments.saved_card(bank)
    account, payment_id = payments.account(), uuid4()
    charge: Callable[[], State] = lambda: actions.charge_card(  # noqa: E731 - said twice with the very same words
        payment_id=payment_id, purpose="top-up", reference="7", ledger_account_id=account, amount_minor=10_000,
        payer_id=11, card_id=card_id, description="Автоплатёж", at=now(),
    )  # fmt: skip
    assert charge() is State.UNKNOWN
    assert ledger.balance(account) == 0
    assert charge() is State.SETTLED
    assert ledger.balance(account) == 10_000
    assert bank.calls.count("charge") == 1


def test_a_payment_that_never_reached_the_bank_is_declined_only_when_it_cannot_be_on_its_way(
    bank: payments.Bank,
) -> None:
    bank.down.add("register")
    payment_id = payments.start().payment_id
    bank.down.clear()
    assert state_of(payment_id) is State.UNKNOWN
    assert payments.ask(payment_id, after=timedelta(seconds=90)) is State.UNKNOWN
    assert payments.ask(payment_id, after=timedelta(seconds=121)) is State.DECLINED
    assert queries.payment(payment_id).reason is Reason.NOT_REACHED


def test_an_order_nobody_can_reach_is_closed_at_the_bank(bank: payments.Bank) -> None:
    bank.lost.append("register")
    payment_id = payments.start().payment_id
    assert payments.ask(payment_id, after=timedelta(seconds=30)) is State.UNKNOWN
    assert payments.ask(payment_id, after=timedelta(seconds=61)) is State.DECLINED
    assert bank.calls[-1] == "cancel"


def test_money_that_came_after_a_decline_is_taken(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.start(account_id=account).payment_id
    bank.decline(payment_id)
    assert payments.ask(payment_id) is State.DECLINED
    assert queries.payment(payment_id).reason is Reason.FUNDS
    # One last look is planned for when the order's time is up.
    assert models.Payment.objects.get().next_ask_at == models.Payment.objects.get().expires_at + timedelta(seconds=60)
    bank.pay(payment_id)
    assert payments.ask(payment_id, after=MINUTES_21) is State.SETTLED
    assert ledger.balance(account) == 50_000


def test_an_order_whose_time_is_up_is_closed_at_the_bank_before_it_counts_as_expired(bank: payments.Bank) -> None:
    payment_id = payments.start().payment_id
    bank.down.add("cancel")
    assert payments.ask(payment_id, after=MINUTES_21) is State.STARTED
    bank.down.clear()
    assert payments.ask(payment_id, after=MINUTES_21) is State.EXPIRED
    assert queries.payment(payment_id).reason is Reason.TIME
    assert models.Payment.objects.get().next_ask_at is None


def test_money_that_came_while_the_order_was_closed_is_taken(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.start(account_id=account).payment_id
    assert payments.ask(payment_id, after=MINUTES_21) is State.EXPIRED
    bank.pay(payment_id)
    assert payments.ask(payment_id, after=MINUTES_21) is State.SETTLED
    assert ledger.balance(account) == 50_000


def test_what_is_held_is_taken_and_what_is_held_for_nothing_goes_back(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.start(account_id=account).payment_id
    bank.hold(payment_id)
    assert payments.ask(payment_id) is State.SETTLED
    late = payments.start(account_id=account).payment_id
    assert payments.ask(late, after=MINUTES_21) is State.EXPIRED
    bank.hold(late)
    assert payments.ask(late, after=MINUTES_21) is State.EXPIRED
    assert bank.orders[late].returned_minor == 50_000
    assert ledger.balance(account) == 50_000


def test_another_sum_that_came_is_what_counts(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.start(account_id=account, method="cash", payer_id=None).payment_id
    bank.pay(payment_id, amount_minor=60_000)
    assert payments.ask(payment_id) is State.SETTLED
    assert (queries.payment(payment_id).amount_minor, queries.payment(payment_id).settled_minor) == (50_000, 60_000)
    assert ledger.balance(account) == 60_000


def test_nothing_taken_though_paid_is_looked_at_by_a_person(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.start(account_id=account).payment_id
    bank.pay(payment_id, amount_minor=0)
    assert payments.ask(payment_id) is State.STARTED
    assert [found.id for found in queries.to_look_at()] == [payment_id]
    assert ledger.balance(account) == 0


def test_a_cash_code_is_of_ten_digits_and_free_again_after_the_end(bank: payments.Bank) -> None:
    begun = payments.start(method="cash")
    assert len(begun.cash_code) == 10
    assert begun.cash_code.isdigit()
    bank.pay(begun.payment_id)
    payments.ask(begun.payment_id)
    assert queries.payment(begun.payment_id).cash_code == ""


def test_a_way_the_bank_does_not_offer_is_refused_before_anything_is_stored(bank: payments.Bank, settings: Any) -> None:
    bank.methods = (Method.CARD,)
    with pytest.raises(actions.NotOffered):
        payments.start(method="sbp")
    settings.PAYMENT_GATEWAY = ""
    with pytest.raises(actions.NotOffered):
        payments.start()
    settings.PAYMENT_GATEWAY = "tests.factories.payments.Bank"
    with pytest.raises(ValueError, match="positive"):
        payments.start(amount_minor=0)
    assert not models.Payment.objects.exists()


def test_an_event_says_what_came_and_when(bank: payments.Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    from abonent.domains.payments.events import PaymentDeclined, PaymentSettled
    from abonent.foundation import outbox

    monkeypatch.setattr(outbox, "_reactions", {PaymentSettled: ("a.b",), PaymentDeclined: ("a.c",)})
    payment_id = payments.settled(bank)
    declined = payments.start().payment_id
    bank.decline(declined)
    payments.ask(declined)
    came, refused = announced()
    assert came | {"at": ""} == {
        "payment_id": str(payment_id), "purpose": "top-up", "reference": "7", "amount_minor": 50_000,
        "currency": "RUB", "method": "card", "detail": "MIR •• 4321", "at": "",
    }  # fmt: skip
    settled_at = queries.payment(payment_id).settled_at
    assert settled_at is not None
    assert came["at"] == settled_at.isoformat()
    assert (refused["payment_id"], refused["reason"]) == (str(declined), "insufficient funds")


def test_a_forged_callback_stores_nothing(bank: payments.Bank) -> None:
    payment_id = payments.start().payment_id
    with pytest.raises(Forged):
        actions.hear(fields={"order": f"order-{payment_id}"}, at=now())
    assert not models.Notice.objects.exists()
    assert state_of(payment_id) is State.STARTED


def test_a_callback_is_a_reason_to_ask_and_no_more(bank: payments.Bank) -> None:
    account = payments.account()
    payment_id = payments.start(account_id=account).payment_id
    fields = {"order": f"order-{payment_id}", "signed": "yes"}
    assert actions.hear(fields=fields, at=now())
    assert not actions.hear(fields=fields, at=now())
    assert models.Notice.objects.get().times == 2
    assert state_of(payment_id) is State.STARTED
    assert ProcrastinateJob.objects.filter(task_name="ask_payment").count() == 2
    assert ledger.balance(account) == 0
