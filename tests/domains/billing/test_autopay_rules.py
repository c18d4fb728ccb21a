"""When autopay pays and how much: pure rules, over all sums and days."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.autopay import rules
from abonent.domains.billing.autopay.rules import Decision, Do, Facts, Kind, Refused, State, Terms, Why
from abonent.domains.billing.topups.rules import LIMITS
from abonent.domains.payments.ports import Reason

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 3, 10, 9, tzinfo=UTC)
SUMS = st.integers(LIMITS.least_minor, LIMITS.most_minor)
BALANCES = st.integers(-(10**9), 10**9)
TERMS = st.one_of(
    st.builds(Terms, st.just(Kind.THRESHOLD), SUMS, st.none(), SUMS, st.integers(1, 10**8)),
    st.builds(Terms, st.just(Kind.CALENDAR), st.none(), st.integers(1, 31), SUMS, st.integers(1, 10**8)),
    st.builds(Terms, st.just(Kind.FEE), st.none(), st.integers(1, 31), st.none(), st.integers(1, 10**8)),
)
FACTS = st.builds(Facts, BALANCES, st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 5))


@given(TERMS, FACTS)
def test_cab_7_never_pays_above_the_cap_too_much_at_once_or_too_often(terms: Terms, facts: Facts) -> None:
    decision = rules.decide(terms, facts)
    if decision.do is Do.PAY:
        assert LIMITS.least_minor <= decision.amount_minor <= LIMITS.most_minor
        assert facts.spent_minor + decision.amount_minor <= terms.cap_minor
        assert facts.times_today < rules.TIMES_A_DAY
    elif decision.do is Do.NOTHING:
        assert decision.amount_minor == 0


@given(SUMS, BALANCES)
def test_cab_7_a_threshold_pays_exactly_below_it(threshold_minor: int, balance_minor: int) -> None:
    terms = Terms(Kind.THRESHOLD, threshold_minor, None, 500_00, 3_000_00)
    pays = rules.decide(terms, Facts(balance_minor, 0, 0, 0)).do is Do.PAY
    assert pays == (balance_minor < threshold_minor)


@pytest.mark.parametrize(
    ("lacks_minor", "decision"),
    [
        (0, Decision(Do.NOTHING)),
        (1, Decision(Do.PAY, 10_00)),
        (167_44, Decision(Do.PAY, 167_44)),
        (3_000_00, Decision(Do.PAY, 3_000_00)),
        (3_000_01, Decision(Do.CAP, 3_000_01)),
    ],
)
def test_cab_7_what_the_fee_lacks_is_paid_to_the_kopeck(lacks_minor: int, decision: Decision) -> None:
    assert rules.decide(Terms(Kind.FEE, None, 5, None, 3_000_00), Facts(0, lacks_minor, 0, 0)) == decision


@given(st.integers(1, 31), st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_cab_7_each_month_has_its_day_and_only_one(day: int, start: date) -> None:
    seen = [start]
    for _ in range(24):
        seen.append(rules.next_day(day, seen[-1]))
    days = seen[1:]
    assert all(one.day == min(day, monthrange(one.year, one.month)[1]) for one in days)
    months = [one.year * 12 + one.month for one in days]
    assert months == list(range(months[0], months[0] + 24))
    assert timedelta() < days[0] - start <= timedelta(31)


@pytest.mark.parametrize(
    ("day", "after", "found"),
    [
        (31, date(2026, 1, 31), date(2026, 2, 28)),
        (31, date(2028, 1, 31), date(2028, 2, 29)),
        (30, date(2026, 2, 28), date(2026, 3, 30)),
        (1, date(2026, 12, 31), date(2027, 1, 1)),
        (10, date(2026, 3, 9), date(2026, 3, 10)),
        (10, date(2026, 3, 10), date(2026, 4, 10)),
    ],
)
def test_cab_7_ends_of_months(day: int, after: date, found: date) -> None:
    assert rules.next_day(day, after) == found


@pytest.mark.parametrize(
    ("due", "warned_on", "warns", "pays"),
    [
        (date(2026, 3, 12), None, False, False),
        (date(2026, 3, 11), None, True, False),
        (date(2026, 3, 10), None, True, False),
        (date(2026, 3, 10), date(2026, 3, 10), True, False),
        (date(2026, 3, 10), date(2026, 3, 9), True, True),
        (date(2026, 3, 9), date(2026, 3, 9), True, True),
    ],
)
def test_cab_7_nothing_is_paid_by_day_that_was_not_told_the_day_before(
    due: date, warned_on: date | None, warns: bool, pays: bool
) -> None:
    assert rules.is_warned(due, NOON, MOSCOW) is warns
    assert rules.is_due(due, warned_on, NOON, MOSCOW) is pays


def test_cab_7_nobody_is_woken() -> None:
    night = datetime(2026, 3, 9, 23, tzinfo=UTC)
    assert not rules.is_warned(date(2026, 3, 10), night, MOSCOW)
    assert not rules.is_due(date(2026, 3, 10), date(2026, 3, 9), night, MOSCOW)


@pytest.mark.parametrize("reason", list(Reason))
def test_cab_7_every_decline_ends_somewhere(reason: Reason) -> None:
    failures = 0
    for _ in range(rules.TRIES_AGAIN + 1):
        after = rules.after_decline(reason, failures, NOON, MOSCOW)
        failures = after.failures
        assert (after.retry_at is None) == (after.state is not State.ON)
        assert (after.why is None) == (after.state is State.ON)
        if after.retry_at:
            assert after.retry_at > NOON
        else:
            assert after.is_told
            break
    unreachable = reason in (Reason.NOT_REACHED, Reason.TIME)
    assert (after.state is State.ON) == unreachable


def test_cab_7_too_little_money_is_tried_on_three_more_days() -> None:
    first = rules.after_decline(Reason.FUNDS, 0, NOON, MOSCOW)
    assert first.retry_at == datetime(2026, 3, 11, 6, tzinfo=UTC)
    assert rules.after_decline(Reason.FUNDS, 2, NOON, MOSCOW).state is State.ON
    last = rules.after_decline(Reason.FUNDS, 3, NOON, MOSCOW)
    assert (last.state, last.why) == (State.PAUSED, Why.DECLINED)


@pytest.mark.parametrize("reason", [Reason.EXPIRED_CARD, Reason.BLOCKED_CARD, Reason.WRONG_CARD, Reason.NOT_CONFIRMED])
def test_cab_7_a_card_that_will_never_pay_ends_it_at_once(reason: Reason) -> None:
    assert rules.after_decline(reason, 0, NOON, MOSCOW).state is State.STOPPED


@pytest.mark.parametrize(
    ("terms", "field", "limit"),
    [
        (Terms(Kind.THRESHOLD, 9_99, None, 500_00, 3_000_00), "threshold", 10_00),
        (Terms(Kind.THRESHOLD, 5_000_01, None, 500_00, 3_000_00), "threshold", 5_000_00),
        (Terms(Kind.THRESHOLD, 100_00, None, 9_99, 3_000_00), "amount", 10_00),
        (Terms(Kind.CALENDAR, None, 5, 15_000_01, 30_000_00), "amount", 15_000_00),
        (Terms(Kind.CALENDAR, None, 0, 500_00, 3_000_00), "day", 31),
        (Terms(Kind.FEE, None, 32, None, 3_000_00), "day", 31),
        (Terms(Kind.CALENDAR, None, 5, 500_00, 499_99), "cap", 500_00),
        (Terms(Kind.FEE, None, 5, None, 60_000_01), "cap", 60_000_00),
    ],
)
def test_cab_7_what_may_not_be_agreed_names_what_may(terms: Terms, field: str, limit: int) -> None:
    with pytest.raises(Refused) as refused:
        rules.check(terms)
    assert (refused.value.field, refused.value.limit) == (field, limit)
