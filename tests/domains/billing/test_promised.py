"""A promised payment is taken: once, on the terms that were shown, and every kopeck has its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from abonent.domains.billing import queries
from abonent.domains.billing.promised import actions as promised
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised.rules import Choice, State, Step, Why
from abonent.domains.customers import models as customers
from abonent.domains.ledger import queries as ledger
from abonent.domains.messaging import models as messaging
from abonent.foundation.values import Period
from abonent.foundation.values.terms import InvalidTerms
from tests.factories import billing, identity, lines, statement
from tests.factories import promised as make
from tests.factories.promised import NOW, TERMS, VALID_FROM

pytestmark = pytest.mark.django_db


def state() -> list[object]:
    """Return everything that a refusal must leave alone."""
    return [
        billing.rows("select id, balance_minor from ledger_account where balance_minor is not null order by 1"),
        *(billing.rows(f"select count(*) from {table}") for table in (
            "billing_promise", "billing_repayment", "billing_payment", "billing_charge", "ledger_transfer",
            "messaging_message",
        )),
    ]  # fmt: skip


def test_cab_8_the_sum_comes_the_fee_goes_and_the_owner_is_told() -> None:
    make.rules()
    line = make.regular()
    promise_id = make.take(line, amount_minor=20_000)
    assert queries.balance(line.contract_id) == 20_000 - 2_000
    receipt = make.receipt(line, promise_id)
    promise = receipt.promise
    assert (promise.amount_minor, promise.fee_minor, promise.left_minor) == (20_000, 2_000, 20_000)
    assert (promise.state, promise.closed_at, receipt.repayments) == (State.ACTIVE, None, ())
    assert receipt.rules.valid_from == VALID_FROM
    assert billing.rows("select id, amount_minor, method from billing_payment") == [(promise_id, 20_000, "promised")]
    assert billing.rows("select id, amount_minor, rule, line_id from billing_charge where category = 'promised'") == [
        (promise.fee_charge_id, 2_000, "promised-fee", line.id)
    ]
    assert ledger.disagreements() == []
    # Plain text without no-break blanks is what a test can be read by.
    text = identity.last_text(line.number).replace("\N{NO-BREAK SPACE}", " ")
    assert text == (
        "Обещанный платёж: 200,00 ₽ на вашем балансе до 16.03.2026 09:00. Плата 20,00 ₽ списана. "
        "Следующее пополнение само погасит его в первую очередь."
    )


def test_cab_8_a_second_send_of_the_form_changes_nothing() -> None:
    make.rules()
    line = make.regular()
    promise_id = make.take(line)
    before = state()
    assert make.take(line, promise_id=promise_id, at=NOW + timedelta(minutes=5)) == promise_id
    assert state() == before


@pytest.mark.parametrize("taken_by", ["another sum", "another contract", "a payment", "a transfer"])
def test_cab_8_an_id_that_is_taken_is_refused(taken_by: str) -> None:
    make.rules()
    line, other = make.regular(), make.regular()
    amount_minor = 10_000
    if taken_by == "another sum":
        promise_id, amount_minor = make.take(line), 20_000
    elif taken_by == "another contract":
        promise_id = make.take(other)
    elif taken_by == "a payment":
        promise_id = make.pay(other, 700)
    else:
        promise_id = billing.rows("select fee_charge_id from billing_promise where id = %s", [make.take(other)])[0][0]
    before = state()
    with pytest.raises(promised.DifferentPromise):
        make.take(line, promise_id=promise_id, amount_minor=amount_minor)
    assert state() == before


def test_cab_8_only_one_at_a_time() -> None:
    make.rules()
    line = make.regular()
    make.take(line)
    before = state()
    with pytest.raises(promised.NotOffered) as refused:
        make.take(line)
    assert refused.value.refusal
    assert refused.value.refusal.why == Why.ACTIVE
    assert state() == before


@pytest.mark.parametrize("amount_minor", [50_000, 10_001, 0, -10_000])
def test_cab_8_a_sum_that_is_not_on_offer_is_refused(amount_minor: int) -> None:
    make.rules()
    line = make.regular()
    before = state()
    with pytest.raises(promised.NotOffered):
        make.take(line, amount_minor=amount_minor)
    assert state() == before


def test_cab_8_terms_that_changed_since_the_page_was_shown_are_not_agreed_to() -> None:
    shown = make.rules()
    line = make.regular()
    make.rules(replace(TERMS, choices=(Choice(10_000, 9_000, 3),)), valid_from=NOW.date())
    before = state()
    with pytest.raises(promised.NotOffered) as refused:
        promised.take(promise_id=uuid4(), line=line, amount_minor=10_000, rules_id=shown, at=NOW)
    assert refused.value.refusal is None
    assert state() == before


def test_cab_8_without_a_fee_nothing_is_charged() -> None:
    make.rules(replace(TERMS, choices=(Choice(10_000, 0, 3),)))
    line = make.regular()
    promise_id = make.take(line)
    assert queries.balance(line.contract_id) == 10_000
    assert make.receipt(line, promise_id).promise.fee_charge_id is None
    assert not billing.rows("select 1 from billing_charge where category = 'promised'")


def test_cab_8_who_pays_by_bill_or_is_blocked_is_refused() -> None:
    make.rules()
    by_bill, blocked = make.regular(), make.blocked(make.regular())
    customers.Contract.objects.filter(pk=by_bill.contract_id).update(payment="postpaid")
    standing = promised_queries.standing(replace(by_bill, prepaid=False), NOW)
    assert getattr(standing.decision, "why", None) == Why.POSTPAID
    assert getattr(promised_queries.standing(blocked, NOW).decision, "why", None) == Why.BLOCKED


def test_cab_8_all_lines_of_a_contract_count_by_age_and_spending() -> None:
    make.rules()
    old = make.regular(spent_minor=40_000)
    young = lines.line(contract_id=old.contract_id, is_main=False, opened_at=NOW - timedelta(days=2))
    statement.fee(young, NOW - timedelta(days=1), 30_000)
    assert [c.amount_minor for c in promised_queries.standing(young, NOW).decision.choices] == [10_000, 20_000]


def test_cab_8_only_spending_of_the_months_that_count_helps_and_no_fee_of_a_promise() -> None:
    make.rules(replace(TERMS, times=9, times_days=300))
    line = make.regular(spent_minor=0)
    since = NOW - timedelta(days=90)
    statement.fee(line, since - timedelta(days=2), 900_000)
    statement.fee(line, NOW, 900_000)
    assert promised_queries.standing(line, NOW).decision.why == Why.SPENDING
    statement.fee(line, since + timedelta(days=2), 15_000)
    make.take(line, at=NOW - timedelta(days=8))
    make.pay(line, 10_000, at=NOW - timedelta(days=7))
    assert [c.amount_minor for c in promised_queries.standing(line, NOW).decision.choices] == [10_000]


def test_cab_8_the_standing_takes_seven_queries_however_much_there_was(django_assert_num_queries: object) -> None:
    make.rules(replace(TERMS, times=9, times_days=300, steps=(Step(0, 0, 10_000),)))
    line = make.regular()
    for week in range(8):
        at = NOW - timedelta(days=7 * (8 - week))
        make.take(line, at=at)
        make.pay(line, 10_000, at=at + timedelta(days=1))
    with django_assert_num_queries(7):
        standing = promised_queries.standing(line, NOW)
    assert len(standing.past) == 8
    assert standing.active is None


def test_cab_8_terms_in_force_are_never_edited() -> None:
    first = make.rules()
    assert make.rules() == first
    with pytest.raises(ValueError, match="other terms hold from"), transaction.atomic():
        make.rules(replace(TERMS, times=1))
    with pytest.raises(InvalidTerms):
        make.rules(replace(TERMS, times=0), valid_from=date(2026, 1, 1))
    assert [rules.terms for rules in promised_queries.every_rules()] == [TERMS]


def test_cab_8_a_promise_of_another_is_not_there() -> None:
    make.rules()
    line, other = make.regular(), make.regular()
    for promise_id in (make.take(other), uuid4()):
        with pytest.raises(promised_queries.NoSuchPromise):
            make.receipt(line, promise_id)


def test_cab_8_what_is_lent_is_no_top_up_and_its_fee_is_spending_of_its_own_kind() -> None:
    make.rules()
    line = make.regular(spent_minor=90_000)
    make.pay(line, 700, at=NOW - timedelta(days=1))
    make.take(line)
    assert queries.last_top_up(line.contract_id) == 700
    spent = queries.expenses(line.id, Period(NOW, NOW + timedelta(days=1)))
    assert [(one.category, one.amount_minor) for one in spent.items] == [("promised", 1_000)]
    assert messaging.Message.objects.filter(recipient=line.number).count() == 1


@pytest.mark.parametrize("spared_minor", [0, 500, 25_000, 30_999, 31_000, 34_999])
def test_cab_8_what_lacks_for_the_next_fee_counts_what_is_owed_so_that_topping_it_up_suffices(
    spared_minor: int,
) -> None:
    make.rules()
    line = make.regular()
    make.take(line)
    if spared_minor:
        make.pay(line, spared_minor, method="cashback")
    lacks_minor = queries.overview(line, NOW).next_fee.shortfall_minor
    assert lacks_minor == max(0, 30_000 + 10_000 - 9_000 - spared_minor)
    if lacks_minor:
        make.pay(line, lacks_minor)
    assert queries.overview(line, NOW).next_fee.shortfall_minor == 0
