"""The rules of subscriptions (CAB-11): refusals, tries, what an end gives back, disputes, complaints."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.content import rules as content_rules
from abonent.domains.catalog.providers.rules import PERS, Per
from abonent.domains.orders.subscriptions import rules
from abonent.domains.orders.subscriptions.rules import TERMS, LeftOver, Standing, Why
from tests.factories.orders import AT
from tests.factories.subscriptions import STARS

T = TERMS[0]
FREE = Standing(banned=False, suspended=False, blocked=False, already=False, asked_today=0, asked_today_each=0)
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def test_cab_11_a_provider_sells_only_what_it_published_at_that_price() -> None:
    assert rules.refusal_of_offer(STARS, "horoscope", 500, "day") is None
    assert rules.refusal_of_offer(STARS, "horoscope", 501, "day") is Why.OTHER_TERMS
    assert rules.refusal_of_offer(STARS, "horoscope", 500, "week") is Why.OTHER_TERMS
    assert rules.refusal_of_offer(STARS, "poker", 500, "day") is Why.UNKNOWN_SERVICE


def test_cab_11_a_ban_is_the_first_reason_that_is_told() -> None:
    assert rules.refusal(FREE, T) is None
    everything = Standing(True, True, True, True, 99, 99)
    assert rules.refusal(everything, T) is Why.BANNED
    assert rules.refusal(Standing(False, True, True, True, 99, 99), T) is Why.SUSPENDED
    assert rules.refusal(Standing(False, False, True, True, 99, 99), T) is Why.BLOCKED
    assert rules.refusal(Standing(False, False, False, True, 99, 99), T) is Why.ALREADY
    assert rules.refusal(Standing(False, False, False, False, T.asks_a_day, 0), T) is Why.TOO_MANY
    assert rules.refusal(Standing(False, False, False, False, 2, T.asks_a_day_each), T) is Why.TOO_MANY


def test_cab_11_a_fee_is_tried_again_a_limited_number_of_times() -> None:
    assert [rules.next_try(T, failed, AT) for failed in range(len(T.retries))] == [AT + wait for wait in T.retries]
    assert rules.next_try(T, len(T.retries), AT) is None


@given(first=days, per=st.sampled_from(PERS))
def test_cab_11_periods_follow_each_other_and_are_never_empty(first: date, per: Per) -> None:
    end = content_rules.end_day(first, per)
    length = (end - first).days
    assert length == {"day": 1, "week": 7}.get(per, length)
    assert 1 <= length <= 31
    assert end.day == first.day or per != "month" or (end + timedelta(days=1)).day == 1


@given(first=days, per=st.sampled_from(PERS), price_minor=st.integers(1, 500_000), after=st.integers(0, 40))
def test_cab_11_what_comes_back_and_what_was_used_is_the_price_and_less_comes_back_each_day(
    first: date, per: Per, price_minor: int, after: int
) -> None:
    end = content_rules.end_day(first, per)
    rests = [
        rules.rest(T, per=per, price_minor=price_minor, first=first, end=end, today=first + timedelta(days=day))
        for day in range(after + 1)
    ]
    assert all(0 <= rest.back_minor < price_minor for rest in rests)
    assert all(earlier.back_minor >= later.back_minor for earlier, later in pairwise(rests))
    # Nobody pays for a day on which it does not work, and it works on the day of the end.
    assert all(rest.works_until > first + timedelta(days=day) or rest.works_until == end or not rest.back_minor
               for day, rest in enumerate(rests))  # fmt: skip
    if T.left_over[per] is LeftOver.WORKS_ON:
        assert not any(rest.back_minor for rest in rests)


def test_cab_11_a_first_dispute_within_the_limit_is_paid_back_at_once() -> None:
    assert rules.money_back_at_once(T, charged_minor=T.dispute_minor, disputed_before=False)
    assert not rules.money_back_at_once(T, charged_minor=T.dispute_minor + 1, disputed_before=False)
    assert not rules.money_back_at_once(T, charged_minor=100, disputed_before=True)
    assert not rules.money_back_at_once(T, charged_minor=0, disputed_before=False)


@pytest.mark.parametrize(
    ("begun", "complaints", "over"), [(10, 2, False), (10, 3, True), (31, 3, False), (30, 3, True), (0, 3, True)]
)
def test_cab_11_complaints_are_over_the_threshold_by_number_and_by_share(
    begun: int, complaints: int, over: bool
) -> None:
    assert rules.over_threshold(T, begun=begun, complaints=complaints) is over


def test_cab_11_terms_hold_from_their_day() -> None:
    assert rules.terms_on(date(2020, 1, 1)) is T
    assert rules.terms_on(date(2030, 1, 1)) is T
