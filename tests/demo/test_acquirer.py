"""The demo's bank: pages in both languages, forms that tell what to mend, orders that survive its death."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from abonent.demo.acquirer import cards
from abonent.demo.acquirer.app import Answer, Asked, Bank
from abonent.demo.acquirer.mischief import Mischief
from abonent.demo.acquirer.words import WORDS

LOGIN = {"userName": "u", "password": "p"}
GOOD = {"number": "2200 0000 0000 0004", "month": "12/30", "cvc": "123"}


def open_bank(folder: Path) -> Bank:
    return Bank(
        file=folder / "bank.sqlite", address="http://localhost:1", callback="http://localhost:9/callbacks/payments",
        user="u", password="p", key="k" * 20,
    )  # fmt: skip


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return open_bank(tmp_path)


def call(bank: Bank, method: str, **fields: str) -> dict[str, Any]:
    answer = bank.answer(Asked("POST", f"/payment/rest/{method}", {}, LOGIN | fields))
    assert answer is not None
    found: dict[str, Any] = json.loads(answer.body)
    return found


def page(bank: Bank, path: str, fields: Mapping[str, str] | None = None, wished: str = "ru") -> Answer:
    answer = bank.answer(Asked("GET" if fields is None else "POST", path, {}, fields or {}, wished=wished))
    assert answer is not None
    return answer


def register(bank: Bank, **changes: str) -> str:
    made = call(bank, "register.do", **{
        "orderNumber": "n1", "amount": "10000", "currency": "643", "returnUrl": "http://localhost:9/topup/",
    } | changes)  # fmt: skip
    return f"/pay/{made['orderId']}"


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["ru"].keys() == WORDS["en"].keys()


def test_every_card_to_try_can_be_a_cards_number() -> None:
    assert all(cards.is_number(number) for number in cards.CARDS)
    assert not cards.is_number("2200000000000005")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"number": "123"}, "16 цифр"),
        ({"number": "4111111111111111"}, "не из списка"),
        ({"month": "13/30"}, "ещё не прошёл"),
        ({"month": "12/20"}, "ещё не прошёл"),
        ({"cvc": "12"}, "три цифры"),
    ],
    ids=str,
)
def test_a_form_filled_in_wrongly_says_what_to_mend_and_keeps_the_rest(
    bank: Bank, change: dict[str, str], told: str
) -> None:
    answer = page(bank, register(bank), GOOD | change)
    text = answer.body.decode()
    assert answer.status == 422
    assert told in text
    assert text.count("Ошибка: ") == 1
    assert call(bank, "getOrderStatusExtended.do", orderNumber="n1")["orderStatus"] == 0


def test_no_number_of_a_card_is_kept(bank: Bank, tmp_path: Path) -> None:
    page(bank, register(bank), GOOD)
    assert b"2200000000000004" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_an_order_survives_the_banks_death(bank: Bank, tmp_path: Path) -> None:
    page(bank, register(bank), GOOD)
    assert call(open_bank(tmp_path), "getOrderStatusExtended.do", orderNumber="n1")["orderStatus"] == 2


def test_an_order_is_paid_once(bank: Bank) -> None:
    path = register(bank)
    assert page(bank, path, GOOD).status == 303
    assert "закрыт" in page(bank, path, GOOD).body.decode()


def test_a_code_that_is_wrong_three_times_declines(bank: Bank) -> None:
    path = register(bank)
    led = dict(page(bank, path, GOOD | {"number": "2200000000000103"}).headers)["Location"]
    assert [page(bank, led, {"code": "x"}).status for _ in range(3)] == [422, 422, 303]
    told = call(bank, "getOrderStatusExtended.do", orderNumber="n1")
    assert (told["orderStatus"], told["actionCode"]) == (0, -2006)


def test_what_goes_wrong_is_set_and_stays(bank: Bank, tmp_path: Path) -> None:
    assert page(bank, "/control/", {"act": "apply", "lose": "2"}).status == 422
    assert page(bank, "/control/", {"act": "apply", "repeat": "3", "early": "on", "lie": ""}).status == 303
    assert open_bank(tmp_path)._mischief == Mischief(repeat=3, early=True)
    page(bank, "/control/", {"act": "reset"})
    assert bank._mischief == Mischief()


def test_every_page_is_guarded_and_speaks_english(bank: Bank) -> None:
    for path in ("/control/", "/terminal/", "/bindings/", "/orders/", register(bank)):
        answer = page(bank, path, wished="en")
        policy = dict(answer.headers)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert ('<html lang="en">' in answer.body.decode()) == ("/pay/" not in path)
    assert page(bank, "/language/", None).status == 303
    assert page(bank, "/nothing/").status == 404
