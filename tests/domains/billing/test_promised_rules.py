"""Who may have a promised payment, how much, until when: decided from facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abonent.domains.billing.promised import rules
from abonent.domains.billing.promised.rules import (
    Choice,
    Facts,
    Offer,
    Past,
    Refusal,
    Rules,
    State,
    Step,
    Terms,
    Why,
)
from abonent.foundation.values.terms import InvalidTerms
from tests.factories.promised import TERMS, VALID_FROM

MOSCOW = ZoneInfo("Europe/Moscow")
# The eleven time zones of the country, and two that change their clocks.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
        "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
        "Europe/Berlin", "America/New_York",
    )
]  # fmt: skip
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
IN_FORCE = Rules(VALID_FROM, TERMS, 7)
GOOD = Facts(AT - timedelta(days=200), prepaid=True, blocked=False, balance_minor=-5_000, spent_minor=90_000)


def decide(facts: Facts = GOOD, at: datetime = AT, terms: Terms = TERMS, zone: ZoneInfo = MOSCOW) -> Offer | Refusal:
    return rules.decide(replace(IN_FORCE, terms=terms), facts, at, zone)


def refused(facts: Facts, at: datetime = AT) -> Refusal:
    decision = decide(facts, at)
    assert isinstance(decision, Refusal)
    return decision


def test_cab_8_it_offers_the_sums_that_the_step_reaches_with_fee_day_and_balance() -> None:
    offer = decide()
    assert isinstance(offer, Offer)
    assert [(c.amount_minor, c.fee_minor, c.days, c.balance_after_minor) for c in offer.choices] == [
        (10_000, 1_000, 3, 4_000),
        (20_000, 2_000, 5, 13_000),
    ]
    assert offer.choices[0].due_at == datetime(2026, 3, 14, 9, tzinfo=MOSCOW)
    assert offer.rules.id == 7
    assert offer.choice(20_000) == offer.choices[1]
    assert offer.choice(50_000) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"prepaid": False}, Why.POSTPAID),
        ({"blocked": True}, Why.BLOCKED),
        ({"past": (Past(AT - timedelta(days=1), State.ACTIVE, None),)}, Why.ACTIVE),
        ({"past": (Past(AT - timedelta(days=40), State.UNPAID, AT - timedelta(days=29, hours=23)),)}, Why.UNPAID),
        ({"past": (Past(AT - timedelta(days=9), State.REPAID, AT - timedelta(days=8)),) * 2}, Why.OFTEN),
        ({"opened_at": AT - timedelta(days=29)}, Why.YOUNG),
        ({"spent_minor": 3 * 5_000 - 1}, Why.SPENDING),
        ({"balance_minor": -30_001}, Why.BALANCE),
    ],
    ids=lambda value: str(value) if isinstance(value, Why) else "",
)  # fmt: skip
def test_cab_8_it_refuses_with_the_reason(change: dict[str, object], why: Why) -> None:
    assert refused(replace(GOOD, **change)).why == why


def test_cab_8_without_rules_nothing_is_offered() -> None:
    assert rules.decide(None, GOOD, AT, MOSCOW) == Refusal(Why.NOT_OFFERED)


def test_cab_8_the_shortfall_is_what_would_help() -> None:
    assert refused(replace(GOOD, balance_minor=-42_000)) == Refusal(Why.BALANCE, short_minor=12_000)
    assert refused(replace(GOOD, spent_minor=9_000)) == Refusal(Why.SPENDING, short_minor=2_000)


def test_cab_8_an_old_customer_with_little_spending_is_asked_for_the_easiest_step_of_their_age() -> None:
    assert refused(replace(GOOD, opened_at=AT - timedelta(days=900), spent_minor=0)).short_minor == 5_000


@pytest.mark.parametrize(
    ("taken", "days", "due"),
    [
        ("2026-01-30T12:00", 3, "2026-02-03T09:00"),
        ("2026-02-26T23:59", 2, "2026-03-01T09:00"),
        ("2028-02-26T23:59", 2, "2028-02-29T09:00"),
        ("2028-02-28T00:00", 1, "2028-03-01T09:00"),
        ("2026-12-30T18:00", 5, "2027-01-05T09:00"),
    ],
)
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_cab_8_it_ends_in_the_morning_after_whole_local_days(taken: str, days: int, due: str, zone: ZoneInfo) -> None:
    at = datetime.fromisoformat(taken).replace(tzinfo=zone)
    assert rules.due_at(TERMS, days, at.astimezone(UTC), zone) == datetime.fromisoformat(due).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("at", "months", "since"),
    [
        ("2026-05-31T12:00", 3, "2026-02-28T00:00"),
        ("2028-05-31T12:00", 3, "2028-02-29T00:00"),
        ("2026-03-31T00:00", 1, "2026-02-28T00:00"),
        ("2026-01-15T12:00", 3, "2025-10-15T00:00"),
        ("2026-03-29T23:00", 13, "2025-02-28T00:00"),
    ],
)
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_cab_8_spending_counts_whole_calendar_months(at: str, months: int, since: str, zone: ZoneInfo) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=zone).astimezone(UTC)
    assert rules.spending_since(months, moment, zone) == datetime.fromisoformat(since).replace(tzinfo=zone)


@pytest.mark.parametrize(("days", "day"), [(1, 11), (2, 11), (3, 12), (7, 16)])
def test_cab_8_the_reminder_comes_the_day_before_the_last_but_never_at_once(days: int, day: int) -> None:
    assert rules.warned_at(days, AT, MOSCOW) == datetime(2026, 3, day, 12, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    "change",
    [
        {"choices": ()},
        {"choices": (Choice(100, 0, 3), Choice(100, 10, 5))},
        {"choices": (Choice(200, 0, 3), Choice(100, 0, 3))},
        {"choices": (Choice(100, 100, 3),)},
        {"choices": (Choice(100, -1, 3),)},
        {"choices": (Choice(0, 0, 3),)},
        {"choices": (Choice(100, 0, 0),)},
        {"choices": (Choice(100, 0, 366),)},
        {"steps": ()},
        {"steps": (Step(-1, 0, 10_000),)},
        {"steps": (Step(0, -1, 10_000),)},
        {"steps": (Step(0, 0, 9_999),)},
        {"spending_months": 0},
        {"times": 0},
        {"times_days": 0},
        {"unpaid_pause_days": -1},
        {"due_hour": 24},
    ],
    ids=str,
)
def test_cab_8_terms_that_nobody_could_be_told_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidTerms):
        rules.check(replace(TERMS, **change))


def test_cab_8_terms_come_back_from_json_as_they_were() -> None:
    rules.check(TERMS)
    assert Terms.from_json(TERMS.to_json()) == TERMS


@pytest.mark.parametrize(
    "stored",
    [
        {},
        TERMS.to_json() | {"extra": 1},
        TERMS.to_json() | {"times": "2"},
        TERMS.to_json() | {"times": 2.5},
        TERMS.to_json() | {"times": True},
        TERMS.to_json() | {"choices": [{"amount_minor": "100", "fee_minor": 0, "days": 3}]},
        TERMS.to_json() | {"choices": [{"amount": 100}]},
        TERMS.to_json() | {"choices": 5},
        TERMS.to_json() | {"spared": [1]},
    ],
    ids=str,
)
def test_cab_8_what_are_no_terms_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(InvalidTerms):
        Terms.from_json(stored)


MONEY = some.integers(0, 200_000)
MOMENTS = some.integers(0, 8 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
ZONE = some.sampled_from(ZONES)
PAST = some.lists(
    some.builds(
        lambda ago, lasted, state: Past(
            AT - timedelta(days=ago + lasted), state, None if state == State.ACTIVE else AT - timedelta(days=ago)
        ),
        some.integers(0, 90), some.integers(0, 10), some.sampled_from(list(State)),
    ),
    max_size=6,
)  # fmt: skip
FACTS = some.builds(
    lambda age, prepaid, blocked, balance, spent, past: Facts(
        AT - timedelta(days=age), prepaid, blocked, balance, spent, tuple(past)
    ),
    some.integers(0, 2_000), some.booleans(), some.booleans(), some.integers(-100_000, 100_000), MONEY, PAST,
)  # fmt: skip


@given(FACTS, ZONE)
def test_cab_8_whatever_is_known_an_offer_keeps_the_terms(facts: Facts, zone: ZoneInfo) -> None:
    decision = decide(facts, zone=zone)
    if isinstance(decision, Refusal):
        return
    assert facts.prepaid
    assert not facts.blocked
    assert not any(one.state == State.ACTIVE for one in facts.past)
    assert facts.balance_minor >= TERMS.balance_min_minor
    assert decision.choices
    for choice in decision.choices:
        assert choice.balance_after_minor == facts.balance_minor + choice.amount_minor - choice.fee_minor
        assert choice.amount_minor <= max(step.limit_minor for step in TERMS.steps)
        assert choice.due_at - AT >= timedelta(days=choice.days)
        assert AT < rules.warned_at(choice.days, AT, zone) < choice.due_at


@given(FACTS, MONEY, some.integers(0, 1_000))
def test_cab_8_who_spends_more_and_stays_longer_is_never_offered_less(facts: Facts, more: int, longer: int) -> None:
    before = decide(facts)
    better = replace(facts, spent_minor=facts.spent_minor + more, opened_at=facts.opened_at - timedelta(days=longer))
    after = decide(better)
    if isinstance(before, Offer):
        assert isinstance(after, Offer)
        assert {c.amount_minor for c in after.choices} >= {c.amount_minor for c in before.choices}


@given(FACTS)
def test_cab_8_a_reason_with_an_end_is_gone_then(facts: Facts) -> None:
    decision = decide(facts)
    if isinstance(decision, Refusal) and decision.until:
        assert decision.until > AT
        later = decide(facts, decision.until)
        assert isinstance(later, Offer) or later.why != decision.why


@given(MOMENTS, some.integers(1, 365), ZONE)
def test_cab_8_whenever_it_is_taken_there_are_all_the_days_and_a_reminder(
    at: datetime, days: int, zone: ZoneInfo
) -> None:
    due = rules.due_at(TERMS, days, at, zone)
    # Where clocks change, a day may have an hour less.
    assert due - at >= timedelta(days=days)
    assert at < rules.warned_at(days, at, zone) < due
    assert due.astimezone(zone).hour == TERMS.due_hour


@given(some.integers(1, 10_000), some.lists(some.integers(1, 10_000), max_size=8))
def test_cab_8_a_promise_takes_from_what_comes_first_what_it_needs_and_no_more(left: int, came: list[int]) -> None:
    back = rules.repayments(left, came)
    assert len(back) == len(came)
    assert sum(back) == min(left, sum(came))
    assert all(0 <= part <= whole for part, whole in zip(back, came, strict=True))
    for earlier, later in pairwise(zip(back, came, strict=True)):
        assert later[0] == 0 or earlier[0] == earlier[1], "the earlier sum is used up before the later one is touched"
