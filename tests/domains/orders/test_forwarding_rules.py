"""Where calls may go and when they begin to (CAB-14, ID-18)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from abonent.demo.network.store import Store
from abonent.domains.lines.network.rules import CONDITIONS
from abonent.domains.orders.forwarding.rules import WAIT, Facts, Why, effective_at, feature, refused, switched, unfit
from abonent.foundation.values import Msisdn

NUMBER = "+79000000001"
TARGET = Msisdn("+79161234567")
FREE = Facts(NUMBER, "mobile", network=True, bars=(), coming=False, now="")
moments = st.integers(0, 10**9).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


@given(target=st.sampled_from(["", TARGET.e164]), called_before=st.booleans(), at=moments)
def test_cab_14_only_a_number_that_was_never_called_waits_ten_minutes(
    target: str, called_before: bool, at: datetime
) -> None:
    waits = effective_at(target=target, called_before=called_before, at=at) - at
    assert waits == (timedelta(minutes=10) if target and not called_before else timedelta(0))
    assert waits in (timedelta(0), WAIT)


@given(st.sampled_from(["+7800", "+7803", "+7809"]), digits(7))
def test_cab_14_calls_never_go_to_free_and_paid_numbers(prefix: str, rest: str) -> None:
    assert unfit(Msisdn(prefix + rest), NUMBER, "RU") is Why.SPECIAL


@given(st.sampled_from(["+770", "+771", "+77", "+375", "+1", "+44", "+998", "+882"]), digits(9))
def test_cab_14_calls_never_go_abroad_even_where_the_country_shares_our_code(prefix: str, rest: str) -> None:
    assert unfit(Msisdn((prefix + rest)[:12]), NUMBER, "RU") in (Why.FOREIGN, Why.SPECIAL)


@given(digits(9))
def test_cab_14_calls_go_to_any_mobile_of_the_country_but_the_number_itself(rest: str) -> None:
    target = Msisdn(f"+79{rest}")
    assume(phonenumbers.is_valid_number(phonenumbers.parse(target.e164)))
    assume(phonenumbers.region_code_for_number(phonenumbers.parse(target.e164)) == "RU")
    assert unfit(target, NUMBER, "RU") == (Why.SELF if target.e164 == NUMBER else None)


@pytest.mark.parametrize(
    ("known", "target", "why"),
    [
        ({}, TARGET, None),
        ({}, None, Why.NOTHING),
        ({"now": TARGET.e164}, TARGET, Why.ALREADY),
        ({"now": TARGET.e164}, None, None),
        ({"now": "+74951234567"}, TARGET, None),
        ({"bars": ("lost",)}, TARGET, Why.BLOCKED),
        ({"bars": ("unpaid",)}, TARGET, Why.BLOCKED),
        ({"bars": ("lost",), "now": TARGET.e164}, None, None),
        ({"coming": True}, TARGET, Why.ON_THE_WAY),
        ({"coming": True, "now": TARGET.e164}, None, Why.ON_THE_WAY),
        ({"network": False}, TARGET, Why.NO_NETWORK),
        ({"service": "internet"}, TARGET, Why.NOT_MOBILE),
        ({}, Msisdn(NUMBER), Why.SELF),
        ({}, Msisdn("+77011234567"), Why.FOREIGN),
        ({}, Msisdn("+78091234567"), Why.SPECIAL),
    ],
)
def test_cab_14_says_why_calls_cannot_go_there(
    known: dict[str, object], target: Msisdn | None, why: Why | None
) -> None:
    facts = {name: getattr(FREE, name) for name in ("number", "service", "network", "bars", "coming", "now")} | known
    assert refused(Facts(**facts), target, "RU") is why


@given(st.lists(st.tuples(st.sampled_from(CONDITIONS), st.sampled_from(["", "+79161234567", "+74951234567"]))))
def test_cab_14_the_network_ends_with_the_latest_target_of_each_condition(changes: list[tuple[str, str]]) -> None:
    network = Store(Path(":memory:"))
    network.switch(NUMBER, {"on": ["roaming"], "off": []})
    network.switch("+79000000002", {"on": ["forward-all:+79161234567"], "off": []})
    for condition, target in changes:
        on, off = switched(condition, target)
        network.switch(NUMBER, {"on": on, "off": off})
    latest = {feature(condition): target for condition, target in changes}
    wanted = {"roaming"} | {f"{name}:{target}" for name, target in latest.items() if target}
    assert set(network.features(NUMBER)) == wanted
    assert network.features("+79000000002") == ["forward-all:+79161234567"]
