"""What digits look like, whose a number can be, and which cards are any (CAB-16)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.lines.numbers.rules import BadDigits, Keeping, is_held, is_iccid, may_have, pattern, wished

NOW = datetime(2026, 3, 10, tzinfo=UTC)
MASKS = st.text("ABC0123456789*", min_size=1, max_size=7)


def by_hand(mask: str, number: str) -> bool:
    """Say slowly what `pattern` says by an expression."""
    letters: dict[str, str] = {}
    for one, digit in zip(mask, number[-len(mask) :], strict=True):
        if one.isdigit() and one != digit:
            return False
        if one.isalpha() and letters.setdefault(one, digit) != digit:
            return False
    return True


@given(MASKS, st.text("0123456789", min_size=10, max_size=10))
def test_a_mask_says_which_of_the_last_digits_are_alike(mask: str, number: str) -> None:
    assert bool(re.search(pattern(mask), number)) == by_hand(mask, number)


@pytest.mark.parametrize("mask", ["", "a", "AAAAAAAA", "A A", "+7", "Я"])
def test_a_mask_that_is_none_is_refused(mask: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the mask itself is the message
        pattern(mask)


@given(st.sampled_from([None, 1, 2]), st.sampled_from([None, -1, 0, 1]), st.sampled_from([None, 1, 2]),
       st.sampled_from([None, -1, 0, 1]))  # fmt: skip
def test_cab_16_a_number_is_never_for_two(
    held_for: int | None, until_h: int | None, former: int | None, free_h: int | None
) -> None:
    def at(hours: int | None) -> datetime | None:
        return None if hours is None else NOW + timedelta(hours=hours)

    kept = Keeping(held_for, at(until_h), former, at(free_h))
    may = [may_have(kept, line, NOW) for line in (1, 2, 3)]
    if is_held(kept, NOW):
        assert not any(may[line - 1] for line in (1, 2, 3) if line != held_for)
    if free_h == 1:
        assert not any(may[line - 1] for line in (1, 2, 3) if line != former)
    if held_for is None and free_h != 1:
        assert all(may)


@pytest.mark.parametrize(("typed", "digits"), [("", ""), (" 77-77 ", "7777"), ("(12) 3", "123"), ("1.2+3", "123")])
def test_wished_digits_are_read_as_people_write_them(typed: str, digits: str) -> None:
    assert wished(typed) == digits


@pytest.mark.parametrize("typed", ["семь", "12345678", "1_2", "%", "٣"])
def test_what_no_number_can_hold_is_refused(typed: str) -> None:
    with pytest.raises(BadDigits):
        wished(typed)


@pytest.mark.parametrize(
    "iccid", ["8999901500000000001", "89701012345678901", "799990150000000002", "", "89" * 9 + "8"]
)
def test_a_card_that_is_none_is_told(iccid: str) -> None:
    assert not is_iccid(iccid)


@given(st.integers(0, 10**16 - 1), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_of_a_card_is_always_found(body: int, place: int, more: int) -> None:
    digits = f"89{body:016}"
    right = next(f"{digits}{last}" for last in range(10) if is_iccid(f"{digits}{last}"))
    wrong = f"{right[:place]}{(int(right[place]) + more) % 10}{right[place + 1 :]}"
    assert not is_iccid(wrong)
