"""What is paid for a thing and when, and the digits of smart cards (FIX-2, FIX-3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.lines.equipment import rules
from abonent.domains.lines.equipment.rules import InvalidSerial, Kind, Terms
from abonent.foundation.values.terms import InvalidTerms

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
IN_PARTS = st.builds(
    lambda parts, more: Terms("instalments", price_minor=parts + more, parts=parts),
    st.integers(1, 60), st.integers(0, 1_000_000),
)  # fmt: skip


@given(IN_PARTS, DAYS, st.integers(0, 3000))
def test_fix_2_parts_add_up_to_the_price_and_what_is_left_is_the_rest(terms: Terms, since: date, later: int) -> None:
    rules.check(terms)
    today = since + timedelta(days=later)
    paid = rules.dues(terms, since, None, today)
    plan = rules.plan(terms, since, None, today)
    assert sum(one.amount_minor for one in paid) + plan.left_minor == terms.price_minor
    assert len(paid) + plan.left_parts == terms.parts
    assert all(one.day <= today for one in paid)
    assert (plan.following is None) == (plan.left_parts == 0)
    assert max(one.amount_minor for one in paid) - terms.price_minor // terms.parts in (0, 1)


@given(DAYS, st.integers(0, 800), st.integers(0, 800))
def test_fix_2_what_was_paid_is_paid_for_ever_whenever_one_looks(since: date, one: int, other: int) -> None:
    terms = Terms("rented", month_minor=9900)
    sooner, later = sorted((since + timedelta(days=one), since + timedelta(days=other)))
    before, after = (rules.dues(terms, since, None, day) for day in (sooner, later))
    assert after[: len(before)] == before


def test_fix_2_a_month_begins_on_the_same_day_or_on_the_last_of_a_shorter_one() -> None:
    days = [one.day for one in rules.dues(Terms("rented", month_minor=1), date(2027, 12, 31), None, date(2028, 4, 1))]
    assert days == [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]


def test_fix_2_what_came_back_is_rented_no_more_and_a_price_is_paid_to_its_end() -> None:
    since, back, today = date(2026, 1, 10), date(2026, 3, 10), date(2026, 12, 1)
    assert [one.turn for one in rules.dues(Terms("rented", month_minor=1), since, back, today)] == [0, 1]
    assert rules.plan(Terms("rented", month_minor=1), since, back, today).following is None
    assert len(rules.dues(Terms("instalments", price_minor=10, parts=6), since, back, today)) == 6
    assert len(rules.dues(Terms("rented", month_minor=1), since, since, today)) == 1, "the month that began is paid"


@pytest.mark.parametrize(
    "terms",
    [
        Terms("own", month_minor=1), Terms("rented", month_minor=-1), Terms("rented", month_minor=1, parts=2),
        Terms("instalments", price_minor=100), Terms("instalments", price_minor=1, parts=2),
        Terms("instalments", month_minor=1, price_minor=10, parts=2), Terms("instalments", price_minor=100, parts=61),
    ],
)  # fmt: skip
def test_it_refuses_terms_that_nobody_can_pay_by(terms: Terms) -> None:
    with pytest.raises(InvalidTerms):
        rules.check(terms)


@given(st.text("0123456789", min_size=11, max_size=11), st.integers(0, 11), st.integers(1, 9))
def test_fix_3_any_one_wrong_digit_of_a_card_is_noticed(digits: str, place: int, by: int) -> None:
    card = digits + rules.check_digit(digits)
    assert rules.card_of(f" {card[:4]} {card[4:8]}-{card[8:]} ") == card
    assert rules.serial_of(Kind.CARD, card) == card
    wrong = f"{card[:place]}{(int(card[place]) + by) % 10}{card[place + 1 :]}"
    assert rules.card_of(wrong) == ""
    with pytest.raises(InvalidSerial):
        rules.serial_of(Kind.CARD, wrong)


@pytest.mark.parametrize("typed", ["", "123", "8800 0000 001", "٠٠٠٠٠٠٠٠٠٠٠٠", "88000000001x", "+79000000001"])
def test_fix_3_what_can_be_no_card_is_none(typed: str) -> None:
    assert rules.card_of(typed) == ""


def test_fix_2_of_a_serial_number_only_the_end_is_shown_and_of_a_card_all() -> None:
    assert rules.masked(Kind.ROUTER, "OW6A000017K") == "••••017K"
    assert rules.masked(Kind.CARD, "880000000018") == "8800 0000 0018"
    assert rules.serial_of(Kind.BOX, "ob-4k 001") == "OB4K001"
