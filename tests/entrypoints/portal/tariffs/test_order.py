"""The page on which the tariff is changed: all of it before, each refusal with its way out, undone (CAB-10, CAB-2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing.actions import charge_fees
from abonent.domains.catalog import actions as catalog
from abonent.domains.lines import models as lines_models
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.rules import Why
from tests.factories import billing, cabinet, identity, network, promised
from tests.factories import orders as make
from tests.factories import tariffs as make_tariffs
from tests.factories.fees import WHOLE_MONTH
from tests.factories.network import Switch
from tests.factories.tariffs import own, tariff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch", "today")]

# Noon in Moscow; the period began on the 10th.
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ORDER, LIST = "/tariffs/new/order/", "/tariffs/"
# Session and lines; then what the page tells of.
QUERIES_MAX = 18


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def switch(settings: Any) -> Switch:
    return network.open_network(settings)


def subscriber(balance_minor: int = 500_000, old: int = 0, **new: Any) -> tuple[Line, Client]:
    """Open a line with a tariff of 300 roubles, all of November's paid, and one of 600 on sale."""
    tariff("new", 60_000, **{"price_minor": 5_000, **new})
    line = make_tariffs.line(old or tariff("old", 30_000), 30_000, opened_at=datetime(2026, 11, 10, 9, tzinfo=UTC))
    charge_fees(until=NOW)
    if balance_minor:
        promised.pay(line, balance_minor, at=NOW - timedelta(hours=1))
    return line, identity.browser(line)


def fields(client: Client, when: str = "", address: str = ORDER) -> dict[str, str]:
    """Return the hidden fields of the question."""
    page = client.get(f"{address}{when}").content.decode()
    form = page[page.index(f'method="post" action="{address}"') :]
    names = "id|line|version|total_minor|effective_at"
    return dict(re.findall(rf'type="hidden" name="({names})" value="([^"]*)"', form))


def order(client: Client, when: str = "") -> str:
    """Order as a person does; return where the order is."""
    response = client.post(ORDER, fields(client, when))
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def test_cab_10_sends_strangers_to_sign_in() -> None:
    assert Client().get(ORDER)["Location"].startswith("/login/?next=")


def test_cab_10_says_everything_before_the_confirm() -> None:
    _, client = subscriber()
    text = cabinet.words(client, ORDER)
    for said in (
        "Сама смена тарифа 50,00 ₽", "Начнёт работать через несколько минут", "Новая плата 600,00 ₽ в месяц",
        "Плата до этого 300,00 ₽ в месяц", "Вернём из прежней платы 170,00 ₽", "Первое списание 340,00 ₽ 23 ноября",
        "За дни 23 ноября – 9 декабря", "Следующее списание 600,00 ₽ 10 декабря", "На балансе 5 000,00 ₽",
        "Баланс после первого списания 4 780,00 ₽", "остатки прежних пакетов сгорят",
        "Сменить за 50,00 ₽",
    ):  # fmt: skip
        assert said in text, f"{said!r} not in {text}"
    assert "больше не продаётся" not in text


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("?when=next", ["Начнёт работать 10 декабря", "Первое списание 600,00 ₽ 10 декабря", "новые начнутся целиком",
                        "Баланс после 4 950,00 ₽", "отменить одним нажатием"]),
        ("?when=day&day=2026-12-01", ["Начнёт работать 1 декабря", "Вернём из прежней платы 90,00 ₽",
                                      "Первое списание 180,00 ₽ 1 декабря", "Баланс после 5 040,00 ₽"]),
        ("?when=day&day=2026-11-22", ["Ошибка: ", "Выберите день с 23 ноября по 20 февраля"]),
        ("?when=day&day=2027-02-21", ["Выберите день с 23 ноября по 20 февраля"]),
        ("?when=day&day=31.02", ["Выберите день с 23 ноября по 20 февраля"]),
        ("?when=day&day=0001-01-01", ["Выберите день"]),
        ("?when=day&day=9999-12-31", ["Выберите день"]),
    ],
)  # fmt: skip
def test_cab_10_each_moment_has_its_own_sums(when: str, said: list[str]) -> None:
    _, client = subscriber()
    response = client.get(f"{ORDER}{when}")
    text = cabinet.words(client, f"{ORDER}{when}")
    assert not [one for one in said if one not in text + response.content.decode()], text
    assert ("Выберите день" in said[-1]) == ('method="post" action="/tariffs/' not in response.content.decode())


def test_cab_10_is_done_in_two_presses_and_the_order_tells_of_it() -> None:
    line, client = subscriber()
    address = order(client)
    assert "Переходим на тариф «Малый»" in cabinet.words(client, address)
    assert "Через несколько минут — «Малый»" in cabinet.words(client, LIST)
    make.work(NOW)
    text = cabinet.words(client, address)
    for said in ("Теперь ваш тариф — «Малый»", "Списано 50,00 ₽", "600,00 ₽ в месяц, с 23 ноября", "К тарифам"):
        assert said in text, f"{said!r} not in {text}"
    assert own(line) == "new"
    assert "Перейти на тариф «Малый»" in cabinet.words(client, "/orders/")
    charge = charge_of(line)
    text = cabinet.words(client, f"/statement/charge/{charge}/")
    assert "Разовая цена перехода на этот тариф" in text
    assert "Смена тарифа" in cabinet.words(client, "/home/")
    assert client.get(ORDER)["Location"] == "/tariffs/new/"


def charge_of(line: Line) -> str:
    """Return the charge of the change itself."""
    return str(
        billing.rows("select id from billing_charge where rule = 'tariff-change' and line_id = %s", [line.id])[0][0]
    )


def test_cab_10_what_is_planned_stands_on_every_page_that_speaks_of_it_and_is_undone_with_one_press() -> None:
    line, client = subscriber()
    cabinet.queries_of(client)
    queries = cabinet.queries_of(client)
    address = order(client, "?when=next")
    assert "С 10 декабря начнёт действовать другой тариф." in cabinet.words(client, "/home/")
    assert "С 10 декабря будет плата по тарифу, который вы заказали." in cabinet.words(client, "/home/")
    assert "вместо этой платы будет списываться его плата" in cabinet.words(client, "/charges/")
    assert cabinet.queries_of(client) == queries, "the home page asks nothing more for it"
    assert "С 10 декабря — «Малый»" in cabinet.words(client, LIST)
    assert "Уже заказан другой тариф" in cabinet.words(client, "/tariffs/new/")
    assert "Уже заказан другой тариф" in cabinet.words(client, ORDER)
    page = client.get(LIST).content.decode()
    assert f'action="{address}undo/"' in page
    assert client.post(f"{address}undo/")["Location"] == address
    assert "Заказ отменён" in cabinet.words(client, address)
    for here in ("/home/", LIST, "/tariffs/new/"):
        assert "другой тариф" not in cabinet.words(client, here).replace("на другой тариф", "")
    assert own(line) == "old"


def test_cab_2_the_way_out_of_a_shortfall_is_exactly_what_is_missing() -> None:
    _, client = subscriber(21_999)
    page = client.get(ORDER).content.decode()
    assert 'href="/topup/?amount=0.01"' in page
    assert 'href="/promised/"' in page
    assert 'method="post" action="/tariffs/' not in page


@pytest.mark.parametrize(
    ("why", "said", "way"),
    [
        (Why.PERSONAL, "Ваш тариф сделан лично для вас", "/tariffs/"),
        (Why.PAID_WHOLE, "Плата за этот период внесена целиком", "/tariffs/new/order/?when=next"),
        (Why.BLOCKED, "Действует блокировка", "/tariffs/"),
    ],
)
def test_cab_10_each_refusal_is_said_with_its_way_out(why: Why, said: str, way: str) -> None:
    old = {
        Why.PERSONAL: lambda: tariff("mine", 30_000, personal=True),
        Why.PAID_WHOLE: lambda: tariff("whole", 30_000, WHOLE_MONTH),
    }.get(why, lambda: 0)()
    line, client = subscriber(old=old)
    if why is Why.BLOCKED:
        lines_models.Line.objects.filter(id=line.id).update(blocked_at=NOW, block_reason="lost")
    assert said in cabinet.words(client, ORDER)
    page = client.get(ORDER).content.decode()
    assert f'class="button" href="{way}"' in page
    assert 'method="post" action="/tariffs/' not in page


def test_cab_10_says_that_there_is_no_way_back_to_an_archived_tariff() -> None:
    _, client = subscriber()
    catalog.present(tariff_code="old", about={"ru": "", "en": ""}, sold_until=date(2026, 11, 1))
    assert "«Малый» больше не продаётся: вернуться на него будет нельзя" in cabinet.words(client, ORDER)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "x"}, {"line": "1"}, {"line": "x"}, {"version": "-1"}, {"version": str(2**70)}, {"total_minor": ""},
        {"effective_at": "tomorrow"}, {"effective_at": "2026-12-01T00:00:00"},
        {"effective_at": "2026-11-23T12:00:00+03:00"},
        {"effective_at": "9999-12-31T00:00:00+03:00"}, {"total_minor": "1"}, {"version": str(2**40)},
        {"total_minor": str(10**30)},
    ],
)  # fmt: skip
def test_cab_10_a_form_that_was_tampered_with_orders_nothing(wrong: dict[str, str]) -> None:
    _, client = subscriber()
    response = client.post(ORDER, fields(client) | wrong)
    assert response.status_code in (400, 409)
    assert 'role="alert"' in response.content.decode()
    assert not models.Order.objects.exists()


def test_cab_10_nobody_changes_the_tariff_of_another() -> None:
    _, client = subscriber()
    other = make_tariffs.line(tariff("old", 30_000), opened_at=NOW - timedelta(days=1))
    assert client.post(ORDER, fields(client) | {"line": str(other.id)}).status_code == 400
    address = order(client, "?when=next")
    stranger = identity.browser(other)
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}undo/").status_code == 404
    assert client.get("/tariffs/nothing/order/").status_code == 404
    assert client.put(ORDER).status_code == 405


def test_perf_the_pages_of_a_change_ask_the_database_no_more_than_that() -> None:
    _, client = subscriber()
    for address in (ORDER, f"{ORDER}?when=next", LIST):
        cabinet.queries_of(client, address)
        assert cabinet.queries_of(client, address) <= QUERIES_MAX, address
