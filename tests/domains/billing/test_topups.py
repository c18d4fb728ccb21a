"""Top-ups begun on our pages: one charge whatever is pressed, money that always arrives somewhere, who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from abonent.domains.billing import models, queries, reactions
from abonent.domains.billing.topups import actions as topups
from abonent.domains.billing.topups import queries as queries_topups
from abonent.domains.billing.topups.rules import LIMITS, Refused
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.payments import actions as payments_actions
from abonent.domains.payments.ports import Reason
from abonent.foundation.clock import now
from tests.factories import billing, cabinet, identity, payments
from tests.factories import topups as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


@pytest.fixture
def anna() -> Line:
    line = cabinet.line()
    identity.browser(line)
    return line


def texts(number: str) -> list[str]:
    """Return the SMS about money to the number, oldest first."""
    sent = Message.objects.filter(recipient=number).exclude(template__in=("code", "security")).order_by("created_at")
    return [message.template for message in sent]


def test_cab_6_money_for_an_own_number_arrives_once_and_is_told_once(bank: payments.Bank, anna: Line) -> None:
    topup_id = make.paid(bank, make.order(anna))
    for _ in range(3):
        make.hear()
    assert queries.balance(anna.contract_id) == 50_000
    assert billing.rows("select id, amount_minor, method, detail from billing_payment") == [
        (topup_id, 50_000, "card", "MIR •• 4321")
    ]
    assert texts(anna.number) == ["topped up"]
    said = identity.last_text(anna.number)
    assert "500,00 ₽" in said
    assert "Баланс 500,00 ₽" in said
    assert ledger.disagreements() == []


def test_cab_6_money_for_another_number_is_told_to_both(bank: payments.Bank, anna: Line) -> None:
    boris = cabinet.line("+79000000055")
    make.paid(bank, make.order(anna, to=boris.number))
    assert (queries.balance(boris.contract_id), queries.balance(anna.contract_id)) == (50_000, 0)
    assert (texts(boris.number), texts(anna.number)) == (["topped up"], ["paid for another"])
    to_boris = identity.last_text(boris.number)
    assert anna.number[-4:] in to_boris
    assert anna.number not in to_boris
    assert "+79000000055" in identity.last_text(anna.number)


def test_id_17_money_for_nobodys_number_comes_to_who_paid(bank: payments.Bank, anna: Line) -> None:
    make.paid(bank, make.order(anna, to="+79000009999"))
    assert queries.balance(anna.contract_id) == 50_000
    assert texts(anna.number) == ["top-up returned"]
    assert "+79000009999" in identity.last_text(anna.number)


def test_id_17_beginning_to_pay_is_alike_for_somebodys_and_nobodys_number(bank: payments.Bank, anna: Line) -> None:
    cabinet.line("+79000000055")
    with_owner, without = make.order(anna, to="+79000000055"), make.order(anna, to="+79000009999")
    begun = [make.begin(one) for one in (with_owner, without)]
    assert {one.state for one in begun} == {"started"}
    told = [repr(bank.orders[one.topup_id].order).replace(str(one.topup_id), "") for one in (with_owner, without)]
    assert told[0].split("expires_at")[0] == told[1].split("expires_at")[0]


def test_cab_6_a_form_sent_twice_is_one_payment(bank: payments.Bank, anna: Line) -> None:
    wanted = make.order(anna)
    assert make.begin(wanted) == make.begin(wanted)
    assert bank.calls.count("register") == 1
    assert models.TopUp.objects.count() == 1


@pytest.mark.parametrize("change", [{"amount_minor": 50_001}, {"method": "sbp"}, {"number": "+79000000077"}])
def test_cab_6_a_form_under_a_taken_id_with_other_content_is_refused(anna: Line, change: dict[str, Any]) -> None:
    wanted = make.order(anna)
    make.begin(wanted)
    with pytest.raises(payments_actions.DifferentPayment):
        make.begin(replace(wanted, **change))
    assert models.TopUp.objects.get().amount_minor == 50_000


def test_sec_somebody_elses_id_opens_nothing(bank: payments.Bank, anna: Line) -> None:
    wanted = make.order(anna)
    make.begin(wanted)
    stranger = cabinet.line("+79000000055")
    identity.browser(stranger)
    with pytest.raises(payments_actions.DifferentPayment):
        make.begin(replace(make.order(stranger), topup_id=wanted.topup_id))
    assert len(bank.orders) == 1


def test_cab_6_the_same_again_from_another_tab_is_asked_about(bank: payments.Bank, anna: Line) -> None:
    first = make.order(anna)
    make.begin(first)
    second = replace(first, topup_id=uuid4())
    with pytest.raises(topups.Repeated) as repeated:
        make.begin(second)
    assert repeated.value.topup_id == first.topup_id
    assert len(bank.orders) == models.TopUp.objects.count() == 1
    make.begin(second, repeats=first.topup_id)
    assert len(bank.orders) == 2
    with pytest.raises(topups.Repeated):
        # A third tab, opened before the second was paid.
        make.begin(replace(first, topup_id=uuid4()), repeats=first.topup_id)


def test_cab_6_what_was_declined_or_is_long_ago_does_not_stand_in_the_way(bank: payments.Bank, anna: Line) -> None:
    first = make.order(anna)
    make.begin(first)
    bank.decline(first.topup_id)
    payments.ask(first.topup_id)
    make.hear()
    second = replace(first, topup_id=uuid4())
    make.begin(second)
    make.begin(replace(first, topup_id=uuid4()), at=now() + timedelta(minutes=16))
    assert len(bank.orders) == 3


def test_cab_6_holds_the_limits_of_a_day(anna: Line) -> None:
    for sum_minor in (LIMITS.most_minor, LIMITS.most_minor - 1):
        make.begin(make.order(anna, amount_minor=sum_minor))
    with pytest.raises(Refused) as refused:
        make.begin(make.order(anna, amount_minor=LIMITS.most_minor - 2))
    assert (refused.value.reason, refused.value.limit) == ("day_sum", LIMITS.day_minor - 2 * LIMITS.most_minor + 1)
    assert models.TopUp.objects.count() == 2
    for number in range(LIMITS.day_numbers):
        make.begin(make.order(anna, to=f"+7900000010{number}", amount_minor=1000))
    with pytest.raises(Refused, match="day_numbers"):
        make.begin(make.order(anna, to="+79000000199", amount_minor=1000))


def test_cab_6_money_that_comes_after_a_decline_is_not_lost(bank: payments.Bank, anna: Line) -> None:
    wanted = make.order(anna)
    make.begin(wanted)
    bank.decline(wanted.topup_id)
    payments.ask(wanted.topup_id)
    make.hear()
    assert models.TopUp.objects.get().outcome == "declined"
    bank.pay(wanted.topup_id)
    payments.ask(wanted.topup_id, after=timedelta(minutes=1))
    make.hear()
    assert models.TopUp.objects.get().outcome == "settled"
    assert queries.balance(anna.contract_id) == 50_000
    assert texts(anna.number) == ["topped up"]


def test_cab_6_what_really_came_counts(bank: payments.Bank, anna: Line) -> None:
    wanted = make.order(anna)
    make.begin(wanted)
    bank.pay(wanted.topup_id, amount_minor=40_000)
    payments.ask(wanted.topup_id)
    make.hear()
    assert queries.balance(anna.contract_id) == 40_000
    assert "400,00 ₽" in identity.last_text(anna.number)


def test_cab_6_a_late_decline_is_told(bank: payments.Bank, anna: Line) -> None:
    wanted = make.order(anna)
    make.begin(wanted, at=now() - timedelta(minutes=10))
    bank.decline(wanted.topup_id, Reason.FUNDS)
    payments.ask(wanted.topup_id)
    make.hear()
    make.hear()
    assert texts(anna.number) == ["top-up declined"]
    assert queries.balance(anna.contract_id) == 0


def test_cab_6_a_refund_is_told(bank: payments.Bank, anna: Line) -> None:
    topup_id = make.paid(bank, make.order(anna))
    payments.refund(topup_id, 20_000)
    make.hear()
    assert texts(anna.number)[-1] == "top-up refunded"
    assert "200,00 ₽" in identity.last_text(anna.number)


def test_payments_of_other_purposes_are_nothing_to_billing(bank: payments.Bank, anna: Line) -> None:
    payments.settled(bank, purpose="bank account", reference=str(anna.contract_id))
    make.hear()
    assert models.Payment.objects.count() == 0


def test_id_19_a_deleted_account_leaves_the_books_and_no_payer(bank: payments.Bank, anna: Line) -> None:
    make.paid(bank, make.order(anna))
    payer = make.account_id(anna)
    topups.choose_card(payer_id=payer, card_id=7)
    reactions.forget_person(payer)
    reactions.forget_person(payer)
    kept = models.TopUp.objects.get()
    assert (kept.payer_id, kept.amount_minor) == (topups.NOBODY, 50_000)
    assert not models.UsualCard.objects.exists()
    with pytest.raises(queries_topups.NoSuchTopUp):
        queries_topups.begun(topup_id=kept.id, payer_id=payer)
