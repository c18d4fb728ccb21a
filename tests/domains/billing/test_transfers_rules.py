"""What may be sent, by whom and at what price."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.family_pays import rules as family_pays_rules
from abonent.domains.billing.transfers import rules
from abonent.domains.billing.transfers import states as transfers_states
from abonent.domains.billing.transfers.rules import Refusal, Sender, Terms
from abonent.domains.billing.transfers.states import Event, State
from abonent.domains.identity.rules import digest_of

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
TERMS = rules.terms_on(AT.date())
ANNA = Sender(1, datetime(2026, 1, 1, tzinfo=UTC), prepaid=True, blocked=False, owns=True, available_minor=100_000)
MOSCOW = ZoneInfo("Europe/Moscow")
minor = st.integers(1, 10**9)


def reason(sender: Sender = ANNA, amount_minor: int = 30_000, to: int | None = 2, **more: bool) -> Refusal | None:
    found = rules.refused(
        sender=sender, receiver_contract_id=to, amount_minor=amount_minor, fee_minor=TERMS.fee_minor(amount_minor),
        terms=TERMS, at=AT, **more,
    )  # fmt: skip
    return found.refusal if found else None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, None),
        ({"blocked": True}, Refusal.BLOCKED),
        ({"owns": False}, Refusal.NOT_YOURS),
        ({"prepaid": False}, Refusal.BY_BILL),
        ({"opened_at": AT - TERMS.line_age + timedelta(microseconds=1)}, Refusal.YOUNG),
        ({"opened_at": AT - TERMS.line_age}, None),
        ({"day_minor": TERMS.most_a_day_minor - 30_000}, None),
        ({"day_minor": TERMS.most_a_day_minor - 29_999}, Refusal.DAY),
        ({"month_minor": TERMS.most_a_month_minor - 29_999}, Refusal.MONTH),
        ({"available_minor": 30_000 + 500 + TERMS.kept_minor}, None),
        ({"available_minor": 30_000 + 500 + TERMS.kept_minor - 1}, Refusal.SHORT),
        ({"available_minor": -1}, Refusal.SHORT),
        ({"promised_minor": 100_000 - 30_000 - 500 - TERMS.kept_minor + 1}, Refusal.SHORT),
        ({"promised_minor": 100_000 - 30_000 - 500 - TERMS.kept_minor}, None),
    ],
    ids=str,
)
def test_cab_9_says_why_a_sender_may_not(change: dict[str, object], why: Refusal | None) -> None:
    assert reason(replace(ANNA, **change)) == why


@pytest.mark.parametrize(
    ("amount_minor", "why"),
    [
        (TERMS.least_minor, None),
        (TERMS.least_minor - 1, Refusal.SMALL),
        (TERMS.most_minor, None),
        (TERMS.most_minor + 1, Refusal.LARGE),
        (10**11, Refusal.LARGE),
    ],
)
def test_cab_9_a_sum_lies_within_its_limits(amount_minor: int, why: Refusal | None) -> None:
    assert reason(replace(ANNA, available_minor=10**12), amount_minor) == why


def test_cab_9_nobody_sends_to_oneself_or_to_nobody() -> None:
    assert reason(to=ANNA.contract_id) is Refusal.SELF
    assert reason(to=None) is Refusal.RECEIVER


def test_a_refusal_says_what_is_missing_to_the_kopeck() -> None:
    found = rules.refused(
        sender=replace(ANNA, available_minor=20_017), receiver_contract_id=2, amount_minor=30_000, fee_minor=500,
        terms=TERMS, at=AT,
    )  # fmt: skip
    assert found == rules.Refused(Refusal.SHORT, missing_minor=30_000 + 500 + TERMS.kept_minor - 20_017)


def test_what_is_given_back_knows_no_limits_but_the_money_itself() -> None:
    new = replace(ANNA, opened_at=AT, prepaid=False, day_minor=10**9, month_minor=10**9, available_minor=600_000)
    assert reason(new, 590_000, is_return=True) is None
    assert reason(replace(new, available_minor=1), 590_000, is_return=True) is Refusal.SHORT
    assert reason(replace(new, blocked=True), 590_000, is_return=True) is Refusal.BLOCKED


senders = st.builds(
    Sender,
    contract_id=st.integers(1, 3),
    opened_at=st.integers(0, 60 * 24 * 60).map(lambda minutes: AT - timedelta(minutes=minutes)),
    prepaid=st.booleans(),
    blocked=st.booleans(),
    owns=st.booleans(),
    available_minor=st.integers(-(10**6), 10**7),
    promised_minor=st.integers(0, 10**6),
    day_minor=st.integers(0, 10**6),
    month_minor=st.integers(0, 10**7),
)


@given(sender=senders, amount_minor=minor, to=st.sampled_from([1, 2, None]))
def test_whatever_is_allowed_keeps_every_limit(sender: Sender, amount_minor: int, to: int | None) -> None:
    fee_minor = TERMS.fee_minor(amount_minor)
    allowed = reason(sender, amount_minor, to) is None
    holds = (
        not sender.blocked
        and sender.owns
        and sender.prepaid
        and sender.opened_at + TERMS.line_age <= AT
        and to not in (None, sender.contract_id)
        and TERMS.least_minor <= amount_minor <= TERMS.most_minor
        and sender.day_minor + amount_minor <= TERMS.most_a_day_minor
        and sender.month_minor + amount_minor <= TERMS.most_a_month_minor
        and sender.available_minor - sender.promised_minor - amount_minor - fee_minor >= TERMS.kept_minor
    )
    assert allowed == holds


@given(amount_minor=minor, more=minor, ppm=st.integers(0, 100_000), least=st.integers(0, 10_000))
def test_the_fee_never_falls_with_the_sum_and_is_never_rounded_down(
    amount_minor: int, more: int, ppm: int, least: int
) -> None:
    terms = replace(TERMS, fee_ppm=ppm, fee_least_minor=least)
    fee = terms.fee_minor(amount_minor)
    assert fee >= least
    assert fee * 1_000_000 >= amount_minor * ppm
    assert fee == least or (fee - 1) * 1_000_000 < amount_minor * ppm
    assert fee <= terms.fee_minor(amount_minor + more)


def test_terms_are_those_of_the_day() -> None:
    old, new = rules.TERMS
    assert rules.terms_on(date(2025, 12, 31)) == old
    assert rules.terms_on(new.valid_from) == new
    assert rules.terms_on(date(1999, 1, 1)) == old
    assert isinstance(old, Terms)


@given(
    days=st.lists(st.integers(0, 40 * 24 * 60), max_size=60),
)
def test_no_stretch_of_time_holds_more_look_ups_than_the_caps(days: list[int]) -> None:
    """Whoever looks up whenever it is allowed never gets more within any stretch than the rules say."""
    done: list[datetime] = []
    for minute in sorted(days):
        at = AT + timedelta(minutes=minute)
        if rules.look_up_allowed_from(done, at) <= at:
            done.append(at)
    for most, span in rules.LOOK_UPS:
        assert all(sum(start <= one < start + span for one in done) <= most for start in done)


def test_a_form_sent_twice_is_one_wish_and_changed_another() -> None:
    form = uuid4()
    said = {"account_id": 1, "contract_id": 2, "number": "+79000000001", "amount_minor": 100}
    first = rules.transfer_id(form, **said)
    assert rules.transfer_id(form, **said) == first
    others = [{"account_id": 9}, {"contract_id": 9}, {"number": "+79000000002"}, {"amount_minor": 101}]
    ids = {rules.transfer_id(form, **said | change) for change in others} | {rules.transfer_id(uuid4(), **said)}
    assert len(ids) == 5
    assert first not in ids
    assert rules.fee_id(first) != first


@given(parts=st.lists(st.text(), max_size=4), others=st.lists(st.text(), max_size=4))
def test_two_different_things_never_have_one_digest(parts: list[str], others: list[str]) -> None:
    assert (digest_of(parts) == digest_of(others)) == (parts == others)


@pytest.mark.parametrize(
    ("given_name", "family_name", "hint"),
    [
        ("Мария", "Ковалёва", "Мария К***"),
        ("Jo", "", "Jo ***"),
        ("", "Ким", "К***"),
        ("", "", ""),
        (" A ", " B ", "A B***"),
    ],
)
def test_a_name_is_a_hint_only(given_name: str, family_name: str, hint: str) -> None:
    assert rules.name_hint(given_name, family_name) == hint


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+79001234567", "+7 900 ···-45-67"), ("+375291234567", "+37529 ···-45-67"), ("login", "login"), ("", "")],
)
def test_three_digits_of_a_number_are_not_said(number: str, shown: str) -> None:
    assert rules.masked(number).replace("\xa0", " ") == shown


def test_every_state_is_reached_and_the_final_ones_are_left_by_nothing() -> None:
    reached = {State.ASKED} | set(transfers_states.TRANSITIONS.values())
    assert reached == set(State)
    for state in transfers_states.FINAL:
        for event in Event:
            with pytest.raises(transfers_states.NoSuchStep):
                transfers_states.after(state, event)


def test_a_day_and_a_month_are_local() -> None:
    late = datetime(2026, 1, 31, 22, tzinfo=UTC)
    day, month = rules.day_and_month(late, MOSCOW)
    assert day.start == datetime(2026, 1, 31, 21, tzinfo=UTC)
    assert month.start == datetime(2026, 1, 31, 21, tzinfo=UTC)
    assert rules.day_and_month(datetime(2024, 2, 29, 12, tzinfo=UTC), MOSCOW)[1].end == datetime(
        2024, 2, 29, 21, tzinfo=UTC
    )


@given(
    balance=st.integers(-(10**6), 10**6),
    threshold=st.integers(0, 10**5),
    portion=st.integers(1, 10**5),
    cap=st.integers(1, 10**6),
    spent=st.integers(0, 10**6),
)
def test_vas_6_a_member_is_lifted_to_the_threshold_and_never_past_the_cap(
    balance: int, threshold: int, portion: int, cap: int, spent: int
) -> None:
    covered = family_pays_rules.cover_minor(
        balance_minor=balance, threshold_minor=threshold, portion_minor=portion, cap_minor=cap, spent_minor=spent
    )
    assert 0 <= covered <= max(0, cap - spent)
    if balance >= threshold:
        assert covered == 0
    elif covered < cap - spent:
        assert covered % portion == 0
        assert balance + covered >= threshold > balance + covered - portion
