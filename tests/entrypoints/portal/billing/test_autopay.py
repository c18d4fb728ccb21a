"""Pages of autopay: how it stands, the form, the question, the switches; what a hostile hand gets."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.billing.autopay.rules import State
from abonent.domains.lines.queries import Line
from abonent.domains.payments import models as cards_kept
from abonent.domains.payments.ports import Reason
from abonent.foundation.clock import now
from tests.factories import autopay as make
from tests.factories import cabinet, identity, payments, promised, topups

pytestmark = pytest.mark.django_db
CONFIRM = "/autopay/confirm/"


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


@pytest.fixture
def anna() -> Line:
    return cabinet.line()


@pytest.fixture
def client(anna: Line) -> Client:
    return identity.browser(anna)


@pytest.fixture
def card_id(bank: payments.Bank, anna: Line, client: Client) -> int:
    return make.card(bank, anna)


def form(card_id: int, **changes: str) -> dict[str, str]:
    """Return what is typed: 500 roubles below 100, 3 000 a month at most, unless told otherwise."""
    return {
        "kind": "threshold", "threshold": "100", "amount": "500", "cap": "3000", "card": str(card_id)
    } | changes  # fmt: skip


def hidden(client: Client, **typed: str) -> dict[str, str]:
    """Return the fields that the question would send."""
    page = client.get(f"{CONFIRM}?{urlencode(typed)}").content.decode()
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found if name not in ("csrfmiddlewaretoken", "next")}


def switch_on(client: Client, card_id: int, **changes: str) -> models.Autopay:
    sent = hidden(client, **form(card_id, **changes))
    assert client.post(CONFIRM, sent)["Location"] == "/autopay/?on"
    return models.Autopay.objects.get(id=sent["id"])


def test_cab_7_strangers_sign_in_first() -> None:
    for address in ("/autopay/", "/autopay/set/", CONFIRM):
        assert Client().get(address)["Location"].startswith("/login/?next=")


def test_cab_7_without_a_card_it_says_how_to_save_one(client: Client) -> None:
    assert "Автоплатёж выключен" in cabinet.words(client, "/autopay/")
    assert "Сохранить новую карту" in cabinet.words(client, "/autopay/set/")
    assert "/topup/?way=card&amp;save=1" in client.get("/autopay/set/").content.decode()


def test_cab_7_the_hub_and_a_receipt_lead_there(client: Client, anna: Line, bank: payments.Bank) -> None:
    assert 'href="/autopay/"' in client.get("/pay/").content.decode()
    own = topups.paid(bank, topups.order(anna, amount_minor=167_44))
    assert 'href="/autopay/set/?amount=167.44"' in client.get(f"/topup/{own}/").content.decode()
    cabinet.line("+79000000055")
    other = topups.paid(bank, topups.order(anna, to="+79000000055"))
    assert "/autopay/set/" not in client.get(f"/topup/{other}/").content.decode()


def test_cab_7_asks_before_it_is_switched_on(client: Client, card_id: int) -> None:
    text = cabinet.words(client, f"{CONFIRM}?{urlencode(form(card_id))}")
    for said in (
        "Включить автоплатёж?",
        "Когда баланс ниже 100,00 ₽",
        "Сколько 500,00 ₽",
        "Не больше в месяц 3 000,00 ₽",
        "MIR •• 4321",
        "В ближайшие минуты",
        "Включить: по 500,00 ₽ за раз",
    ):
        assert said in text, said
    assert not models.Autopay.objects.exists()


def test_cab_7_is_switched_on_once_whatever_is_pressed(client: Client, card_id: int) -> None:
    sent = hidden(client, **form(card_id))
    for _ in range(3):
        assert client.post(CONFIRM, sent)["Location"] == "/autopay/?on"
    assert models.Autopay.objects.count() == 1
    text = cabinet.words(client, "/autopay/?on")
    for said in ("Автоплатёж включён", "Когда баланс ниже 100,00 ₽", "0,00 ₽ из 3 000,00 ₽", "Пока ни одного"):
        assert said in text, said


def test_cab_7_shows_what_was_paid_and_what_was_not(
    client: Client, anna: Line, card_id: int, bank: payments.Bank
) -> None:
    switch_on(client, card_id)
    payment_id = make.round_of()[0]
    page = client.get("/autopay/").content.decode()
    assert f'href="/payments/{payment_id}/"' in page
    assert "500,00 ₽ из 3 000,00 ₽" in cabinet.words(client, "/autopay/")
    assert "Автоплатёж" in cabinet.words(client, f"/payments/{payment_id}/")
    make.spend(anna, 500_00)
    bank.declines[payments.CARD.token] = Reason.EXPIRED_CARD
    make.round_of(now() + timedelta(minutes=3))
    text = cabinet.words(client, "/autopay/")
    assert "Отклонён, ничего не списано" in text
    assert "Карта истекла. Включите автоплатёж с другой картой" in text


def test_cab_7_says_when_the_months_cap_holds_the_next_payment_back(client: Client, card_id: int) -> None:
    switch_on(client, card_id, threshold="600", cap="900")
    make.round_of()
    text = cabinet.words(client, "/autopay/")
    assert "500,00 ₽ из 900,00 ₽" in text
    assert "В следующем месяце" in text


def test_cab_7_is_paused_resumed_and_switched_off_at_once(client: Client, card_id: int) -> None:
    row = switch_on(client, card_id)
    for address, said, state in (
        ("/autopay/pause/", "на паузе", State.PAUSED),
        ("/autopay/pause/", "на паузе", State.PAUSED),
        ("/autopay/resume/", "включён", State.ON),
        ("/autopay/off/", "выключен", State.STOPPED),
    ):
        there = client.post(address, {"id": str(row.id)})["Location"]
        row.refresh_from_db()
        assert row.state == state
        assert said in cabinet.words(client, there)
    assert client.post("/autopay/off/", {"id": str(row.id)})["Location"] == "/autopay/?gone"


def test_cab_7_the_form_of_a_change_holds_what_was_agreed(client: Client, card_id: int) -> None:
    old = switch_on(client, card_id, amount="700,50", cap="4000")
    page = client.get("/autopay/set/").content.decode()
    assert 'value="700.50"' in page
    assert 'value="4000"' in page
    new = switch_on(client, card_id, kind="calendar", day="31")
    old.refresh_from_db()
    assert (old.state, new.state, new.day) == (State.STOPPED, State.ON, 31)
    assert "31 числа" in cabinet.words(client, "/autopay/")


def test_cab_7_the_form_takes_the_sum_of_the_address(client: Client, card_id: int) -> None:
    page = client.get("/autopay/set/?amount=167.44").content.decode()
    assert 'value="167.44"' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": ""}, "Выберите, когда платить"),
        ({"kind": "always"}, "Выберите, когда платить"),
        ({"threshold": ""}, "Введите сумму, например 500"),
        ({"threshold": "-5"}, "больше нуля"),
        ({"threshold": "9,99"}, "Введите сумму от 10,00 ₽"),
        ({"threshold": "5001"}, "не больше 5 000,00 ₽"),
        ({"amount": "0"}, "больше нуля"),
        ({"amount": "0.001"}, "копе"),
        ({"amount": "1000000000000"}, "15 000,00 ₽"),
        ({"amount": "15000,01"}, "не больше 15 000,00 ₽"),
        ({"amount": "пятьсот"}, "цифрами"),
        ({"cap": "499.99"}, "Предел на месяц меньше одного платежа"),
        ({"cap": "60000.01"}, "не больше 60 000,00 ₽"),
        ({"kind": "calendar", "day": "0"}, "от 1 до 31"),
        ({"kind": "calendar", "day": "32"}, "от 1 до 31"),
        ({"kind": "fee", "day": "1.5"}, "от 1 до 31"),
        ({"kind": "fee", "day": "²"}, "от 1 до 31"),
        ({"card": ""}, "Выберите карту"),
        ({"card": "999999"}, "Выберите карту"),
        ({"card": "\x00"}, "Выберите карту"),
        ({"cap": "<script>alert(1)</script>"}, "цифрами"),
    ],
)
def test_cab_7_says_what_to_do_about_each_field_and_loses_nothing(
    client: Client, card_id: int, typed: dict[str, str], said: str
) -> None:
    given = form(card_id, **typed)
    page = client.get(f"{CONFIRM}?{urlencode(given)}").content.decode()
    text = html.unescape(page).replace("\xa0", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert said in text
    assert "Ошибка:" in text
    assert f'value="{html.escape(given["amount"])}"' in page
    assert f'value="{html.escape(given["cap"])}"' in page
    assert "<script>alert" not in page
    client.post(CONFIRM, {**given, "id": str(uuid4()), "line": "1"})
    assert not models.Autopay.objects.exists()


def test_cab_7_digits_of_other_scripts_are_digits(client: Client, card_id: int) -> None:
    row = switch_on(client, card_id, kind="calendar", day="١٥", amount="٥٠٠")
    assert (row.day, row.amount_minor) == (15, 500_00)


@pytest.mark.parametrize("change", [{"id": ""}, {"id": "x"}, {"line": ""}, {"line": "999999"}, {"line": "²"}])
def test_sec_a_form_that_was_tampered_with_switches_nothing_on(
    client: Client, card_id: int, change: dict[str, str]
) -> None:
    sent = hidden(client, **form(card_id)) | change
    assert client.post(CONFIRM, sent)["Location"].endswith("&stale")
    assert not models.Autopay.objects.exists()


def test_sec_anothers_card_and_agreement_are_nobodys(client: Client, card_id: int, bank: payments.Bank) -> None:
    row = switch_on(client, card_id)
    boris = cabinet.line("+79000000055")
    other = identity.browser(boris)
    assert "Выберите карту" not in cabinet.words(other, f"{CONFIRM}?{urlencode(form(card_id))}")
    for address in ("/autopay/pause/", "/autopay/resume/", "/autopay/off/"):
        assert other.post(address, {"id": str(row.id)})["Location"] == "/autopay/?gone"
        assert other.post(address, {"id": "x"}).status_code == 404
    row.refresh_from_db()
    assert row.state == State.ON
    assert models.Autopay.objects.count() == 1
    assert "4321" not in cabinet.words(other, "/autopay/")


def test_sec_switching_on_asks_for_a_fresh_proof_and_keeps_what_was_typed(client: Client, card_id: int) -> None:
    with time_machine.travel(now() + timedelta(minutes=20)):
        there = client.get(f"{CONFIRM}?{urlencode(form(card_id, amount='777'))}")["Location"]
    assert there.startswith("/login/confirm/?next=%2Fautopay%2Fconfirm%2F")
    assert "amount%3D777" in there


def test_cab_7_a_card_removed_ends_it(client: Client, card_id: int) -> None:
    row = switch_on(client, card_id)
    client.post("/cards/remove/", {"card": str(card_id)})
    row.refresh_from_db()
    assert row.state == State.STOPPED
    assert "Карта больше не сохранена" in cabinet.words(client, "/autopay/")


def test_cab_7_an_expired_card_cannot_be_chosen(client: Client, card_id: int) -> None:
    cards_kept.Card.objects.update(expires_on="2020-01-31")
    assert "disabled" in client.get("/autopay/set/").content.decode()
    assert "Карта истекла" in cabinet.words(client, f"{CONFIRM}?{urlencode(form(card_id))}")


def test_cab_7_without_a_bank_it_says_so(client: Client, card_id: int, settings: Any) -> None:
    settings.PAYMENT_GATEWAY = ""
    for address in ("/autopay/", "/autopay/set/"):
        assert "нельзя платить сохранёнными картами" in cabinet.words(client, address)


def test_cab_7_the_page_says_what_is_counted_and_opens_what_is_charged_and_when(
    anna: Line, client: Client, card_id: int
) -> None:
    make.charged(anna, now(), left_minor=482_56)
    switch_on(client, card_id, kind="fee", day="5", amount="")
    page = cabinet.words(client, "/autopay/")
    assert "спишется 650,00 ₽. На балансе 482,56 ₽, значит сейчас придёт 167,44 ₽. Что и когда спишется" in page
    assert 'href="/charges/"' in client.get("/autopay/").content.decode()
    promised.pay(anna, 200_00, at=now())
    assert "этого хватит: сейчас платёж не понадобится" in cabinet.words(client, "/autopay/")


def test_the_pages_take_few_queries(client: Client, card_id: int) -> None:
    switch_on(client, card_id)
    make.round_of()
    assert cabinet.queries_of(client, "/autopay/") == 17
    assert cabinet.queries_of(client, "/autopay/set/") == 6
    assert cabinet.queries_of(client, f"{CONFIRM}?{urlencode(form(card_id))}") == 5
