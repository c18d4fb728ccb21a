"""Pages of services and orders: all of it before, done once, undone, explained, another's not there (CAB-11, CAB-2)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from abonent.domains.billing import products as money
from abonent.domains.billing.actions import charge_fees
from abonent.domains.lines import models as lines_models
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import fulfilment, models
from abonent.domains.orders.states import State
from abonent.foundation.clock import now
from tests.factories import cabinet, catalog, identity, lines, network, offers, promised
from tests.factories import orders as make
from tests.factories.network import Switch

pytestmark = pytest.mark.django_db
# Session and lines; then what the page tells of.
SHOP_QUERIES, SERVICE_QUERIES, HISTORY_QUERIES, ORDER_QUERIES = 10, 16, 4, 7


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


def subscriber(balance_minor: int = 50_000) -> tuple[Line, Client]:
    """Open a line that was opened a while ago, with that much money; return it and a browser signed in."""
    line = lines.line(tariff_version_id=catalog.of_the_demo("poputny"), opened_at=now() - timedelta(days=40))
    promised.pay(line, max(balance_minor, 1), at=now() - timedelta(days=1))
    if balance_minor < 1:
        promised.spend(line, 1 - balance_minor)
    return line, identity.browser(line)


def fields(client: Client, code: str, when: str = "") -> dict[str, str]:
    """Return the hidden fields of the question."""
    page = client.get(f"/services/{code}/{when}").content.decode()
    form = page[page.index(f'action="/services/{code}/"') :]
    names = "id|line|action|version|total_minor|effective_at"
    return dict(re.findall(rf'type="hidden" name="({names})" value="([^"]*)"', form))


def order(client: Client, code: str, when: str = "") -> str:
    """Order as a person does; return where the order is."""
    response = client.post(f"/services/{code}/", fields(client, code, when))
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def work() -> None:
    make.work(now())


def has(line: Line) -> set[str]:
    return {one.offer_code for one in products_queries.of_line(line.id)}


@pytest.mark.parametrize(
    "address", ["/services/", "/services/free/", "/orders/", "/orders/00000000-0000-4000-8000-000000000000/"]
)
def test_cab_11_sends_strangers_to_sign_in(address: str) -> None:
    assert Client().get(address)["Location"].startswith("/login/?next=")


def test_cab_11_lists_what_is_connected_and_what_is_sold_by_category() -> None:
    line, client = subscriber()
    address = order(client, "daily")
    text = cabinet.words(client, "/services/")
    assert "В работе Услуга Daily Будет готово за несколько минут" in text
    work()
    text = cabinet.words(client, "/services/")
    for said in ("Подключённые", "Услуга Daily Следующее списание: 3,50 ₽", "Звонки", "В поездках",
                 "Услуга Monthly Что даёт Monthly. 90,00 ₽ в месяц, подключение 30,00 ₽"):  # fmt: skip
        assert said in text, f"{said!r} not in {text}"
    for absent in ("Услуга Ended", "Услуга Northern", "Услуга Home"):
        assert absent not in text
    assert cabinet.words(client, address)
    assert has(line) == {"daily"}


def test_cab_2_says_all_before_and_connects_for_exactly_that() -> None:
    line, client = subscriber()
    text = cabinet.words(client, "/services/monthly/")
    total = int(fields(client, "monthly")["total_minor"])
    sums = f"{total // 100},{total % 100:02} ₽"
    for said in ("Подключить «Услуга Monthly»", f"К оплате сейчас {sums}", "Из них подключение, один раз 30,00 ₽",
                 "Из них плата за", "90,00 ₽ в месяц", "На балансе 500,00 ₽", "Баланс после", f"Подключить за {sums}",
                 "Начнёт работать через несколько минут", "Оставить как есть"):  # fmt: skip
        assert said in text, f"{said!r} not in {text}"
    assert not models.Order.objects.exists(), "looking orders nothing"
    address = order(client, "monthly")
    text = cabinet.words(client, address)
    for said in ("Подключаем «Услуга Monthly»", "Будет готово за несколько минут", "Отменить",
                 f"удержано, спишем, когда будет готово {sums}"):  # fmt: skip
        assert said.lower() in text.lower(), f"{said!r} not in {text}"
    work()
    text = cabinet.words(client, address)
    for said in ("Услуга «Услуга Monthly» подключена", f"Списано {sums}", "Попросили сеть включить", "Сеть сделала",
                 "Принят", "Ждёт", "Выполняется", "Выполнен"):  # fmt: skip
        assert said in text, f"{said!r} not in {text}"
    assert "Отменить" not in text
    assert money.available(line.contract_id) == 50_000 - total


def test_cab_11_the_page_looks_again_while_it_is_on_the_way_with_and_without_scripts() -> None:
    _, client = subscriber()
    address = order(client, "free")
    page = client.get(address).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="5">' in page
    assert 'data-waits="acknowledged"' in page
    work()
    page = client.get(address).content.decode()
    assert "http-equiv" not in page
    assert "data-waits" not in page


def test_cab_11_what_begins_with_the_next_period_is_undone_until_then() -> None:
    line, client = subscriber()
    text = cabinet.words(client, "/services/monthly/?when=next")
    assert "К оплате сейчас 120,00 ₽" in text
    address = order(client, "monthly", "?when=next")
    work()
    text = cabinet.words(client, address)
    assert "Вступит в силу" in text
    assert money.available(line.contract_id) == 38_000
    response = client.post(f"{address}undo/")
    assert response["Location"] == address
    text = cabinet.words(client, address)
    assert "Заказ отменён" in text
    assert "Ничего не изменилось и не списано" in text
    assert money.available(line.contract_id) == 50_000


def test_cab_11_too_late_to_undo_says_what_to_do(switch: Switch) -> None:
    _, client = subscriber()
    address = order(client, "free")
    work()
    response = client.post(f"{address}undo/")
    assert response["Location"] == f"{address}?late"
    assert "Отменить уже нельзя" in cabinet.words(client, response["Location"])
    assert "Услуга «Услуга Free» подключена" in cabinet.words(client, address)


def test_cab_11_disconnecting_says_what_comes_back() -> None:
    line, client = subscriber()
    order(client, "monthly")
    work()
    text = cabinet.words(client, "/services/monthly/")
    assert "Отключить «Услуга Monthly»" in text
    back = re.search(r"Вернём за оплаченные дни (\d+),(\d\d) ₽", text)
    before = money.available(line.contract_id)
    address = order(client, "monthly")
    work()
    charge_fees(until=now())
    assert "отключена" in cabinet.words(client, address)
    expected = int(back[1]) * 100 + int(back[2]) if back else 0
    assert money.available(line.contract_id) - before == expected
    assert has(line) == set()


def test_cab_2_too_little_money_leads_to_exactly_that_top_up_and_the_promise() -> None:
    line, client = subscriber(3_000)
    page = client.get("/services/once/").content.decode()
    assert "Для этой услуги не хватает 20,00" in page
    assert 'href="/topup/?amount=20.00"' in page
    assert 'href="/promised/"' in page
    assert '<form method="post" action="/services/' not in page
    response = client.post("/services/once/", fields_of(line, "once"))
    assert response.status_code == 409
    assert "Ничего не заказано" in response.content.decode()
    assert money.available(line.contract_id) == 3_000


def fields_of(line: Line, code: str, **changes: str) -> dict[str, str]:
    """Return the form as it would be, whatever the page shows now."""
    wish = make.wish(line, code, at=now())
    return {
        "id": str(wish.order_id), "line": str(line.id), "action": "connect", "version": str(wish.offer_version_id),
        "total_minor": str(wish.total_minor), "effective_at": "", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "before", "says", "way_out"),
    [
        ("quiet", ("loud",), "Не работает вместе с услугой «Услуга Loud»", "/services/loud/"),
        ("above", (), "Работает только вместе с услугой «Услуга Base»", "/services/base/"),
        ("base", ("base", "above"), "Без неё не работает услуга «Услуга Above»", "/services/above/"),
    ],
)
def test_cab_11_a_conflict_is_explained_and_leads_to_what_is_in_the_way(
    code: str, before: tuple[str, ...], says: str, way_out: str
) -> None:
    _, client = subscriber()
    for first in before:
        order(client, first)
        work()
    assert says in cabinet.words(client, f"/services/{code}/")
    assert f'href="{way_out}"' in client.get(f"/services/{code}/").content.decode()


def test_cab_11_reasons_without_a_way_are_told_as_well(settings: Any) -> None:
    line, client = subscriber()
    address = order(client, "free")
    assert f'href="{address}"' in client.get("/services/free/").content.decode()
    promised.blocked(line, now())
    assert "Действует блокировка" in cabinet.words(client, "/services/once/")
    settings.NETWORK = ""
    assert "Сейчас услуги здесь изменить нельзя" in cabinet.words(client, "/services/once/")


def test_cab_11_a_failed_order_says_that_nothing_was_charged(switch: Switch) -> None:
    line, client = subscriber()
    switch.refuses = True
    address = order(client, "once")
    work()
    text = cabinet.words(client, address)
    for said in ("подключить не удалось", "Ничего не списано", "Сеть отказала"):
        assert said in text, f"{said!r} not in {text}"
    assert money.available(line.contract_id) == 50_000


def test_cab_11_a_silent_network_is_told_of_in_human_words(switch: Switch) -> None:
    _, client = subscriber()
    switch.down = True
    address = order(client, "once")
    work()
    fulfilment.note_asked(order_id=models.Order.objects.get().id, at=now())
    network.sweep(now() + timedelta(minutes=1))
    text = cabinet.words(client, address)
    for said in ("Выполняется", "Просили 2 раза, всё об одном и том же", "Ответа ещё нет, спрашиваем дальше"):
        assert said in text, f"{said!r} not in {text}"
    assert "undo" not in client.get(address).content.decode()


def test_cab_11_a_form_sent_twice_and_the_back_button_order_once() -> None:
    line, client = subscriber()
    sent = fields(client, "once")
    addresses = {client.post("/services/once/", sent)["Location"] for _ in range(3)}
    assert addresses == {f"/orders/{sent['id']}/"}
    response = client.post("/services/free/", fields_of(line, "free") | {"id": sent["id"]})
    assert response.status_code == 409
    assert models.Order.objects.count() == 1


CHANGES: list[dict[str, str | None]] = [
    {"id": ""}, {"id": "x"}, {"line": "0"}, {"line": "a"}, {"action": "steal"}, {"action": None}, {"version": "x"},
    {"version": "-1"}, {"version": "9" * 5000}, {"version": "9" * 30}, {"total_minor": ""}, {"total_minor": "1,5"},
    {"effective_at": "tomorrow"}, {"effective_at": "2020-01-01T00:00:00+00:00"}, {"effective_at": "2026-01-01"},
    {"effective_at": "9999-12-31T23:59:59+00:00"}, {"action": "tariff", "total_minor": "0"},
    {"action": "block", "total_minor": "0"},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_cab_11_a_form_that_was_tampered_with_orders_nothing(change: dict[str, str | None]) -> None:
    line, client = subscriber()
    sent = {name: value for name, value in (fields_of(line, "once") | change).items() if value is not None}
    response = client.post("/services/once/", sent)
    assert response.status_code == 400
    assert "ничего не заказано" in response.content.decode()
    assert not models.Order.objects.exists()


@pytest.mark.parametrize("change", [{"total_minor": "0"}, {"total_minor": "-5000"}, {"version": "0"}])
def test_cab_2_another_price_than_the_one_in_force_is_shown_anew(change: dict[str, str]) -> None:
    line, client = subscriber()
    response = client.post("/services/once/", fields_of(line, "once", **change))
    assert response.status_code == 409
    assert "Цена с тех пор изменилась" in response.content.decode()
    assert money.available(line.contract_id) == 50_000


def test_cab_11_what_is_somebody_elses_is_not_there() -> None:
    line, client = subscriber()
    _, other = subscriber()
    address = order(client, "free")
    assert other.get(address).status_code == other.get(f"/orders/{uuid4()}/").status_code == 404
    assert other.post(f"{address}undo/").status_code == 404
    response = other.post("/services/once/", fields_of(line, "once"))
    assert response.status_code == 400, "another's line"
    assert make.state(models.Order.objects.get().id) is State.ACKNOWLEDGED
    assert "Подключить" not in cabinet.words(other, "/orders/")


@pytest.mark.parametrize("code", ["ended", "home", "no-such", "x" * 200])
def test_cab_11_what_is_not_sold_for_the_line_is_not_there(code: str) -> None:
    _, client = subscriber()
    assert client.get(f"/services/{code}/").status_code == 404


def test_cab_11_orders_are_filtered_by_state() -> None:
    _, client = subscriber()
    order(client, "free")
    work()
    order(client, "once")
    assert "Подключить «Услуга Free»" in cabinet.words(client, "/orders/?state=completed")
    assert "Подключить «Услуга Once»" not in cabinet.words(client, "/orders/?state=completed")
    assert "Таких заказов сейчас нет" in cabinet.words(client, "/orders/?state=in+progress")
    for wrong in ("nonsense", "<b>", "\0", "completed\n"):
        assert client.get("/orders/", {"state": wrong}).status_code == 200
    assert "Вы ещё ничего не заказывали" in cabinet.words(subscriber()[1], "/orders/")


def test_cab_11_the_statement_home_and_reason_name_the_service() -> None:
    _, client = subscriber()
    order(client, "monthly")
    work()
    assert "Услуга Услуга Monthly" in cabinet.words(client)
    text = cabinet.words(client, "/statement/")
    assert "Услуга Услуга Monthly" in text
    reasons = set(re.findall(r'href="(/statement/charge/[^"]+)"', client.get("/statement/").content.decode()))
    assert len(reasons) == 2
    told = " ".join(cabinet.words(client, reason) for reason in reasons)
    for said in ("Цена подключения, один раз", "Услуга Услуга Monthly", "90,00 ₽ в месяц"):
        assert said in told, f"{said!r} not in {told}"
    assert "Услуга «Услуга Monthly»" in cabinet.words(client, "/charges/")
    assert "Услуги 2" in cabinet.words(client, "/expenses/")


def test_perf_the_queries_do_not_grow() -> None:
    _, client = subscriber(900_000)
    order(client, "free")
    work()
    pages = ("/services/", "/services/monthly/", "/orders/")
    few = [cabinet.queries_of(client, page) for page in pages]
    for code in ("daily", "once", "base", "above", "loud", "paper"):
        order(client, code)
        work()
    many = [cabinet.queries_of(client, page) for page in pages]
    assert few[2] == many[2] <= HISTORY_QUERIES
    assert many[0] <= SHOP_QUERIES
    assert many[1] <= SERVICE_QUERIES
    last = models.Order.objects.latest("placed_at")
    assert cabinet.queries_of(client, f"/orders/{last.id}/") <= ORDER_QUERIES


def test_cab_11_speaks_english_in_all_its_states(switch: Switch) -> None:
    _, client = subscriber()
    client.cookies["language"] = "en"
    names = re.compile("Русский|Орбита|Анна|Орлова")

    def check(*pages: str) -> None:
        for page in pages:
            text = names.sub("", cabinet.words(client, page))
            assert not re.search("[А-Яа-яЁё]", text), (page, text)

    check("/services/", "/services/monthly/", "/services/monthly/?when=next", "/services/above/", "/orders/")
    later, done = order(client, "monthly", "?when=next"), order(client, "loud")
    check(later, done, "/services/", "/services/quiet/", "/services/loud/")
    work()
    client.post(f"{later}undo/")
    switch.refuses = True
    failed = order(client, "once")
    work()
    check(later, done, failed, f"{done}?late", "/services/", "/services/loud/", "/orders/", "/orders/?state=failed")


def test_cab_11_each_line_has_its_own() -> None:
    line, client = subscriber()
    child = cabinet.another(line, "+79001112233", "poputny")
    order(client, "free")
    work()
    client.post("/line/", {"line": child.id})
    assert "Кроме тарифа ничего не подключено" in cabinet.words(client, "/services/")
    assert "+7 900 111-22-33" not in cabinet.words(client, "/orders/").split("Подключить")[-1]
    assert lines_models.Product.objects.get().line_id == line.id
