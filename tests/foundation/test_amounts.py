"""Sums as people type them."""

import pytest

from abonent.foundation.values import InvalidAmount, parse_amount


@pytest.mark.parametrize(
    ("typed", "amount_minor"),
    [
        ("500", 50_000),
        ("500,5", 50_050),
        ("500.05", 50_005),
        (" 1 234,50 ", 123_450),
        ("1\u00a0234,50\u00a0₽", 123_450),
        ("1.234,50", 123_450),
        ("1,234,567.89", 123_456_789),
        ("300 руб.", 30_000),
        ("300р", 30_000),
        ("0,01", 1),
        ("٣٠٠", 30_000),
        ("100,", 10_000),
        ("007", 700),
    ],
)
def test_cab_6_it_understands_a_sum_however_it_is_typed(typed: str, amount_minor: int) -> None:
    assert parse_amount(typed) == amount_minor


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" ₽", "empty"),
        ("-5", "negative"),
        ("−5,00", "negative"),
        ("0", "zero"),
        ("0,00", "zero"),
        ("0.001", "too_exact"),
        ("1,234", "too_exact"),
        ("1000000000000", "too_large"),
        ("9" * 500, "too_large"),
        ("сто", "unreadable"),
        ("1e5", "unreadable"),
        ("5$", "unreadable"),
        ("1,2,3", "unreadable"),
        ("12 34", "unreadable"),
        ("½", "unreadable"),
        ("²", "unreadable"),
        ("5\x00", "unreadable"),
        ("NaN", "unreadable"),
        ("+", "unreadable"),
        ("-", "unreadable"),
        ("<b>" * 500, "unreadable"),
    ],
)
def test_cab_6_it_says_what_is_wrong_with_a_sum(typed: str, reason: str) -> None:
    with pytest.raises(InvalidAmount) as caught:
        parse_amount(typed)
    assert caught.value.reason == reason
