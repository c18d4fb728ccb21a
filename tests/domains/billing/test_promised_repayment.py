"""How a promised payment goes back: from what comes first, at the deadline, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from abonent.domains.billing import actions, jobs, queries
from abonent.domains.billing.actions import NewPayment
from abonent.domains.billing.promised import actions as promised
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised import repayment as promised_repayment
from abonent.domains.billing.promised.rules import Choice, State, Step, Why
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import models as messaging
from tests.factories import billing, identity
from tests.factories import promised as make
from tests.factories.promised import NOW, TERMS

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 3, 14, 6, tzinfo=UTC)
WARNED = datetime(2026, 3, 12, 9, tzinfo=UTC)


def house() -> int:
    """Return what is lent and not repaid, from the ledger's side."""
    account = billing.rows("select id from ledger_account where book = 'promised'")[0][0]
    return -ledger.balance(account)


def texts(line: Line) -> list[str]:
    return sorted(messaging.Message.objects.filter(recipient=line.number).values_list("template", flat=True))


def taken(amount_minor: int = 10_000) -> tuple[Line, UUID]:
    make.rules()
    line = make.regular()
    return line, make.take(line, amount_minor=amount_minor)


def test_cab_8_the_next_top_up_repays_it_first_and_the_rest_stays() -> None:
    line, promise_id = taken()
    make.pay(line, 25_000, at=NOW + timedelta(hours=1))
    receipt = make.receipt(line, promise_id)
    assert (receipt.promise.state, receipt.promise.left_minor) == (State.REPAID, 0)
    assert receipt.promise.closed_at == NOW + timedelta(hours=1)
    assert [(one.amount_minor, one.from_top_up) for one in receipt.repayments] == [(10_000, True)]
    assert queries.balance(line.contract_id) == 10_000 - 1_000 + 25_000 - 10_000
    assert house() == 0
    assert identity.last_text(line.number).replace("\N{NO-BREAK SPACE}", " ") == (
        "100,00 ₽ из вашего пополнения погасили обещанный платёж: он возвращён полностью."
    )
    assert (
        promised_queries.receipt(
            promise_id=billing.rows("select id from billing_repayment")[0][0], contract_ids=[line.contract_id]
        )
        == receipt
    )


def test_cab_8_a_smaller_top_up_repays_a_part() -> None:
    line, promise_id = taken()
    make.pay(line, 3_000)
    assert make.receipt(line, promise_id).promise.left_minor == 7_000
    assert identity.last_text(line.number).replace("\N{NO-BREAK SPACE}", " ") == (
        "30,00 ₽ из вашего пополнения ушли на обещанный платёж. Осталось вернуть 70,00 ₽ до 14.03.2026 09:00."
    )
    make.pay(line, 7_000, at=NOW + timedelta(hours=1))
    make.pay(line, 4_000, at=NOW + timedelta(hours=2))
    assert make.receipt(line, promise_id).promise.state == State.REPAID
    assert [one.amount_minor for one in make.receipt(line, promise_id).repayments] == [3_000, 7_000]
    assert queries.balance(line.contract_id) == 10_000 - 1_000 + 14_000 - 10_000
    assert ledger.disagreements() == []


def test_cab_8_a_payment_that_was_there_already_repays_nothing() -> None:
    make.rules()
    line = make.regular()
    paid = make.pay(line, 5_000, at=NOW - timedelta(days=1))
    promise_id = make.take(line)
    again = NewPayment(paid, line.contract_id, 5_000, NOW - timedelta(days=1), "card")
    assert actions.top_up_many([again, again]) == 0
    assert make.receipt(line, promise_id).promise.repaid_minor == 0


def test_cab_8_a_payment_learned_of_late_repays_when_it_can() -> None:
    line, promise_id = taken()
    make.pay(line, 4_000, at=NOW - timedelta(days=3))
    assert [(one.at, one.amount_minor) for one in make.receipt(line, promise_id).repayments] == [(NOW, 4_000)]


def test_cab_8_money_that_the_terms_spare_does_not_repay() -> None:
    line, promise_id = taken()
    make.pay(line, 50_000, method="cashback")
    assert make.receipt(line, promise_id).promise.repaid_minor == 0
    assert queries.balance(line.contract_id) == 59_000


def test_cab_8_many_payments_in_one_call_repay_many_promises_in_few_queries(
    django_assert_max_num_queries: object,
) -> None:
    make.rules()
    borrowed, others = [make.regular() for _ in range(3)], [make.regular(spent_minor=0) for _ in range(40)]
    ids = [make.take(line) for line in borrowed]
    new = [
        NewPayment(uuid4(), line.contract_id, 4_000, NOW + timedelta(minutes=n), "card")
        for line in (*borrowed, *others) for n in range(3)
    ]  # fmt: skip
    with django_assert_max_num_queries(45):
        assert actions.top_up_many(new) == len(new)
    for line, promise_id in zip(borrowed, ids, strict=True):
        receipt = make.receipt(line, promise_id)
        assert [one.amount_minor for one in receipt.repayments] == [4_000, 4_000, 2_000]
        assert queries.balance(line.contract_id) == 10_000 - 1_000 + 12_000 - 10_000
    assert all(queries.balance(line.contract_id) == 12_000 for line in others)
    assert house() == 0


def test_cab_8_a_refused_payment_repays_nothing() -> None:
    line, promise_id = taken()
    with pytest.raises(ValueError, match="positive"), transaction.atomic():
        actions.top_up_many([NewPayment(uuid4(), line.contract_id, amount, NOW, "card") for amount in (500, -500)])
    assert make.receipt(line, promise_id).promise.repaid_minor == 0
    assert queries.balance(line.contract_id) == 9_000


def test_cab_8_the_owner_is_reminded_once_a_day_before() -> None:
    line, _ = taken()
    assert promised_repayment.warn_due(now=WARNED - timedelta(seconds=1)) == 0
    make.pay(line, 2_500)
    assert promised_repayment.warn_due(now=WARNED) == 1
    assert promised_repayment.warn_due(now=WARNED) == 0
    assert identity.last_text(line.number).replace("\N{NO-BREAK SPACE}", " ") == (
        "Ваш обещанный платёж: вернуть 75,00 ₽ до 14.03.2026 09:00. "
        "Пополните баланс, иначе в этот момент сумма будет списана с него."
    )


def test_cab_8_a_worker_that_slept_through_does_not_remind_of_what_is_over() -> None:
    line, _ = taken()
    assert promised_repayment.warn_due(now=DUE) == 0
    assert texts(line) == ["promised taken"]


def test_cab_8_at_the_deadline_the_rest_is_taken_back_even_below_zero_and_the_next_one_waits() -> None:
    line, promise_id = taken()
    make.pay(line, 2_000)
    assert promised_repayment.take_back_due(now=DUE - timedelta(seconds=1)) == 0
    assert promised_repayment.take_back_due(now=DUE + timedelta(minutes=7)) == 1
    assert promised_repayment.take_back_due(now=DUE + timedelta(minutes=17)) == 0
    receipt = make.receipt(line, promise_id)
    assert (receipt.promise.state, receipt.promise.closed_at) == (State.UNPAID, DUE)
    assert [(one.at, one.amount_minor, one.from_top_up) for one in receipt.repayments][1:] == [(DUE, 8_000, False)]
    assert receipt.taken_back_minor == 8_000
    assert queries.balance(line.contract_id) == -1_000 + 2_000
    assert house() == 0
    assert ledger.disagreements() == []
    assert identity.last_text(line.number).replace("\N{NO-BREAK SPACE}", " ") == (
        "Обещанный платёж не возвращён в срок: 80,00 ₽ списано с вашего баланса. "
        "Новый можно взять после 13.04.2026 09:00."
    )
    pause = DUE + timedelta(days=30)
    refusal = promised_queries.standing(line, pause - timedelta(seconds=1)).decision
    assert (refusal.why, refusal.until) == (Why.UNPAID, pause)
    assert hasattr(promised_queries.standing(line, pause).decision, "choices")


def test_cab_8_what_is_spent_meanwhile_leaves_a_debt() -> None:
    line, _ = taken()
    actions.charge_fees(until=NOW)
    owed = queries.balance(line.contract_id)
    promised_repayment.take_back_due(now=DUE)
    assert queries.balance(line.contract_id) == owed - 10_000 < 0
    make.pay(line, 500)
    assert queries.balance(line.contract_id) == owed - 10_000 + 500, "a closed promise takes nothing more"


def test_cab_8_a_top_up_that_is_faster_than_a_late_worker_counts() -> None:
    line, promise_id = taken()
    make.pay(line, 10_000, at=DUE + timedelta(hours=2))
    assert promised_repayment.take_back_due(now=DUE + timedelta(hours=3)) == 0
    assert make.receipt(line, promise_id).promise.state == State.REPAID


def test_cab_8_a_job_broken_off_in_the_middle_goes_on_where_it_stopped() -> None:
    make.rules()
    first, second = make.regular(), make.regular()
    make.take(first), make.take(second)
    billing.rows("update billing_promise set line_id = 0 where account_id = (select id from billing_account"
                 " where contract_id = %s) returning id", [second.contract_id])  # fmt: skip
    assert promised_repayment.take_back_due(now=DUE) == 2, "a line that is gone keeps nobody from being taken back"
    assert (texts(first)[-1], texts(second)) == ("promised taken back", ["promised taken"])
    assert promised_repayment.take_back_due(now=DUE) == 0


def test_cab_8_the_worker_does_both_by_the_clock() -> None:
    line, promise_id = taken()
    with time_machine.travel(WARNED):
        jobs.close_promised(timestamp=0)
        jobs.close_promised(timestamp=0)
    with time_machine.travel(DUE):
        jobs.close_promised(timestamp=0)
        jobs.close_promised(timestamp=0)
    assert texts(line) == ["promised due", "promised taken", "promised taken back"]
    assert make.receipt(line, promise_id).promise.state == State.UNPAID


def test_cab_8_a_blocked_number_is_not_written_to_but_its_promise_ends() -> None:
    line, promise_id = taken()
    make.blocked(line)
    assert promised_repayment.warn_due(now=WARNED) == 1
    assert promised_repayment.take_back_due(now=DUE) == 1
    assert texts(line) == ["promised taken"]
    assert make.receipt(line, promise_id).promise.state == State.UNPAID


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (datetime(2028, 2, 26, 20, 59, 59, tzinfo=UTC), datetime(2028, 3, 1, 6, tzinfo=UTC)),
        (datetime(2028, 2, 26, 21, tzinfo=UTC), datetime(2028, 3, 2, 6, tzinfo=UTC)),
        (datetime(2027, 2, 26, 20, 59, 59, tzinfo=UTC), datetime(2027, 3, 2, 6, tzinfo=UTC)),
        (datetime(2026, 12, 29, 12, tzinfo=UTC), datetime(2027, 1, 2, 6, tzinfo=UTC)),
    ],
    ids=str,
)
def test_cab_8_the_deadline_is_a_local_morning_over_the_ends_of_months_and_years(at: datetime, due: datetime) -> None:
    make.rules()
    line = make.regular(at=at)
    promise_id = make.take(line, at=at)
    assert make.receipt(line, promise_id).promise.due_at == due
    assert promised_repayment.take_back_due(now=due - timedelta(microseconds=1)) == 0
    assert promised_repayment.take_back_due(now=due) == 1


STEPS = some.lists(
    some.tuples(some.sampled_from(["take", "pay", "again", "job", "wait"]), some.integers(1, 25_000)), max_size=14
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_cab_8_whatever_happens_in_whatever_order_no_kopeck_is_lost_or_doubled(
    steps: list[tuple[str, int]],
) -> None:
    with transaction.atomic():
        make.rules(
            replace(
                TERMS, choices=(Choice(10_000, 1_000, 3),), steps=(Step(0, 0, 10_000),), times=3, times_days=5,
                balance_min_minor=-10**9, unpaid_pause_days=1,
            )
        )  # fmt: skip
        line = make.regular(spent_minor=0)
        at, paid, fees, lent, payments = NOW, 0, 0, 0, []
        for step, amount in steps:
            at += timedelta(minutes=amount if step == "wait" else 1)
            if step == "take":
                try:
                    make.take(line, at=at)
                    lent, fees = lent + 10_000, fees + 1_000
                except promised.NotOffered:
                    pass
            elif step == "pay":
                payments.append(NewPayment(uuid4(), line.contract_id, amount, at, "card"))
                assert actions.top_up_many([payments[-1]]) == 1
                paid += amount
            elif step == "again":
                assert actions.top_up_many(payments) == 0
            elif step == "job":
                promised_repayment.warn_due(now=at)
                promised_repayment.take_back_due(now=at)
        past = promised_queries.standing(line, at).past
        repaid = sum(promise.repaid_minor for promise in past)
        assert sum(promise.amount_minor for promise in past) == lent
        assert all((promise.closed_at is None) == (promise.left_minor > 0) for promise in past)
        assert len([promise for promise in past if promise.closed_at is None]) <= 1
        assert queries.balance(line.contract_id) == paid - fees + lent - repaid
        assert not lent or house() == lent - repaid
        explained = billing.rows(
            """select coalesce((select sum(amount_minor) from billing_payment), 0)
                    - coalesce((select sum(amount_minor) from billing_charge), 0)"""
        )[0][0]
        assert queries.balance(line.contract_id) == explained
        assert ledger.disagreements() == []
        transaction.set_rollback(True)
