"""Months, taxes and standings of bills, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.bills import rules
from abonent.domains.billing.bills.content import packed, unpacked
from abonent.domains.billing.bills.rules import BillLine, BillPayment, Payer, Standing, Stands
from abonent.domains.billing.bills.vat import NoRate, percent_on, vat_in

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2018, 12, 31), 18), (date(2019, 1, 1), 20), (date(2024, 2, 29), 20),
        (date(2025, 12, 31), 20), (date(2026, 1, 1), 22), (date(2099, 1, 1), 22),
    ],
)  # fmt: skip
def test_cab_5_the_tax_has_the_rate_of_the_day(day: date, percent: int) -> None:
    assert percent_on(day) == percent


def test_cab_5_no_rate_is_made_up_for_a_day_before_all_rates() -> None:
    with pytest.raises(NoRate):
        percent_on(date(2003, 12, 31))


@pytest.mark.parametrize(
    ("amount", "percent", "vat"),
    [(122, 22, 22), (120, 20, 20), (1, 22, 0), (3, 20, 1), (-3, 20, -1), (0, 22, 0), (100_00, 22, 1803),
     (65_000, 20, 10_833)],
)  # fmt: skip
def test_cab_5_tax_is_taken_out_of_the_sum_and_a_half_goes_up(amount: int, percent: int, vat: int) -> None:
    assert vat_in(amount, percent) == vat


@given(st.integers(-(10**13), 10**13), st.sampled_from([18, 20, 22]))
def test_cab_5_tax_is_never_more_than_half_a_kopeck_off(amount: int, percent: int) -> None:
    exact = Fraction(amount * percent, 100 + percent)
    assert abs(vat_in(amount, percent) - exact) <= Fraction(1, 2)
    assert vat_in(-amount, percent) == -vat_in(amount, percent)


@given(st.dates(date(2004, 1, 1), date(2100, 1, 1)))
def test_cab_5_months_follow_each_other_without_a_gap(day: date) -> None:
    month = day.replace(day=1)
    assert rules.month_before(rules.month_after(day)) == month
    assert rules.period_of(month, MOSCOW).end == rules.period_of(rules.month_after(month), MOSCOW).start
    assert rules.due_on(month, 28) < rules.month_after(rules.month_after(month))


@pytest.mark.parametrize(
    ("newest", "now", "months"),
    [
        (None, datetime(2026, 12, 3, tzinfo=MOSCOW), [(2026, 11)]),
        (None, datetime(2026, 12, 2, 23, 59, tzinfo=MOSCOW), [(2026, 10)]),
        ((2026, 11), datetime(2026, 12, 9, tzinfo=MOSCOW), [(2026, 11)]),
        ((2026, 9), datetime(2026, 12, 9, tzinfo=MOSCOW), [(2026, 9), (2026, 10), (2026, 11)]),
        ((2025, 11), datetime(2026, 1, 3, tzinfo=MOSCOW), [(2025, 11), (2025, 12)]),
        # Already the third in Moscow, still the second in London.
        ((2026, 1), datetime(2026, 3, 2, 21, tzinfo=UTC), [(2026, 1), (2026, 2)]),
        # A clock that was set back makes no bill of a month that goes on.
        ((2026, 11), datetime(2026, 11, 9, tzinfo=MOSCOW), [(2026, 10)]),
    ],
)
def test_cab_5_the_job_knows_which_months_are_due(
    newest: tuple[int, int] | None, now: datetime, months: list[tuple[int, int]]
) -> None:
    known = date(*newest, 1) if newest else None
    assert rules.months_due(known, now, 3, MOSCOW) == [date(*month, 1) for month in months]


@pytest.mark.parametrize(
    ("due", "paid", "today", "newest", "stands"),
    [
        (0, 0, 1, True, Stands(Standing.NOTHING)),
        (-5, 0, 1, True, Stands(Standing.NOTHING)),
        (100, 0, 20, True, Stands(Standing.UNPAID, 100)),
        (100, 40, 20, True, Stands(Standing.UNPAID, 60)),
        (100, 40, 21, True, Stands(Standing.OVERDUE, 60)),
        (100, 100, 21, True, Stands(Standing.PAID)),
        (100, 400, 21, False, Stands(Standing.PAID)),
        (100, 99, 21, False, Stands(Standing.CARRIED)),
    ],
)
def test_cab_5_a_bill_is_paid_by_what_came_since_and_a_later_one_takes_over(
    due: int, paid: int, today: int, newest: bool, stands: Stands
) -> None:
    assert rules.stands(due, paid, date(2026, 12, 20), date(2026, 12, today), newest=newest) == stands


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1900 < moment.year < 9999))
def test_cab_5_nobody_is_told_of_a_bill_at_night(now: datetime) -> None:
    assert rules.may_tell(now, MOSCOW) == (10 <= now.astimezone(MOSCOW).hour < 20)


def test_cab_5_a_bill_reads_back_as_it_was_stored() -> None:
    payer = Payer("Орлова Анна", "1", "", "ru")
    lines = (BillLine(1, "mobile", "+79000000001", "fee", date(2026, 11, 1), 1, 65_000, 22),
             BillLine(None, "", "", "late", date(2026, 10, 1), 0, -5, 22))  # fmt: skip
    payments = (BillPayment(datetime(2026, 11, 3, 4, 5, 6, 7, tzinfo=UTC), 100, "card", "•• 1", late=True),)
    assert unpacked(packed(payer, lines, payments)) == (payer, lines, payments)


def test_cab_5_a_month_after_a_leap_day_is_march() -> None:
    period = rules.period_of(date(2024, 2, 1), MOSCOW)
    assert period.end - period.start == timedelta(days=29)
