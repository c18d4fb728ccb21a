"""Codes, limits and proofs as pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.identity import rules
from abonent.domains.identity.rules import SENDS, Cap, Refusal

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEY = b"k" * 32
moments = st.integers(-2 * 86400, 0).map(lambda s: NOW + timedelta(seconds=s))
caps = st.builds(Cap, st.integers(1, 5), st.integers(1, 86400).map(lambda s: timedelta(seconds=s)))


@given(st.uuids(), st.sampled_from(["entry", "confirm"]), st.from_regex(r"\+79\d{9}", fullmatch=True))
def test_a_code_is_six_digits_and_always_the_same(challenge: UUID, purpose: str, number: str) -> None:
    code = rules.code_of(KEY, challenge, purpose, number, 6)
    assert len(code) == 6
    assert code.isdecimal()
    assert code == rules.code_of(KEY, challenge, purpose, number, 6)


def test_a_code_hangs_on_challenge_purpose_number_and_key() -> None:
    one, number = uuid4(), "+79000000001"
    codes = {
        tuple(rules.code_of(key, challenge, purpose, digits, 6) for _ in range(1))
        for key, challenge, purpose, digits in [
            (KEY, UUID(int=1), "entry", number),
            (KEY, UUID(int=2), "entry", number),
            (KEY, UUID(int=1), "confirm", number),
            (KEY, UUID(int=1), "entry", "+79000000002"),
            (b"other", UUID(int=1), "entry", number),
        ]
    }
    assert len(codes) == 5
    assert rules.request_number(one) not in str(one)[:3]


@given(st.uuids())
def test_the_number_of_a_request_is_too_short_to_be_taken_for_a_code(challenge: UUID) -> None:
    assert 100 <= int(rules.request_number(challenge)) <= 999


def test_codes_are_spread_evenly() -> None:
    first_digits = [rules.code_of(KEY, UUID(int=n), "entry", "+79000000001", 6)[0] for n in range(5000)]
    assert all(400 < first_digits.count(str(digit)) < 600 for digit in range(10))


@pytest.mark.parametrize(
    "typed", ["123456", " 123 456 ", "123-456", "12\xa034\u202f56", "123–456", "１２３４５６", "1 2 3 4 5 6\n"]
)
def test_it_understands_a_code_however_it_is_written(typed: str) -> None:
    assert rules.digits_typed(typed, 6) == "123456"


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12345a", "½23456", "²23456", "123456; drop table", "①②③④⑤⑥"]
)
def test_it_takes_nothing_else_for_a_code(typed: str) -> None:
    assert rules.digits_typed(typed, 6) is None


@given(st.text())
def test_any_text_is_a_code_of_six_digits_or_none(typed: str) -> None:
    code = rules.digits_typed(typed, 6)
    assert code is None or (len(code) == 6 and code.isascii() and code.isdecimal())


@given(st.lists(moments, max_size=20), st.lists(caps, max_size=3))
def test_another_is_allowed_exactly_when_no_cap_is_full(times: list[datetime], limits: list[Cap]) -> None:
    full = [cap for cap in limits if sum(t > NOW - cap.span for t in times) >= cap.most]
    allowed = rules.allowed_from(times, limits, NOW)
    assert (allowed > NOW) == bool(full)


@given(st.lists(moments, max_size=20), st.lists(caps, max_size=3))
def test_the_moment_told_is_the_first_that_is_allowed(times: list[datetime], limits: list[Cap]) -> None:
    allowed = rules.allowed_from(times, limits, NOW)
    assert rules.allowed_from(times, limits, allowed) == allowed
    if allowed > NOW:
        just_before = allowed - timedelta(microseconds=1)
        assert rules.allowed_from(times, limits, just_before) > just_before


@given(st.lists(st.integers(0, 4000), max_size=60))
def test_id_17_no_row_of_requests_gets_more_codes_than_the_caps(gaps_s: list[int]) -> None:
    sent: list[datetime] = []
    at = NOW
    for gap in gaps_s:
        at += timedelta(seconds=gap)
        if rules.refusal_of(sends=sent, failures=[], failures_in_a_row=0, now=at) is None:
            sent.append(at)
    for cap in SENDS:
        for start in sent:
            assert sum(start <= t < start + cap.span for t in sent) <= cap.most


def test_failures_refuse_before_sends_and_the_hard_stop_before_all() -> None:
    def refusal(sends: int, failures: int, in_a_row: int) -> Refusal | None:
        found = rules.refusal_of(sends=[NOW] * sends, failures=[NOW] * failures, failures_in_a_row=in_a_row, now=NOW)
        return found and found.refusal

    assert refusal(0, 9, 99) is None
    assert refusal(1, 9, 99) is Refusal.SENDS
    assert refusal(1, 10, 99) is Refusal.FAILURES
    assert refusal(1, 10, 100) is Refusal.STOPPED


def test_a_code_is_dead_when_used_or_old_or_guessed_at_three_times() -> None:
    later = NOW + timedelta(minutes=1)

    def why(**facts: object) -> object:
        return rules.why_dead(**{"spent_at": None, "expires_at": later, "tries_left": 1, "now": NOW} | facts)  # type: ignore[arg-type]

    assert why() is None
    assert isinstance(why(spent_at=NOW), rules.CodeUsed)
    assert isinstance(why(expires_at=NOW), rules.CodeExpired)
    assert isinstance(why(tries_left=0), rules.CodeSpent)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.0/24"),
        ("::ffff:10.1.2.3", "10.1.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", ""),
        ("<script>", ""),
    ],
)
def test_id_17_an_address_counts_by_its_network(address: str, network: str) -> None:
    assert rules.address_prefix(address) == network


@given(st.integers(0, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC)), caps)
def test_a_window_holds_its_moment(moment: datetime, cap: Cap) -> None:
    start = rules.window_start(moment, cap)
    assert start <= moment < start + cap.span


@given(st.integers(0, 3600), st.integers(0, 3600), st.integers(0, 3600))
def test_a_proof_lasts_five_minutes_and_thirty_in_use(proven: int, used_after: int, now_after: int) -> None:
    proven_at = NOW + timedelta(seconds=proven)
    used_at, now = proven_at + timedelta(seconds=used_after), proven_at + timedelta(seconds=used_after + now_after)
    fresh = rules.proof_is_fresh(proven_at=proven_at, used_at=used_at, now=now)
    assert fresh == (now_after < 300 and used_after + now_after < 1800)


def test_a_proof_from_the_future_is_none() -> None:
    assert not rules.proof_is_fresh(proven_at=NOW + timedelta(hours=1), used_at=NOW, now=NOW)
