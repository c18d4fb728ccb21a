"""The pages of call barring and of the switches of a number (CAB-14, CAB-9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.rules import Guards
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import fulfilment
from abonent.domains.orders.barring import actions as barring
from abonent.domains.orders.models import BarringChange, Order
from tests.factories import cabinet, network, offers, security, sharing
from tests.factories.network import Switch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch", "today")]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BARRING, OUT, PIN_PAGE, SWITCHES = "/calls/barring/", "/calls/barring/out/", "/calls/barring/pin/", "/calls/switches/"
PIN = "4071"
QUERIES_MAX = 14


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def switch(settings: Any) -> Switch:
    offers.load(
        offers.offer("hidden", network=("clir",), fee_minor=350, per="day"),
        offers.offer("no-data"),
        offers.offer("roaming", category="travel"),
        offers.offer("roaming-data", category="travel", requires=("roaming",)),
    )
    return network.open_network(settings)


def subscriber(*, pin: str = PIN) -> tuple[Line, Client]:
    line = cabinet.line()
    client = security.browser(line)
    if pin:
        pins.choose(line=line, guards=Guards.BARRING, pin=pin, account_id=security.account_of(client).pk, at=NOW)
    return line, client


def form(of: Line, **known: str) -> dict[str, str]:
    return {"id": f"{uuid4()}", "line": f"{of.id}", "program": "all", "pin": PIN, **known}


def work() -> None:
    at = NOW + timedelta(minutes=1)
    for order_id in Order.objects.values_list("id", flat=True):
        fulfilment.advance(order_id=order_id, at=at)
    network.sweep(at)
    barring.advance_due(at=at)
    for order_id in Order.objects.values_list("id", flat=True):
        fulfilment.advance(order_id=order_id, at=at)


def test_cab_14_sends_strangers_to_sign_in_asks_a_proof_for_the_pin_and_is_the_owner_s_alone() -> None:
    line, client = subscriber()
    for address in (BARRING, OUT, PIN_PAGE, SWITCHES, "/calls/switches/roaming/"):
        stranger = Client()
        answer = stranger.get(address) if "roaming" not in address else stranger.post(address)
        assert answer["Location"].startswith("/login/?next=")
    unproven = security.browser(line, by=None, mark="b")
    assert unproven.get(PIN_PAGE)["Location"].startswith("/login/confirm/")
    assert unproven.post(PIN_PAGE, {"line": f"{line.id}", "pin": "7352"})["Location"].startswith("/login/confirm/")
    assert unproven.get(OUT).status_code == 200
    shared = sharing.boris()
    sharing.shared(line, shared)
    client.post("/line/", {"line": f"{shared.id}", "next": "/home/"})
    assert {client.get(address).status_code for address in (BARRING, OUT, PIN_PAGE, SWITCHES)} == {403}


def test_cab_14_chooses_a_pin_bars_says_when_and_then_it_is_done(switch: Switch) -> None:
    line, client = subscriber(pin="")
    assert "Придумать ПИН" in cabinet.words(client, BARRING)
    assert client.get(OUT)["Location"] == PIN_PAGE
    assert client.post(PIN_PAGE, {"line": f"{line.id}", "pin": "1234"}).status_code == 422
    assert client.post(PIN_PAGE, {"line": f"{line.id}", "pin": PIN})["Location"] == f"{BARRING}?pin"
    assert client.get(PIN_PAGE)["Location"].startswith("/login/confirm/"), "the proof is used up"
    assert "Бесплатно" in cabinet.words(client, OUT)
    sent = form(line)
    assert [client.post(OUT, sent)["Location"] for _ in range(2)] == [f"{BARRING}?asked"] * 2
    assert "в работе" in cabinet.words(client, f"{BARRING}?asked")
    assert client.get(OUT).status_code == 409
    work()
    assert switch.on[line.number] == {"barring-out:all"}
    assert "Запрещены все исходящие звонки, с 22 ноября" in cabinet.words(client, BARRING)


def test_cab_14_wrong_pins_and_broken_forms_change_nothing() -> None:
    line, client = subscriber()
    stranger = sharing.boris()
    assert client.post(OUT, form(line, line=f"{stranger.id}")).status_code == 404
    assert client.post("/calls/barring/sideways/", form(line)).status_code == 404
    assert client.post(OUT, form(line, id="x")).status_code == 400
    for program in ("roaming", "x" * 500):
        assert client.post(OUT, form(line, program=program)).status_code == 422
    wrong = client.post(OUT, form(line, pin="0000", program="international"))
    text = wrong.content.decode()
    assert wrong.status_code == 422
    assert "осталось 2 попытки" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r'value="international"[^>]*checked', text), "what was chosen stays"
    assert "0000" not in text
    assert client.post(OUT, form(line, pin="")).status_code == 422
    locked = client.post(OUT, form(line, pin="9" * 200))
    assert locked.status_code == 409
    assert PIN_PAGE in locked.content.decode()
    assert client.post(OUT, form(line)).status_code == 409
    assert not BarringChange.objects.exists()


def test_cab_14_a_free_switch_is_pressed_and_pressed_back_and_a_paid_one_shows_its_price_first(switch: Switch) -> None:
    line, client = subscriber()
    said = cabinet.words(client, SWITCHES)
    for words in ("Виден: те, кому вы звоните", "3,50 ₽ в день", "за границей связи нет", "Вам никто не дозвонится"):
        assert words in said, words
    assert client.post("/calls/switches/hide-number/", form(line, action="connect"))["Location"] == "/services/hidden/"
    for name in ("no-internet", "roaming"):
        sent, address = form(line, action="connect"), f"/calls/switches/{name}/"
        assert {client.post(address, sent)["Location"] for _ in range(2)} == {f"{SWITCHES}?asked"}
    assert Order.objects.count() == 2
    work()
    assert switch.on[line.number] == {"no-data", "roaming"}
    assert "Выключен: через мобильную сеть" in cabinet.words(client, SWITCHES)
    client.post("/calls/switches/no-internet/", form(line, action="disconnect"))
    work()
    assert switch.on[line.number] == {"roaming"}
    assert [one.offer_code for one in products_queries.of_line(line.id)] == ["roaming"]


def test_cab_14_what_stands_in_the_way_of_a_switch_is_on_the_service_s_page_and_nothing_is_ordered() -> None:
    line, client = subscriber()
    stranger = sharing.boris()
    address = "/calls/switches/roaming-internet/"
    assert client.post(address, form(line, action="connect"))["Location"] == "/services/roaming-data/"
    for none_of_a_switch in ("tariff", "no"):
        assert client.post(address, form(line, action=none_of_a_switch)).status_code == 400
    assert client.post(address, form(line, id="x", action="connect")).status_code == 400
    assert client.post(address, form(line, line=f"{stranger.id}", action="connect")).status_code == 404
    assert client.post("/calls/switches/nothing/", form(line, action="connect")).status_code == 404
    assert client.post("/calls/switches/who-calls/", form(line, action="connect")).status_code == 404
    assert not Order.objects.exists()


def test_cab_14_asks_for_few_queries_and_a_home_line_has_none_of_it() -> None:
    line, client = subscriber()
    assert max(cabinet.queries_of(client, address) for address in (BARRING, OUT, SWITCHES)) <= QUERIES_MAX
    home = cabinet.another(line, "home-77", "dom-100", "internet")
    client.post("/line/", {"line": f"{home.id}", "next": "/home/"})
    assert "только на мобильных" in cabinet.words(client, BARRING)
    assert cabinet.words(client, SWITCHES)
    assert {client.get(address)["Location"] for address in (OUT, PIN_PAGE)} == {"/calls/"}
