"""Autopay: paid once whatever breaks, within its cap, told before and after; every decline ends somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from abonent.domains.billing import models, queries, reactions
from abonent.domains.billing.autopay import actions as autopay
from abonent.domains.billing.autopay import paying as autopay_paying
from abonent.domains.billing.autopay.rules import Kind, Refused, State, Terms, Why
from abonent.domains.identity import freezing
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.domains.payments import models as paid
from abonent.domains.payments.ports import Reason
from tests.factories import autopay as make
from tests.factories import billing, cabinet, identity, payments, promised
from tests.factories import topups as topup

pytestmark = pytest.mark.django_db
# A quiet noon in Moscow.
NOON = datetime(2026, 3, 3, 9, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTES_3 = timedelta(minutes=3)
TOKEN = payments.CARD.token


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=True) as travel:
        yield travel


@pytest.fixture(autouse=True)
def bank(settings: Any, clock: object) -> payments.Bank:
    return payments.open_bank(settings)


@pytest.fixture
def anna(bank: payments.Bank) -> Line:
    line = cabinet.line()
    identity.browser(line)
    return line


def test_cab_7_pays_when_the_balance_is_below_the_threshold_and_tells(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna)
    begun = make.round_of()
    assert len(begun) == 1
    assert queries.balance(anna.contract_id) == 500_00
    assert billing.rows("select id, amount_minor, method, detail from billing_payment where method = 'autopay'") == [
        (begun[0], 500_00, "autopay", "MIR •• 4321")
    ]
    assert make.told(anna.number) == ["on", "paid"]
    assert "Баланс 500,00 ₽" in identity.last_text(anna.number)
    assert ledger.disagreements() == []
    assert make.round_of(NOON + MINUTES_3) == []


def test_cab_7_repays_a_promised_payment_first_like_any_top_up(bank: payments.Bank, anna: Line) -> None:
    promised.rules()
    line = promised.regular(at=NOON)
    identity.browser(line)
    promised.take(line, at=NOON)
    promised.spend(line, queries.balance(line.contract_id))
    make.agreed(bank, line)
    make.round_of()
    assert queries.balance(line.contract_id) == 500_00 - 100_00


def test_cab_7_each_crossing_of_the_threshold_is_one_payment_three_a_day_at_most(
    bank: payments.Bank, anna: Line
) -> None:
    make.agreed(bank, anna)
    for number in range(5):
        make.round_of(NOON + number * MINUTES_3)
        make.round_of(NOON + number * MINUTES_3)
        make.spend(anna, queries.balance(anna.contract_id))
    assert make.attempts() == [("settled", 500_00)] * 3
    assert len(make.round_of(NOON + DAY)) == 1


def test_cab_7_never_above_the_months_cap_which_is_told_once(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna, replace(make.BELOW, cap_minor=1_200_00))
    for number in range(6):
        make.round_of(NOON + number * DAY)
        make.spend(anna, queries.balance(anna.contract_id))
    assert make.attempts() == [("settled", 500_00)] * 2
    assert make.told(anna.number).count("cap") == 1
    # The next month has a cap of its own.
    assert len(make.round_of(datetime(2026, 4, 1, 9, tzinfo=UTC))) == 1


def test_cab_7_a_lost_answer_is_asked_about_and_never_paid_anew(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna)
    bank.lost.append("charge")
    assert len(make.round_of()) == 1
    assert queries.balance(anna.contract_id) == 0
    # Unknown: nothing else begins.
    assert make.round_of(NOON + timedelta(minutes=1)) == []
    make.round_of(NOON + MINUTES_3)
    assert queries.balance(anna.contract_id) == 500_00
    assert bank.calls.count("charge") == 1
    assert make.attempts() == [("settled", 500_00)]


def test_cab_7_a_worker_killed_between_writing_down_and_asking_is_made_up_for(bank: payments.Bank, anna: Line) -> None:
    row = make.agreed(bank, anna)
    attempt = autopay_paying.write_down(autopay_id=row.id, at=NOON)
    assert attempt
    assert make.round_of(NOON + timedelta(minutes=1)) == []
    assert bank.calls.count("charge") == 0
    make.round_of(NOON + MINUTES_3)
    make.round_of(NOON + 2 * MINUTES_3)
    assert bank.calls.count("charge") == 1
    assert list(paid.Payment.objects.filter(purpose="autopay").values_list("id", "state")) == [(attempt.id, "settled")]


def test_cab_7_what_was_written_down_is_given_up_when_it_was_switched_off_before_the_bank_was_asked(
    bank: payments.Bank, anna: Line
) -> None:
    row = make.agreed(bank, anna)
    autopay_paying.write_down(autopay_id=row.id, at=NOON)
    autopay.stop(autopay_id=row.id, account_id=row.account_id, at=NOON)
    make.round_of(NOON + MINUTES_3)
    assert make.attempts() == [("withdrawn", 500_00)]
    assert bank.calls.count("charge") == 0


def test_cab_7_another_agreement_waits_for_what_the_first_one_asked(bank: payments.Bank, anna: Line) -> None:
    card_id = make.card(bank, anna)
    make.agreed(bank, anna, card_id=card_id)
    bank.lost.append("charge")
    bank.down.add("status")
    make.round_of()
    make.agreed(bank, anna, replace(make.BELOW, amount_minor=700_00), card_id=card_id)
    assert make.round_of(NOON + MINUTES_3) == []
    bank.down.clear()
    make.round_of(NOON + 2 * MINUTES_3)
    assert queries.balance(anna.contract_id) == 500_00
    assert bank.calls.count("charge") == 1


def test_cab_7_too_little_money_is_tried_on_three_more_days_then_it_pauses(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna)
    bank.declines[TOKEN] = Reason.FUNDS
    for number in range(8):
        make.round_of(NOON + number * DAY)
        make.round_of(NOON + number * DAY + MINUTES_3)
    row = models.Autopay.objects.get()
    assert (row.state, row.reason, row.failures) == (State.PAUSED, Why.DECLINED, 4)
    assert make.attempts() == [("declined", 500_00)] * 4
    assert sorted(make.told(anna.number)) == ["declined"] * 4 + ["on"]
    assert "/autopay/" in identity.last_text(anna.number)
    assert queries.balance(anna.contract_id) == 0


def test_cab_7_goes_on_after_its_owner_resumes_it(bank: payments.Bank, anna: Line) -> None:
    row = make.agreed(bank, anna)
    autopay.pause(autopay_id=row.id, account_id=row.account_id, at=NOON)
    assert make.round_of() == []
    autopay.resume(autopay_id=row.id, account_id=row.account_id, at=NOON)
    assert len(make.round_of()) == 1


@pytest.mark.parametrize(
    ("reason", "why"),
    [(Reason.EXPIRED_CARD, "истекла"), (Reason.BLOCKED_CARD, "не разрешает"), (Reason.NOT_CONFIRMED, "не разрешает")],
)
def test_cab_7_a_card_that_will_never_pay_ends_it_at_once(
    bank: payments.Bank, anna: Line, reason: Reason, why: str
) -> None:
    make.agreed(bank, anna)
    bank.declines[TOKEN] = reason
    make.round_of()
    assert models.Autopay.objects.get().state == State.STOPPED
    assert make.told(anna.number) == ["on", "stopped"]
    assert why in identity.last_text(anna.number)
    assert make.round_of(NOON + DAY) == []


def test_cab_7_a_card_whose_month_is_over_is_not_even_tried(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna)
    make.round_of(datetime(2031, 1, 1, 9, tzinfo=UTC))
    assert models.Autopay.objects.get().reason == Why.CARD_EXPIRED
    assert bank.calls.count("charge") == 0


def test_cab_7_a_bank_that_cannot_be_reached_is_no_fault_of_the_card(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna)
    bank.down.add("charge")
    make.round_of()
    make.round_of(NOON + MINUTES_3)
    row = models.Autopay.objects.get()
    assert (row.state, row.failures) == (State.ON, 0)
    bank.down.clear()
    assert make.round_of(NOON + timedelta(minutes=50)) == []
    make.round_of(NOON + timedelta(minutes=70))
    assert make.attempts() == [("declined", 500_00), ("settled", 500_00)]
    assert make.told(anna.number) == ["on", "paid"]


def test_cab_7_money_that_comes_after_a_decline_is_taken_and_told(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna)
    bank.declines[TOKEN] = Reason.FUNDS
    payment_id = make.round_of()[0]
    bank.pay(payment_id)
    payments.ask(payment_id)
    topup.hear()
    assert make.attempts() == [("settled", 500_00)]
    assert queries.balance(anna.contract_id) == 500_00
    assert models.Autopay.objects.get().failures == 0


def test_cab_7_by_day_it_tells_the_day_before_and_pays_once_a_month(
    bank: payments.Bank, anna: Line, clock: time_machine.Coordinates
) -> None:
    make.agreed(bank, anna, make.FIFTH)
    paid_on = []
    for number in range(65):
        for hour in (0, 1, 3):
            at = NOON + number * DAY + timedelta(hours=hour)
            clock.move_to(at)
            paid_on += [at.date().isoformat() for _ in make.round_of(at)]
    assert paid_on == ["2026-03-05", "2026-04-05", "2026-05-05"]
    assert make.told(anna.number) == ["on", "soon", "paid", "soon", "paid", "soon", "paid"]


def test_cab_7_the_31st_is_the_last_day_of_a_shorter_month(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna, replace(make.FIFTH, day=31))
    paid_on = [
        (NOON + number * DAY).date().isoformat() for number in range(90) for _ in make.round_of(NOON + number * DAY)
    ]
    assert paid_on == ["2026-03-31", "2026-04-30", "2026-05-31"]


def test_cab_7_a_day_that_nobody_worked_on_is_made_up_for_but_not_after_days(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna, make.FIFTH)
    # The whole 4th and 5th nothing ran: told on the 6th, paid on the 7th.
    assert make.round_of(NOON + 3 * DAY) == []
    assert len(make.round_of(NOON + 4 * DAY)) == 1
    make.round_of(NOON + timedelta(days=45))
    assert models.Autopay.objects.get().next_day == datetime(2026, 5, 5, tzinfo=UTC).date()
    assert len(make.attempts()) == 1


def test_cab_7_a_pause_over_its_day_is_not_made_up_for(bank: payments.Bank, anna: Line) -> None:
    row = make.agreed(bank, anna, make.FIFTH)
    autopay.pause(autopay_id=row.id, account_id=row.account_id, at=NOON)
    autopay.resume(autopay_id=row.id, account_id=row.account_id, at=NOON + 3 * DAY)
    assert models.Autopay.objects.get().next_day == datetime(2026, 4, 5, tzinfo=UTC).date()


def test_cab_7_exactly_what_the_next_fee_lacks_comes(bank: payments.Bank, anna: Line) -> None:
    make.charged(anna, NOON, left_minor=482_56)
    make.agreed(bank, anna, make.FEE)
    make.round_of(NOON + DAY)
    make.round_of(NOON + 2 * DAY)
    assert make.attempts() == [("settled", 167_44)]
    assert queries.balance(anna.contract_id) == 650_00


def test_cab_7_nothing_comes_for_a_fee_that_the_balance_covers(bank: payments.Bank, anna: Line) -> None:
    make.charged(anna, NOON, left_minor=650_00)
    make.agreed(bank, anna, make.FEE)
    make.round_of(NOON + DAY)
    make.round_of(NOON + 2 * DAY)
    assert make.attempts() == []
    assert models.Autopay.objects.get().next_day == datetime(2026, 4, 5, tzinfo=UTC).date()


def test_cab_7_a_card_removed_ends_it_at_once(bank: payments.Bank, anna: Line) -> None:
    row = make.agreed(bank, anna)
    assert autopay.card_removed(account_id=row.account_id, card_id=row.card_id + 1, at=NOON) == 0
    assert autopay.card_removed(account_id=row.account_id, card_id=row.card_id, at=NOON) == 1
    assert models.Autopay.objects.get().state == State.STOPPED
    assert make.told(anna.number) == ["on", "stopped"]


def test_cab_7_a_number_given_away_is_paid_for_no_more_and_told_nothing(bank: payments.Bank, anna: Line) -> None:
    row = make.agreed(bank, anna)
    with connection.cursor() as cursor:
        cursor.execute("update lines_line set closed_at = %s where id = %s", [NOON, anna.id])
    assert make.round_of() == []
    assert models.Autopay.objects.get(id=row.id).reason == Why.LINE_GONE
    assert make.told(anna.number) == ["on"]
    assert bank.calls.count("charge") == 0


def test_cab_7_an_account_that_left_or_was_erased_pays_nothing(bank: payments.Bank, anna: Line) -> None:
    row = make.agreed(bank, anna)
    reactions.end_autopay(row.account_id)
    reactions.end_autopay(row.account_id)
    assert models.Autopay.objects.get().state == State.STOPPED
    reactions.forget_person(row.account_id)
    row.refresh_from_db()
    assert (row.account_id, row.card_name) == (0, "")
    assert make.round_of() == []


def test_cab_7_a_blocked_line_is_not_paid_for(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna)
    promised.blocked(anna, NOON)
    assert make.round_of() == []
    assert make.attempts() == []
    assert models.Autopay.objects.get().state == State.ON


def test_cab_7_nothing_is_paid_while_the_owner_says_it_was_somebody_else(bank: payments.Bank, anna: Line) -> None:
    account_id = make.agreed(bank, anna).account_id
    freezing.freeze(account_id=account_id, event_id=None, at=NOON, by="agent:1")
    assert make.round_of() == []
    assert make.attempts() == []
    freezing.thaw(account_id=account_id, at=NOON, by="agent:1")
    assert len(make.round_of(NOON + timedelta(hours=2))) == 1
    assert make.attempts() == [("settled", 500_00)]


def test_ops_4_fees_that_wait_are_paid_for_at_once(bank: payments.Bank, anna: Line) -> None:
    make.agreed(bank, anna)
    reactions.pay_by_autopay([anna.id + 1])
    assert make.attempts() == []
    reactions.pay_by_autopay([anna.id])
    topup.hear()
    assert make.attempts() == [("settled", 500_00)]


def test_cab_7_the_same_form_twice_is_one_agreement(bank: payments.Bank, anna: Line) -> None:
    wanted = make.wish(anna, make.card(bank, anna))
    autopay.switch_on(wish=wanted, at=NOON)
    autopay.switch_on(wish=wanted, at=NOON + MINUTES_3)
    assert models.Autopay.objects.count() == 1
    assert make.told(anna.number) == ["on"]
    with pytest.raises(autopay.DifferentAutopay):
        autopay.switch_on(wish=replace(wanted, card_id=wanted.card_id + 1), at=NOON)
    assert models.Autopay.objects.get().card_id == wanted.card_id


def test_cab_7_a_new_agreement_takes_the_place_of_the_old_one(bank: payments.Bank, anna: Line) -> None:
    card_id = make.card(bank, anna)
    old = make.agreed(bank, anna, card_id=card_id)
    make.agreed(bank, anna, make.FIFTH, card_id=card_id)
    old.refresh_from_db()
    assert (old.state, old.reason) == (State.STOPPED, Why.REPLACED)
    with pytest.raises(autopay.NoSuchAutopay):
        autopay.resume(autopay_id=old.id, account_id=old.account_id, at=NOON)


def test_sec_nobody_changes_what_another_agreed_to(bank: payments.Bank, anna: Line) -> None:
    row = make.agreed(bank, anna)
    for act in (autopay.pause, autopay.resume, autopay.stop):
        with pytest.raises(autopay.NoSuchAutopay):
            act(autopay_id=row.id, account_id=row.account_id + 1, at=NOON)
    with pytest.raises(autopay.OfAnother):
        autopay.switch_on(wish=make.wish(anna, 5, account_id=row.account_id + 1), at=NOON)
    assert models.Autopay.objects.get().state == State.ON


def test_cab_7_terms_that_may_not_be_are_refused_and_nothing_is_agreed(bank: payments.Bank, anna: Line) -> None:
    with pytest.raises(Refused):
        make.agreed(bank, anna, Terms(Kind.THRESHOLD, 100_00, None, 500_00, 499_99))
    assert not models.Autopay.objects.exists()


def test_cab_7_without_a_bank_nothing_is_written_down(bank: payments.Bank, anna: Line, settings: Any) -> None:
    make.agreed(bank, anna)
    settings.PAYMENT_GATEWAY = ""
    assert make.round_of() == []
    assert make.attempts() == []
