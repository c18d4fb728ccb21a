"""Which tone a caller hears (VAS-4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.voice.tones.rules import DAY_MIN, EVERY_DAY, RULES_MAX, Rule, Why, heard, ordered, unfit

MOM, BOSS, OTHER = "+79000000002", "+79000000003", "+79000000004"
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
minutes = st.integers(0, DAY_MIN - 1)
moments = st.integers(0, 7 * DAY_MIN - 1).map(lambda minute: MONDAY + timedelta(minutes=minute))
callers = st.sampled_from(["", MOM, BOSS, OTHER])
days = st.frozensets(st.integers(0, 6), min_size=1)
one_rule = st.builds(
    Rule, id=st.integers(1, 10**6), tone=st.sampled_from("abcdef"), caller=st.sampled_from(["", MOM, BOSS]), days=days,
    from_min=minutes, until_min=minutes,
)  # fmt: skip
some_rules = st.lists(one_rule, max_size=8, unique_by=lambda rule: rule.id)


@given(some_rules, callers, moments, st.randoms())
def test_vas_4_the_answer_follows_from_the_set_of_rules(
    rules: list[Rule], caller: str, at: datetime, dice: object
) -> None:
    mixed = list(rules)
    dice.shuffle(mixed)
    assert heard(rules, caller, at) == heard(mixed, caller, at)
    assert ordered(rules) == ordered(mixed)


@given(some_rules, callers, moments)
def test_vas_4_the_most_particular_rule_that_holds_is_heard(rules: list[Rule], caller: str, at: datetime) -> None:
    found = heard(rules, caller, at)
    holding = [rule for rule in rules if rule.holds(caller, at)]
    assert (found is None) == (not holding)
    if found is None:
        return
    if any(rule.caller for rule in holding):
        assert found.caller == caller
    alike = [rule for rule in holding if bool(rule.caller) == bool(found.caller)]
    shortest = min(rule.length_min * len(rule.days) for rule in alike)
    assert found.length_min * len(found.days) == shortest
    assert found.id == max(rule.id for rule in alike if rule.length_min * len(rule.days) == shortest)


@given(some_rules, moments)
def test_vas_4_a_hidden_number_hears_what_everybody_hears(rules: list[Rule], at: datetime) -> None:
    found = heard(rules, "", at)
    assert found is None or not found.caller


@given(one_rule)
def test_vas_4_a_rule_holds_for_as_many_minutes_of_the_week_as_it_says(rule: Rule) -> None:
    caller = rule.caller or OTHER
    holds = sum(rule.holds(caller, MONDAY + timedelta(minutes=minute)) for minute in range(7 * DAY_MIN))
    assert holds == rule.length_min * len(rule.days)


def test_vas_4_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = Rule(1, "night", days=frozenset({4}), from_min=22 * 60, until_min=6 * 60)
    friday = MONDAY + timedelta(days=4)
    hours = [
        friday.replace(hour=21),
        friday.replace(hour=22),
        friday + timedelta(days=1, hours=5),
        friday.replace(hour=5),
    ]
    assert [friday_night.holds("", at) for at in hours] == [False, True, True, False]
    always = Rule(2, "always")
    assert always.is_always
    assert heard([friday_night, always], "", hours[1]) == friday_night
    assert heard([friday_night, always], "", hours[0]) == always
    assert heard([friday_night, Rule(3, "mom", caller=MOM)], MOM, hours[1]).tone == "mom"


def test_vas_4_says_why_a_rule_cannot_be_added() -> None:
    assert unfit(Rule(0, "a"), MOM, 0) is None
    assert unfit(Rule(0, "a"), MOM, RULES_MAX) is Why.MANY
    assert unfit(Rule(0, "a", days=frozenset()), MOM, 0) is Why.NO_DAYS
    assert unfit(Rule(0, "a", from_min=DAY_MIN), MOM, 0) is Why.NO_TIME
    assert unfit(Rule(0, "a", caller=MOM), MOM, 0) is Why.SELF
    assert len(EVERY_DAY) == 7
