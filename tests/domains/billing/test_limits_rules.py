"""CAB-19: what a spending limit means, of which month, whatever the sums, the moment and the time zone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from abonent.domains.billing.limits import rules
from abonent.domains.billing.limits.rules import OnReached, Refused, Terms

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
# One zone for each offset of the country, west to east.
ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
    "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
)  # fmt: skip
SUMS = st.integers(rules.LEAST_MINOR, rules.MOST_MINOR)
SPENT = st.integers(-(10**9), 10**12)


@pytest.mark.parametrize("name", ZONES)
def test_cab_19_a_month_ends_at_the_midnight_of_its_zone(name: str) -> None:
    zone = ZoneInfo(name)
    midnight = datetime(2026, 12, 1, tzinfo=zone)
    before, after = midnight - timedelta(microseconds=1), midnight.astimezone(UTC)
    assert (rules.month_of(before, zone), rules.month_of(after, zone)) == (NOVEMBER, DECEMBER)
    november, december = rules.period(NOVEMBER, zone), rules.period(DECEMBER, zone)
    assert november.end == december.start == midnight
    assert before in november
    assert after in december
    assert after not in november


def test_cab_19_the_eleven_midnights_are_ten_hours_apart() -> None:
    ends = [rules.period(NOVEMBER, ZoneInfo(name)).end for name in ZONES]
    assert [west - east for west, east in pairwise(ends)] == [timedelta(hours=1)] * 10


@given(st.integers(0, 20 * 366 * 86_400), st.sampled_from(ZONES))
def test_cab_19_every_moment_lies_in_exactly_one_month(seconds: int, name: str) -> None:
    zone, at = ZoneInfo(name), datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    month = rules.month_of(at, zone)
    assert at in rules.period(month, zone)
    assert rules.ends_on(month) == rules.month_of(rules.period(month, zone).end, zone)


@given(SUMS, SPENT)
def test_cab_19_thresholds_are_reached_exactly(limit: int, spent: int) -> None:
    reached = Terms(limit).reached(NOVEMBER, spent)
    assert (80 in reached) == (spent * 5 >= limit * 4)
    assert (100 in reached) == (spent >= limit)
    assert reached == tuple(sorted(reached))


@given(SUMS, SPENT, st.integers(0, 10**9))
def test_cab_19_who_spends_more_reaches_no_less(limit: int, spent: int, more: int) -> None:
    terms = Terms(limit, OnReached.BLOCK)
    assert set(terms.reached(NOVEMBER, spent)) <= set(terms.reached(NOVEMBER, spent + more))
    assert (terms.left_minor(NOVEMBER, spent) or 0) >= (terms.left_minor(NOVEMBER, spent + more) or 0)


@given(SUMS, SPENT)
def test_cab_19_what_is_left_and_what_is_held_back_agree(limit: int, spent: int) -> None:
    terms = Terms(limit, OnReached.BLOCK)
    left = terms.left_minor(NOVEMBER, spent)
    assert left is not None
    assert terms.blocks(NOVEMBER, spent) == (left == 0) == (100 in terms.reached(NOVEMBER, spent))
    # What is left fits exactly.
    assert left == 0 or 100 in terms.reached(NOVEMBER, spent + left)


@given(SPENT)
def test_cab_19_without_a_limit_or_a_wish_to_block_nothing_is_held_back(spent: int) -> None:
    for terms in (Terms(), Terms(on_reached=OnReached.BLOCK), Terms(10_00)):
        assert terms.left_minor(NOVEMBER, spent) is None
        assert not terms.blocks(NOVEMBER, spent)
    assert Terms().reached(NOVEMBER, spent) == ()


@given(SUMS, SUMS, st.integers(0, 10**8))
def test_cab_19_a_raise_holds_in_its_month_only(limit: int, to: int, spent: int) -> None:
    terms = Terms(limit, OnReached.BLOCK)
    assume(to > max(limit, spent))
    raised = terms.raised(NOVEMBER, to, spent)
    assert (raised.in_force(NOVEMBER), raised.in_force(DECEMBER)) == (to, limit)
    assert not raised.blocks(NOVEMBER, spent)
    assert raised.blocks(DECEMBER, spent) == terms.blocks(DECEMBER, spent)
    assert rules.loosens(terms, raised, NOVEMBER)


@given(SUMS, SUMS, st.integers(0, 10**8))
def test_cab_19_a_raise_that_raises_nothing_names_the_least_that_does(limit: int, to: int, spent: int) -> None:
    terms = Terms(limit)
    assume(to <= max(limit, spent))
    with pytest.raises(Refused) as refused:
        terms.raised(NOVEMBER, to, spent)
    assert refused.value.limit == max(limit, spent) + 1


@pytest.mark.parametrize("amount", [-1, 0, 1, rules.LEAST_MINOR - 1])
def test_cab_19_a_limit_is_a_sum_that_means_something(amount: int) -> None:
    with pytest.raises(Refused, match="too_little 1000"):
        rules.check_sum(amount)


@pytest.mark.parametrize("amount", [rules.MOST_MINOR + 1, 10**12])
def test_cab_19_a_limit_nobody_can_reach_is_none(amount: int) -> None:
    with pytest.raises(Refused, match="too_much"):
        rules.check_sum(amount)
    with pytest.raises(Refused, match="too_much"):
        Terms(1000_00).raised(NOVEMBER, amount, 0)


TERMS = st.builds(
    lambda amount, on_reached, more: Terms(
        amount, on_reached, NOVEMBER if amount and more else None, amount + more if amount and more else None
    ),
    st.none() | SUMS, st.sampled_from(OnReached), st.integers(0, 10**6),
)  # fmt: skip


@given(TERMS)
def test_cab_19_terms_that_are_kept_come_back(terms: Terms) -> None:
    assert Terms.from_json(json.loads(json.dumps(terms.to_json()))) == terms


@given(TERMS, TERMS, st.integers(0, 10**8))
def test_cab_19_who_asks_for_less_to_be_allowed_never_gets_more(before: Terms, after: Terms, spent: int) -> None:
    if rules.loosens(before, after, NOVEMBER) or before.amount_minor is None:
        return
    for month in (NOVEMBER, DECEMBER):
        allowed = [terms.left_minor(month, spent) for terms in (before, after)]
        if allowed[0] is not None:
            assert allowed[1] is not None
            assert allowed[1] <= allowed[0]
    assert not rules.loosens(after, after, NOVEMBER)
