"""The pages of blocks: lost in two presses, for a while, lifted; refused with a way out (CAB-13, CAB-2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing.actions import charge_fees
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.orders import models
from abonent.domains.orders.blocks import actions as blocks
from tests.factories import blocks as make_blocks
from tests.factories import cabinet, identity, network, passwords, promised
from tests.factories import orders as make
from tests.factories import tariffs as make_tariffs
from tests.factories.blocks import now
from tests.factories.network import Switch
from tests.factories.tariffs import tariff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch", "today")]

# Noon in Moscow; the period began on the 10th.
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BLOCK, NEW, END, LOST, FOUND = (
    "/lines/block/",
    "/lines/block/new/",
    "/lines/block/end/",
    "/lines/lost/",
    "/lines/found/",
)
# Session and lines; then what the page tells of.
QUERIES_MAX = 16


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def switch(settings: Any) -> Switch:
    return network.open_network(settings)


def subscriber(balance_minor: int = 500_000, *, password: bool = False, **terms: object) -> tuple[Line, Client]:
    """Open a line with a tariff of 300 roubles by days, all of November's paid."""
    make_blocks.rules(**terms)
    line = make_tariffs.line(tariff("old", 30_000), 30_000, opened_at=datetime(2026, 11, 10, 9, tzinfo=UTC))
    charge_fees(until=NOW)
    if balance_minor:
        promised.pay(line, balance_minor, at=NOW - timedelta(hours=1))
    if password:
        passwords.account(line)
    return line, identity.browser(line)


def fields(client: Client, asked: str) -> dict[str, str]:
    """Return the hidden fields of the question."""
    page = client.get(f"{NEW}{asked}").content.decode()
    form = page[page.index(f'method="post" action="{NEW}"') :]
    return dict(re.findall(r'type="hidden" name="(id|line|first|end|rules|total_minor)" value="([^"]*)"', form))


def assert_says(text: str, *said: str) -> None:
    assert not [one for one in said if one not in text], text


def test_cab_13_sends_strangers_to_sign_in() -> None:
    for address in (BLOCK, NEW, FOUND):
        assert Client().get(address)["Location"].startswith("/login/?next=")
    for address in (LOST, END, NEW, FOUND):
        assert Client().post(address, {"line": "1"})["Location"].startswith("/login/?next=")


def test_cab_13_a_lost_phone_is_blocked_in_two_presses_from_home() -> None:
    line, client = subscriber()
    assert f'href="{BLOCK}"' in client.get("/home/").content.decode()
    assert 'action="/lines/lost/"' in client.get(BLOCK).content.decode()
    assert client.post(LOST, {"line": "1000000"}).status_code == 404
    assert client.post(LOST, {"line": f"{line.id}"})["Location"] == BLOCK
    assert client.post(LOST, {"line": f"{line.id}"})["Location"] == BLOCK, "again is the same"
    assert [bar.kind for bar in bars_queries.standing(line.id)] == [Kind.LOST]
    assert_says(cabinet.words(client, BLOCK), "как утерянный или украденный", "Что делать дальше", "новой SIM-картой")
    assert_says(cabinet.words(client, "/home/"), "как утерянный или украденный", "заблокирован")
    assert 'action="/lines/lost/"' not in client.get(BLOCK).content.decode()
    # A code by SMS to that number opens nothing.
    stranger = Client()
    stranger.get("/login/")
    before = Message.objects.filter(template="code").count()
    stranger.post("/login/", {"number": line.number})
    assert Message.objects.filter(template="code").count() == before


def test_cab_13_the_owner_lifts_it_with_a_proof_that_is_younger_and_not_of_that_sim() -> None:
    line, client = subscriber(password=True)
    with time_machine.travel(NOW + timedelta(seconds=20), tick=False):
        client.post(LOST, {"line": f"{line.id}"})
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        # The sign-in by SMS is seconds old, and older than the loss.
        assert client.get(FOUND)["Location"] == FOUND
        confirm = client.get(FOUND)["Location"]
        assert confirm.startswith("/login/confirm/")
        assert client.post(FOUND, {"line": f"{line.id}"})["Location"].startswith("/login/confirm/")
        page = client.get(confirm).content.decode()
        assert line.number[-4:] not in page.partition("<main")[2] or "SMS" not in page.partition("<main")[2]
        client.post("/login/confirm/", {"way": "password", "password": passwords.PASSWORD, "next": FOUND})
        assert "Телефон нашёлся?" in cabinet.words(client, FOUND)
        assert client.post(FOUND, {"line": "1000000"}).status_code == 404
        assert client.post(FOUND, {"line": f"{line.id}"})["Location"] == f"{BLOCK}?found"
        assert not bars_queries.standing(line.id)
        assert "Номер снова работает" in cabinet.words(client, f"{BLOCK}?found")
        assert client.get(FOUND)["Location"] == BLOCK


def test_cab_13_says_everything_before_the_confirm_and_is_done_in_two_presses(switch: Switch) -> None:
    line, client = subscriber()
    asked = "?first=2026-12-01&end=15.12.2026"
    assert_says(
        cabinet.words(client, f"{NEW}{asked}"),
        "Сама блокировка 50,00 ₽", "Начнёт работать 1 декабря 2026", "Снова заработает 15 декабря 2026",
        "Платные дни, с 11 декабря 4 дня × 3,00 ₽ = 12,00 ₽", "Вернётся из абонентской платы 90,00 ₽ 1 декабря",
        "На балансе 5 000,00 ₽", "Заблокировать за 50,00 ₽", "экстренные вызовы", "отменить одним нажатием",
    )  # fmt: skip
    sent = fields(client, asked)
    where = client.post(NEW, sent)["Location"]
    assert client.post(NEW, sent)["Location"] == where, "a form sent twice is one order"
    assert_says(cabinet.words(client, where), "Ставим блокировку", "Отменить", "3,00 ₽ в день, с 11 декабря")
    assert "Блокировка уже заказана" in cabinet.words(client, BLOCK)
    with time_machine.travel(datetime(2026, 11, 30, 21, 1, tzinfo=UTC), tick=False):
        client = identity.browser(line)
        make.work(datetime(2026, 11, 30, 21, 1, tzinfo=UTC))
        assert_says(cabinet.words(client, where), "Блокировка поставлена", "Списано 50,00 ₽")
        assert_says(cabinet.words(client, "/home/"), "Номер заблокирован до 15 декабря")
        assert_says(cabinet.words(client, BLOCK), "Заблокирован до 15 декабря", "Снять блокировку сейчас")
        assert "Временная блокировка" in cabinet.words(client, "/orders/")
        assert client.post(END, {"line": f"{line.id}", "when": "day", "day": "31.02.2027"}).status_code == 422
        assert client.post(END, {"line": f"{line.id}", "when": "day", "day": "10.12.2026"})["Location"].endswith(
            "?shorter"
        )
        assert "до 10 декабря" in cabinet.words(client, f"{BLOCK}?shorter")
        assert client.post(END, {"line": f"{line.id}"})["Location"] == f"{BLOCK}?ended"
        make.work(datetime(2026, 11, 30, 21, 1, tzinfo=UTC))
        assert switch.on[line.number] == set()
        assert "Блокировка снята" in cabinet.words(client, f"{BLOCK}?ended")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("?first=31.02.2027", "Такого дня нет"),
        ("?end=nonsense", "Такого дня нет"),
        ("?end=1.2", "Такого дня нет"),
        ("?first=0001-01-01", "Этот день уже наступил. Выберите 23 ноября 2026 или позже"),
        ("?first=2026-11-22", "Этот день уже наступил"),
        ("?first=9999-12-31", "Выберите день не позже 20 февраля 2027"),
        ("?end=2026-11-24", "Выберите 26 ноября 2026 или позже"),
        ("?end=2027-11-24", "Выберите 2 января 2027 или раньше"),
    ],
)
def test_cab_13_a_wrong_day_is_said_at_its_field_and_what_was_typed_stays(asked: str, said: str) -> None:
    _, client = subscriber()
    response = client.get(f"{NEW}{asked}")
    page = response.content.decode()
    assert response.status_code == 200
    assert_says(page.replace("\N{NO-BREAK SPACE}", " "), said, "Ошибка: ", f'value="{asked.partition("=")[2]}"')
    assert 'method="post" action="/lines/block/new/"' not in page


def test_cab_13_is_refused_with_the_way_out_and_broken_forms_order_nothing() -> None:
    line, client = subscriber(0)
    assert_says(cabinet.words(client, f"{NEW}?end=2026-12-10"), "не хватает 50,00 ₽", "Пополнить на 50,00 ₽")
    promised.pay(line, 5_000, at=NOW)
    sent = fields(client, "?end=2026-12-10")
    for broken in ({"line": "1000000"}, {"end": "31.02"}, {"rules": ""}, {"id": "x"}, {"total_minor": "9" * 5000}):
        assert client.post(NEW, sent | broken).status_code == 400, broken
    assert client.post(NEW, sent | {"total_minor": "1"}).status_code == 409
    promised.spend(line, 6_000)
    text = client.post(NEW, sent)
    assert text.status_code == 409
    assert_says(
        text.content.decode().replace("\N{NO-BREAK SPACE}", " "), "Ничего не заказано. ", "погасите долг: 10,00"
    )
    assert not models.Order.objects.exists()


def test_cab_13_without_terms_nothing_is_offered_but_a_lost_phone_is_blocked() -> None:
    line = make_tariffs.line(tariff("old", 30_000), 30_000)
    client = identity.browser(line)
    assert client.get(NEW)["Location"] == BLOCK
    page = client.get(BLOCK).content.decode()
    assert 'action="/lines/lost/"' in page
    assert NEW not in page


def test_cab_13_asks_for_few_queries_and_home_for_none_more() -> None:
    line, client = subscriber()
    home = cabinet.queries_of(client)
    assert cabinet.queries_of(client, BLOCK) <= QUERIES_MAX
    assert cabinet.queries_of(client, f"{NEW}?end=2026-12-10") <= QUERIES_MAX
    blocks.place(wish=make_blocks.wish(now(line), None, None, at=NOW), at=NOW)
    make.work(NOW)
    assert "voluntary" in now(line).bars
    bars.report_lost(line_id=line.id, by="self", at=NOW)
    assert cabinet.queries_of(client, BLOCK) <= QUERIES_MAX
    assert cabinet.queries_of(client) <= home
