"""Autopay counts what is ordered for days to come as the page of coming charges does, and tells it before (CAB-7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing import models, queries
from abonent.domains.billing.actions import charge_fees
from abonent.domains.billing.autopay import need as autopay_need
from abonent.domains.billing.autopay.rules import Kind, Terms
from abonent.domains.billing.fees.forecast import Coming, Forecast, forecast
from abonent.domains.billing.fees.rules import midnight
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions, queries_planned
from tests.factories import autopay as make
from tests.factories import blocks, identity, orders, payments
from tests.factories.orders import AT
from tests.factories.tariffs import place, served, tariff

DAY = timedelta(days=1)
MSK = ZoneInfo("Europe/Moscow")
# On the 5th what the next fee lacks; below 100 roubles 500 come.
FEE = Terms(Kind.FEE, None, 5, None, 3_000_00)
BELOW = make.BELOW
db = [pytest.mark.django_db, pytest.mark.usefixtures("switch")]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(AT, tick=True) as travel:
        yield travel


@pytest.fixture
def bank(settings: Any, clock: object) -> payments.Bank:
    return payments.open_bank(settings)


def anna(balance_minor: int, fee_minor: int = 310_00) -> Line:
    """Return a line with a fee on the 10th that is charged, and that much left."""
    line = served(tariff("old", fee_minor), balance_minor + fee_minor)
    assert queries.balance(line.contract_id) == balance_minor
    identity.browser(line)
    return line


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def on(day: date) -> list[Any]:
    """Do a worker's rounds of a day, in the morning and at noon; return the payments that were begun."""
    return [one for hour in (-2, 0) for one in make.round_of(noon(day) + timedelta(hours=hour))]


class TestOnTheBooks:
    pytestmark = db

    def test_cab_7_cab_10_what_the_fee_of_a_tariff_to_come_lacks_is_told_and_paid(self, bank: payments.Bank) -> None:
        line = anna(100_00)
        place(line, tariff("new", 600_00, price_minor=50_00), midnight(date(2026, 4, 10), MSK))
        make.agreed(bank, line, FEE)
        assert on(date(2026, 4, 4)) == []
        told = said(line)
        assert "550,00 ₽" in told
        assert "650,00 ₽: тариф" in told
        assert "600,00" in told
        assert "50,00" in told
        assert len(on(date(2026, 4, 5))) == 1
        assert make.attempts() == [("settled", 550_00)]
        orders.work(midnight(date(2026, 4, 10), MSK) + timedelta(minutes=1))
        charge_fees(until=midnight(date(2026, 4, 10), MSK) + timedelta(minutes=2))
        assert queries.balance(line.contract_id) == 0
        assert "waiting" not in [one.kind for one in coming(line, noon(date(2026, 4, 10))).coming]

    def test_cab_7_an_order_that_is_undone_after_the_notice_is_not_paid_for(self, bank: payments.Bank) -> None:
        line = anna(100_00)
        order_id = place(line, tariff("new", 600_00, price_minor=50_00), midnight(date(2026, 4, 10), MSK))
        make.agreed(bank, line, FEE)
        on(date(2026, 4, 4))
        actions.undo(order_id=order_id, line_ids=[line.id], at=noon(date(2026, 4, 4)) + timedelta(hours=1))
        assert len(on(date(2026, 4, 5))) == 1
        assert make.attempts() == [("settled", 210_00)]

    def test_cab_7_cab_13_of_a_fee_that_a_block_puts_off_what_is_left_of_it_and_the_block_are_paid(
        self, bank: payments.Bank
    ) -> None:
        blocks.rules(free_days=0)
        line = anna(100_00)
        blocks.place(line, date(2026, 4, 8), date(2026, 4, 20))
        make.agreed(bank, line, FEE)
        on(date(2026, 4, 4))
        found = coming(line, noon(date(2026, 4, 5)))
        until = [one for one in found.coming if one.first <= date(2026, 4, 20)]
        assert {one.rule for one in until} == {"block-day", "fee-part", "fee-return"}
        on(date(2026, 4, 5))
        assert make.attempts() == [("settled", sum(one.amount_minor for one in until) - 100_00)]

    def test_cab_7_by_balance_it_pays_the_day_before_an_order_takes_it_below_the_sum(self, bank: payments.Bank) -> None:
        line = anna(200_00)
        place(line, tariff("new", 310_00, price_minor=150_00), midnight(date(2026, 3, 20), MSK))
        make.agreed(bank, line, BELOW)
        for day in range(11, 18):
            assert on(date(2026, 3, day)) == []
        assert make.told(line.number) == ["on"]
        assert on(date(2026, 3, 18)) == []
        assert make.told(line.number) == ["on", "soon"]
        assert "150,00" in said(line)
        assert len(on(date(2026, 3, 19))) == 1
        assert on(date(2026, 3, 19)) == []
        assert make.told(line.number) == ["on", "soon", "paid"]

    def test_cab_7_by_balance_what_is_undone_after_the_notice_is_taken_back_and_not_paid(
        self, bank: payments.Bank
    ) -> None:
        line = anna(200_00)
        order_id = place(line, tariff("new", 310_00, price_minor=150_00), midnight(date(2026, 3, 20), MSK))
        make.agreed(bank, line, BELOW)
        on(date(2026, 3, 18))
        actions.undo(order_id=order_id, line_ids=[line.id], at=noon(date(2026, 3, 18)) + timedelta(hours=1))
        # A second order keeps the contract among those that are looked at.
        place(line, tariff("cheap", 310_00, price_minor=1_00), midnight(date(2026, 3, 20), MSK), at=noon(
            date(2026, 3, 18)) + timedelta(hours=2))  # fmt: skip
        assert on(date(2026, 3, 19)) == []
        assert make.told(line.number) == ["on", "soon", "not needed"]
        assert make.attempts() == []

    def test_cab_7_by_balance_a_lonely_order_that_is_undone_is_taken_back_as_well(self, bank: payments.Bank) -> None:
        line = anna(200_00)
        order_id = place(line, tariff("new", 310_00, price_minor=150_00), midnight(date(2026, 3, 20), MSK))
        make.agreed(bank, line, BELOW)
        on(date(2026, 3, 18))
        actions.undo(order_id=order_id, line_ids=[line.id], at=noon(date(2026, 3, 18)) + timedelta(hours=1))
        assert on(date(2026, 3, 19)) == []
        assert make.told(line.number) == ["on", "soon", "not needed"]

    def test_cab_7_never_above_the_cap_however_much_is_ordered(self, bank: payments.Bank) -> None:
        line = anna(100_00)
        place(line, tariff("new", 600_00, price_minor=50_00), midnight(date(2026, 4, 10), MSK))
        make.agreed(bank, line, replace(FEE, cap_minor=549_99))
        on(date(2026, 4, 4))
        assert on(date(2026, 4, 5)) == []
        assert make.attempts() == []
        assert make.told(line.number) == ["on", "soon", "cap"]
        assert queries.balance(line.contract_id) == 100_00

    def test_cab_7_the_last_day_of_a_month_pays_for_the_first_of_the_next_from_its_own_cap(
        self, bank: payments.Bank
    ) -> None:
        line = anna(100_00)
        place(line, tariff("new", 620_00, price_minor=50_00), midnight(date(2026, 4, 1), MSK))
        make.agreed(bank, line, replace(FEE, day=31))
        on(date(2026, 3, 30))
        found = coming(line, noon(date(2026, 3, 31)))
        need = sum(one.amount_minor for one in found.coming if one.first <= date(2026, 4, 1)) - 100_00
        assert len(on(date(2026, 3, 31))) == 1
        (attempt,) = models.AutopayAttempt.objects.all()
        assert attempt.created_at.astimezone(MSK).date() == date(2026, 3, 31)
        # Nine days of the old tariff come back, nine of the new one are paid, and its price.
        assert attempt.amount_minor == need

    def test_cab_7_a_fixed_sum_that_will_not_do_says_what_will_be_missing(self, bank: payments.Bank) -> None:
        line = anna(100_00)
        place(line, tariff("new", 900_00, price_minor=50_00), midnight(date(2026, 4, 10), MSK))
        make.agreed(bank, line, make.FIFTH)
        on(date(2026, 4, 4))
        assert "350,00 ₽ всё равно не хватит" in said(line)


def said(line: Line) -> str:
    """Return the last message to the number, with plain blanks."""
    return identity.last_text(line.number).replace("\N{NO-BREAK SPACE}", " ")


def coming(line: Line, at: datetime) -> Forecast:
    """Return what the page of coming charges shows."""
    planned = queries_planned.of_contract(line.contract_id, at)
    return forecast(contract_id=line.contract_id, now=at, planned=planned)


@given(
    st.integers(-1_000, 1_000),
    st.lists(st.tuples(st.integers(0, 20), st.integers(-300, 900)), max_size=12),
    st.integers(0, 20),
)
def test_cab_7_what_is_topped_up_is_exactly_enough_for_every_day(
    balance_minor: int, sums: list[tuple[int, int]], until: int
) -> None:
    first = date(2026, 3, 25)
    coming = tuple(
        Coming(first + offset * DAY, first + offset * DAY, "fee", amount, 0, 0) for offset, amount in sorted(sums)
    )
    need = autopay_need.need(Forecast(balance_minor, True, first + 30 * DAY, coming), first + until * DAY)

    def lowest(start: int) -> int:
        days = [start - sum(amount for offset, amount in sums if offset <= day) for day in range(until + 1)]
        return min(start, *days)

    lacks = need.lacks_minor
    assert lowest(balance_minor + lacks) >= 0
    assert lacks == 0 or lowest(balance_minor + lacks - 1) < 0
    assert autopay_need.need(Forecast(balance_minor, False, first, coming), first).lacks_minor == 0
