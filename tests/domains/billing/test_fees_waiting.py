"""Fees and money that does not suffice: charged all the same, waiting, or day by day; and what the customer is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from abonent.config.reactions import REACTIONS
from abonent.domains.billing import actions, queries
from abonent.domains.billing.events import MoneyCame
from abonent.domains.billing.fees import messages as fees_messages
from abonent.domains.billing.fees.actions import charge_waiting
from abonent.domains.catalog.rules import FeeTerms
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines import models as line_models
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from tests.factories import customers, lines
from tests.factories.fees import (
    BY_DAYS,
    DAILY,
    DAILY_WAITS,
    IN_PARTS,
    WAITS,
    WAITS_BY_DAYS,
    charged,
    tariff,
    top_up,
    waiting,
)  # fmt: skip

pytestmark = pytest.mark.django_db

# Opened at noon in Moscow on the 10th of January, when the period starts; the fee is 300 roubles.
OPENED = lines.OPENED
NOON = timedelta(hours=12)


def january(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def a_line(terms: FeeTerms, fee_minor: int = 30_000, *, payment: str = "prepaid", money: int = 0) -> Line:
    contract_id = customers.contract(payment=payment)
    line = lines.line(contract_id=contract_id, tariff_version_id=tariff(terms, fee_minor), opened_at=OPENED)
    if money:
        top_up(contract_id, money, OPENED)
    return line


def money_came(line: Line, at: datetime) -> int:
    return charge_waiting(contract_ids=[line.contract_id], at=at)


def texts() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("created_at").values_list("template", "recipient"))


def test_ops_4_a_fee_that_waits_takes_nothing_and_is_charged_once_when_money_comes() -> None:
    line = a_line(WAITS, money=20_000)
    assert actions.charge_fees(until=january(11)) == 0
    assert (charged(), queries.balance(line.contract_id)) == ([], 20_000)
    assert waiting() == [(line.id, 30_000, date(2026, 1, 10), False, None)]
    top_up(line.contract_id, 9_999, january(12))
    assert money_came(line, january(12)) == 0
    top_up(line.contract_id, 1, january(13))
    assert [money_came(line, january(13)) for _ in range(3)] == [1, 0, 0]
    assert charged() == [(january(13), 30_000, "fee")]
    assert (waiting(), queries.balance(line.contract_id)) == ([], 0)
    assert actions.charge_fees(until=january(31)) == 0
    assert ledger.disagreements() == []


def test_ops_4_a_top_up_announces_that_money_came_to_whoever_charges_what_waited() -> None:
    assert "abonent.domains.billing.reactions.charge_what_waited" in REACTIONS[MoneyCame]


def test_ops_4_the_payer_of_a_bill_is_charged_whatever_the_tariff_says() -> None:
    line = a_line(WAITS, payment="postpaid")
    assert actions.charge_fees(until=january(11)) == 1
    assert (queries.balance(line.contract_id), waiting()) == (-30_000, [])


def test_enough_money_to_the_kopeck_is_enough() -> None:
    line = a_line(WAITS, money=30_000)
    assert actions.charge_fees(until=january(11)) == 1
    assert charged() == [(OPENED, 30_000, "fee")]
    assert queries.balance(line.contract_id) == 0


def test_a_fee_paid_from_the_payment_on_costs_the_days_that_are_left() -> None:
    line = a_line(WAITS_BY_DAYS, 31_000, money=100)
    actions.charge_fees(until=january(11))
    top_up(line.contract_id, 50_000, january(20))
    assert money_came(line, january(20)) == 1
    # The 20th of January to the 9th of February are 21 of 31 days.
    assert charged() == [(january(20), 21_000, "fee-part")]
    lines.change_tariff(line, january(29), tariff(BY_DAYS, 62_000))
    assert actions.charge_fees(until=january(31)) == 1
    assert charged()[1:] == [(january(29), -11_000, "fee-return"), (january(29, 21), 22_000, "fee-part")]
    assert queries.balance(line.contract_id) == 50_100 - 21_000 + 11_000 - 22_000
    assert ledger.disagreements() == []


def test_a_fee_that_waited_a_whole_period_lapses_when_the_next_is_due() -> None:
    line = a_line(WAITS)
    actions.charge_fees(until=january(11))
    actions.charge_fees(until=datetime(2026, 2, 11, tzinfo=UTC))
    assert waiting() == [(line.id, 30_000, date(2026, 2, 10), False, None)]
    top_up(line.contract_id, 100_000, datetime(2026, 2, 12, tzinfo=UTC))
    assert money_came(line, datetime(2026, 2, 12, tzinfo=UTC)) == 1
    assert queries.balance(line.contract_id) == 70_000


def test_days_without_money_are_not_charged_by_a_daily_tariff() -> None:
    line = a_line(DAILY_WAITS, 1_000, money=2_500)
    actions.charge_fees(until=january(15))
    assert [amount for _, amount, _ in charged()] == [1_000, 1_000]
    assert waiting() == [(line.id, 1_000, date(2026, 1, 15), False, None)]
    top_up(line.contract_id, 1_500, january(15, 13))
    assert money_came(line, january(15, 13)) == 1
    actions.charge_fees(until=january(16))
    assert [at for at, _, _ in charged()] == [OPENED, january(10, 21), january(15, 13), january(15, 21)]
    assert queries.balance(line.contract_id) == 0


def test_a_month_that_cannot_be_paid_at_once_is_paid_day_by_day_and_adds_up_to_it() -> None:
    line = a_line(IN_PARTS, 30_001, money=30_000)
    ends = datetime(2026, 2, 9, 21, tzinfo=UTC)
    for hour in range(0, 30 * 24, 7):
        actions.charge_fees(until=OPENED + timedelta(hours=hour))
        if hour == 140:
            top_up(line.contract_id, 1, OPENED + timedelta(hours=hour))
    actions.charge_fees(until=ends - timedelta(hours=1))
    assert len(charged()) == 31
    assert queries.balance(line.contract_id) == 0
    assert ledger.disagreements() == []


def test_days_that_were_not_paid_day_by_day_are_skipped_and_it_goes_on_with_the_payment() -> None:
    line = a_line(IN_PARTS, 31_000, money=2_000)
    for day in range(10, 15):
        actions.charge_fees(until=january(day))
    assert charged() == [(january(10), 1_000, "fee-part"), (january(11), 1_000, "fee-part")]
    assert waiting() == [(line.id, 1_000, date(2026, 1, 14), True, None)]
    top_up(line.contract_id, 40_000, january(14, 13))
    assert money_came(line, january(14, 13)) == 1
    assert charged()[2:] == [(january(14, 13), 1_000, "fee-part")]


def test_lines_of_one_contract_share_its_money_the_older_fee_first() -> None:
    contract_id = customers.contract()
    version_id = tariff(WAITS)
    first = lines.line(contract_id=contract_id, tariff_version_id=version_id)
    second = lines.line(contract_id=contract_id, tariff_version_id=version_id, opened_at=OPENED - NOON, is_main=False)
    top_up(contract_id, 45_000, OPENED)
    assert actions.charge_fees(until=january(11)) == 1
    assert [line_id for line_id, *_ in waiting()] == [first.id]
    assert second.id != first.id
    assert queries.balance(contract_id) == 15_000


def test_another_tariff_is_what_is_asked_for_when_money_comes() -> None:
    line = a_line(WAITS_BY_DAYS, 31_000)
    actions.charge_fees(until=january(11))
    lines.change_tariff(line, january(15), tariff(FeeTerms(by_days=True, shortage="wait"), 62_000))
    top_up(line.contract_id, 90_000, january(20))
    assert money_came(line, january(20)) == 1
    # From the 16th on: 25 of 31 days.
    assert charged() == [(january(20), 50_000, "fee-part")]


def test_a_closed_line_waits_for_nothing() -> None:
    line = a_line(WAITS)
    actions.charge_fees(until=january(11))
    line_models.Line.objects.filter(pk=line.id).update(closed_at=january(12))
    actions.charge_fees(until=january(13))
    assert waiting() == []
    top_up(line.contract_id, 90_000, january(14))
    assert money_came(line, january(14)) == 0
    assert queries.balance(line.contract_id) == 90_000


def test_a_closed_line_gets_its_unused_days_back() -> None:
    line = a_line(BY_DAYS, 31_000)
    actions.charge_fees(until=january(11))
    line_models.Line.objects.filter(pk=line.id).update(closed_at=january(19))
    actions.charge_fees(until=january(31))
    assert charged() == [(OPENED, 31_000, "fee-part"), (january(19), -21_000, "fee-return")]
    assert queries.balance(line.contract_id) == -10_000
    assert actions.charge_fees(until=january(31)) == 0
    operations = queries.overview(line, january(31)).operations
    assert [(one.amount_minor, one.rule) for one in operations] == [(21_000, "fee-return"), (-31_000, "fee-part")]


def test_ch_3_the_customer_is_told_once_that_a_fee_waits_and_once_that_it_was_charged() -> None:
    line = a_line(WAITS, money=13_256)
    actions.charge_fees(until=january(10, 22))
    # At night in Moscow nobody is woken up.
    assert fees_messages.tell(at=january(10, 22)) == 0
    for day in (11, 12, 13):
        actions.charge_fees(until=january(day))
        fees_messages.tell(at=january(day))
    assert texts() == [("fee waits", line.number)]
    [told] = Message.objects.all()
    assert told.params == {
        "tariff": "Малый", "number": line.number, "sum": "30000", "missing": "16744", "end": "2026-02-10",
    }  # fmt: skip
    top_up(line.contract_id, 16_744, january(14))
    money_came(line, january(14, 23))
    assert [fees_messages.tell(at=january(14, 23)) for _ in range(2)] == [1, 0]
    assert texts()[1:] == [("fee paid", line.number)]
    assert waiting() == []


def test_ch_3_who_paid_before_anything_was_said_gets_no_message() -> None:
    line = a_line(WAITS)
    actions.charge_fees(until=january(10, 22))
    top_up(line.contract_id, 30_000, january(10, 23))
    money_came(line, january(10, 23))
    assert fees_messages.tell(at=january(12)) == 0
    assert (texts(), waiting()) == ([], [])


def test_a_daily_fee_that_waits_for_days_is_told_once() -> None:
    a_line(DAILY_WAITS)
    for day in range(11, 25):
        actions.charge_fees(until=january(day))
        fees_messages.tell(at=january(day))
    assert [template for template, _ in texts()] == ["fee waits"]


def test_a_daily_fee_that_is_charged_all_the_same_takes_each_day() -> None:
    line = a_line(DAILY, 700)
    assert actions.charge_fees(until=january(20)) == 11
    assert queries.balance(line.contract_id) == -7_700
