"""What a top-up's form understands, and what it says to do about everything else; nothing is begun by it."""

from __future__ import annotations

import html
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.lines.queries import Line
from tests.factories import cabinet, identity, payments
from tests.factories.topups import CONFIRM, FORM, nothing_happened, pay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


@pytest.fixture
def anna() -> Line:
    return cabinet.line()


@pytest.fixture
def client(anna: Line) -> Client:
    return identity.browser(anna)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Введите сумму, например 500"),
        ("0", "больше нуля"),
        ("-500", "без минуса"),
        ("−500", "без минуса"),
        ("0.001", "две цифры"),
        ("1,234", "две цифры"),
        ("9.99", "Введите сумму от 10,00 ₽"),
        ("15000.01", "до 15 000,00 ₽"),
        ("1000000000000", "до 15 000,00 ₽"),
        ("9" * 400, "до 15 000,00 ₽"),
        ("пятьсот", "цифрами"),
        ("1e3", "цифрами"),
        ("NaN", "цифрами"),
        ("<script>alert(1)</script>", "цифрами"),
        ("500' or 1=1 --", "цифрами"),
        ("\x00500\x00\x00five", "цифрами"),
    ],
)
def test_cab_6_says_what_to_do_about_a_sum_and_keeps_it(client: Client, typed: str, said: str) -> None:
    for response in (client.get(CONFIRM, FORM | {"amount": typed}),
                     client.post(CONFIRM, FORM | {"amount": typed, "id": str(uuid4())})):  # fmt: skip
        page = response.content.decode()
        assert response.status_code == 200
        assert said in page.replace("\xa0", " ")
        assert "Ошибка:" in page
        assert "<script>alert" not in page
        if typed.isascii() and typed.isprintable() and len(typed) < 40:
            assert f'value="{html.escape(typed, quote=True)}"' in page.replace("&#39;", "&#x27;")
    assert nothing_happened()


@pytest.mark.parametrize(
    ("typed", "minor"),
    [("500", 50_000), (" 1 234,50 ", 123_450), ("1234.5", 123_450), ("1.234,50", 123_450), ("500 ₽", 50_000),
     ("٥٠٠", 50_000), ("５００", 50_000), ("1 000", 100_000)],
)  # fmt: skip
def test_cab_6_understands_sums_as_people_type_them(client: Client, typed: str, minor: int) -> None:
    pay(client, amount=typed)
    assert models.TopUp.objects.get().amount_minor == minor


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": "999999999"}, "Выберите номер из списка"),
        ({"to": "1 or 1=1"}, "Выберите номер из списка"),
        ({"to": "other"}, "Введите номер, за который платите"),
        ({"to": "other", "number": "12"}, "10 цифр после +7"),
        ({"to": "other", "number": "+7 916 123-45-67"}, "номер другого оператора"),
        ({"to": "other", "number": "+1 212 555 0100"}, "номер другого оператора"),
        ({"to": "other", "number": "звонок"}, "без букв"),
        ({"to": "other", "number": "9" * 500}, "лишние цифры"),
        ({"way": ""}, "Выберите, как заплатить"),
        ({"way": "bitcoin"}, "Выберите, как заплатить"),
        ({"way": "saved card"}, "Выберите, как заплатить"),
        ({"way": "card-"}, "Эта карта больше не сохранена"),
        ({"way": "card-1"}, "Эта карта больше не сохранена"),
        ({"way": "card-٣"}, "Эта карта больше не сохранена"),
    ],
)
def test_cab_6_says_what_to_do_about_every_other_field(client: Client, fields: dict[str, str], said: str) -> None:
    for response in (client.get(CONFIRM, FORM | fields), client.post(CONFIRM, FORM | fields | {"id": str(uuid4())})):
        assert response.status_code == 200
        assert said in response.content.decode()
    assert nothing_happened()


def test_sec_a_field_given_twice_counts_once_and_a_huge_one_is_refused(client: Client, bank: payments.Bank) -> None:
    twice = client.get(f"{CONFIRM}?amount=500&amount=600&way=card&way=sbp")
    assert "Заплатить 600,00" in twice.content.decode()
    assert client.post(CONFIRM, FORM | {"amount": "5" * 1_000_000}).status_code in (400, 413)
    assert client.post(CONFIRM, {}).status_code == 200
    assert nothing_happened()


def test_sec_the_own_line_of_somebody_else_cannot_be_named(client: Client) -> None:
    boris = cabinet.line("+79000000055")
    page = client.get(CONFIRM, FORM | {"to": str(boris.id)}).content.decode()
    assert "Выберите номер из списка" in page
    assert "000-00-55" not in page
