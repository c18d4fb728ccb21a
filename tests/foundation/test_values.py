"""Values: phone numbers and money."""

import pytest

from abonent.foundation.values import CurrencyMismatch, InvalidNumber, Money, Msisdn


@pytest.mark.parametrize(
    "typed",
    [
        "9000000001",
        "8(900)000-00-01",
        "+7 900 000-00-01",
        "+7\u00a0900\u00a0000\u00a000\u00a001",
        "tel:+79000000001",
        "89000000001",
        "7 900 000 00 01",
        " 900 000 00 01 ",
    ],
)
def test_id_1_understands_a_number_however_it_is_typed(typed: str) -> None:
    assert Msisdn.parse(typed) == Msisdn("+79000000001")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("900 12", "too_short"),
        ("900 000 00 0a", "letters"),
        ("9" * 20, "too_long"),
        ("1" * 5000, "too_long"),
    ],
)
def test_id_1_says_what_is_wrong_with_a_number(typed: str, reason: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        Msisdn.parse(typed)
    assert caught.value.reason == reason


def test_money_never_mixes_currencies_nor_floats() -> None:
    assert Money(150) + Money(-50) == Money(100)
    with pytest.raises(CurrencyMismatch):
        Money(1, "RUB") + Money(1, "USD")
    with pytest.raises(TypeError):
        Money(1.5)  # type: ignore[arg-type]
