"""The pages of another SIM and another number: all is said before, one proof each, nothing on bad input (CAB-16)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.identity import freezing
from abonent.domains.lines import models
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.ports import Fetched
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing.rules import Role
from abonent.domains.orders import models as tables
from tests.factories import cabinet, factors, network, offers, promised, security, sharing
from tests.factories import numbers as make
from tests.factories import orders as work_orders
from tests.factories.network import Switch
from tests.factories.numbers import CARD, GOLD, PLAIN, SHOP, SILVER, Server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch", "today")]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SIMS, ESIM, BY_CARD, BY_SHOP = "/sim/", "/sim/esim/", "/sim/card/", "/sim/shop/"
NUMBERS, HOLD, CONFIRM = "/number/", "/number/hold/", "/number/confirm/"
QUERIES_MAX = 13


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def switch(settings: Any) -> Switch:
    offers.load()
    make.rules()
    return network.open_network(settings)


@pytest.fixture(autouse=True)
def server(settings: Any, switch: Switch) -> Server:
    return make.open_server(settings)


def subscriber(amount_minor: int = 50_000) -> tuple[Line, Client]:
    line = cabinet.line()
    promised.pay(line, amount_minor, at=NOW - timedelta(days=1))
    models.Sim.objects.create(line_id=line.id, imsi="250990000000042", since=NOW - timedelta(days=400))
    return line, security.browser(line)


def fields(client: Client, address: str) -> dict[str, str]:
    """Return the hidden fields of the question."""
    page = client.get(address).content.decode()
    form = page[page.index('name="id"') - 100 :]
    return dict(re.findall(r'type="hidden" name="(id|line|rules|total_minor|number|iccid|shop)" value="([^"]*)"', form))


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def assert_says(said: str, *wanted: str) -> None:
    said = re.sub(r"\s+", " ", said)
    assert not [one for one in wanted if one not in said], said[-2500:]


def test_cab_16_sends_strangers_to_sign_in_and_who_has_no_fresh_proof_to_one() -> None:
    line, _ = subscriber()
    for address in (SIMS, ESIM, NUMBERS, CONFIRM, f"/sim/code/{uuid4()}/"):
        assert Client().get(address)["Location"].startswith("/login/?next=")
    unproven = security.browser(line, by=None)
    for address in (SIMS, NUMBERS):
        assert unproven.get(address).status_code == 200
    for address in (ESIM, BY_CARD, CONFIRM, f"/sim/code/{uuid4()}/"):
        assert unproven.get(address)["Location"].startswith("/login/confirm/?next=")
        assert unproven.post(address, {"line": f"{line.id}"})["Location"].startswith("/login/confirm/")
    assert not tables.Order.objects.exists()


def test_cab_16_an_esim_is_ordered_with_its_price_first_and_its_code_shown_once_for_a_proof(server: Server) -> None:
    line, client = subscriber()
    assert 'href="/sim/"' in client.get("/calls/").content.decode()
    assert_says(cabinet.words(client, SIMS), "0042", "eSIM в телефоне", "99,00 ₽", "бесплатно", "Заблокировать номер")
    assert_says(
        cabinet.words(client, ESIM), "99,00 ₽", "Старая SIM работает, пока", "коды из SMS",
        "Баланс", "Заказать eSIM за 99,00 ₽",
    )  # fmt: skip
    sent = fields(client, ESIM)
    where = client.post(ESIM, sent)["Location"]
    assert client.post(ESIM, sent)["Location"] == where, "sent twice, it is one"
    assert_says(cabinet.words(client, where), "Готовим код", "eSIM для вашего номера", "Отменить")
    make.work(NOW)
    page = client.get(where).content.decode()
    order_id = tables.Order.objects.get().id
    code_page = f"/sim/code/{order_id}/"
    assert code_page in page
    assert "SECRET0" not in page + client.get(code_page).content.decode()
    shown = client.post(code_page)
    assert_says(shown.content.decode(), "LPA:1$smdp.test$SECRET0", "<svg", "carddata=LPA%3A1%24smdp.test%24SECRET0")
    assert "no-store" in shown["Cache-Control"]
    for again in (client.get(code_page), client.post(code_page)):
        assert again["Location"].startswith("/login/confirm/"), "the proof is used up"
    assert_says(cabinet.words(client, "/security/changes/"), "Показан код eSIM", "Заказана замена SIM")
    server.states[order_id] = Fetched.INSTALLED
    make.work(NOW)
    assert_says(cabinet.words(client, where), "Новая SIM работает", "99,00 ₽", "Старая SIM больше не работает")
    assert code_page not in client.get(where).content.decode()
    assert_says(text(security.browser(line, mark="b").post(code_page)), "Показать нечего")


def test_cab_16_a_code_of_another_s_order_is_not_there(server: Server) -> None:
    _, client = subscriber()
    stranger = sharing.boris()
    promised.pay(stranger, 50_000, at=NOW - timedelta(days=1))
    order_id = make.order_sim(stranger, at=NOW)
    make.work(NOW)
    for asked in (order_id, uuid4()):
        assert client.get(f"/sim/code/{asked}/").status_code == 404
        assert client.post(f"/sim/code/{asked}/").status_code == 404


def test_cab_16_a_card_is_checked_digit_by_digit_and_what_was_typed_stays(switch: Switch) -> None:
    line, client = subscriber()
    for typed, said in (
        ("", "Введите все 19 или 20 цифр"),
        ("мама", "Введите все 19 или 20 цифр"),
        (CARD[:-1] + f"{(int(CARD[-1]) + 1) % 10}", "Введите все 19 или 20 цифр"),
        (make.iccid(899990100000000777), "не наша пустая карта"),
    ):
        answer = client.get(BY_CARD, {"iccid": typed})
        assert answer.status_code == 422
        assert_says(answer.content.decode(), said, "Ошибка: ", f'value="{typed}"', "aria-invalid")
    spaced = " ".join(CARD[at : at + 4] for at in range(0, len(CARD), 4))
    sent = fields(client, f"{BY_CARD}?iccid={spaced}")
    assert sent["iccid"] == CARD
    where = client.post(BY_CARD, sent)["Location"]
    work_orders.work(NOW)
    assert_says(cabinet.words(client, where), "Новая SIM работает")
    assert models.Sim.objects.get(line_id=line.id, until=None).imsi == make.CARD_IMSI


def test_id_18_a_card_in_hand_asks_for_the_second_factor_where_there_is_one() -> None:
    line, client = subscriber()
    sent = fields(client, f"{BY_CARD}?iccid={CARD}")
    factors.with_totp(make.account(line))
    for answer in (client.get(BY_CARD), client.post(BY_CARD, sent)):
        assert answer["Location"].endswith("&factor=1"), "a code by SMS is what is being taken over"
    assert not tables.Order.objects.exists()
    assert client.get(f"/sim/shop/?shop={SHOP}").status_code == 200, "there staff look at the document"


def test_cab_16_a_card_waits_in_the_shop_that_was_chosen() -> None:
    _, client = subscriber()
    assert_says(client.get(BY_SHOP).content.decode(), "Улица, 1", "/help/shops/")
    for wrong in ("", "no such"):
        answer = client.get(BY_SHOP, {"shop": wrong})
        assert answer.status_code == 422
        assert_says(answer.content.decode(), "Выберите салон")
    sent = fields(client, f"{BY_SHOP}?shop={SHOP}")
    where = client.post(BY_SHOP, sent)["Location"]
    work_orders.work(NOW)
    assert_says(cabinet.words(client, where), "SIM ждёт в салоне", "с паспортом до 29 ноября", "Улица, 1", "150,00 ₽")
    assert_says(cabinet.words(client, SIMS), "уже выполняется", "Посмотреть заказ")
    client.post(f"{where}undo/")
    assert_says(cabinet.words(client, where), "Заказ отменён")


def test_id_18_a_lost_phone_asks_for_a_proof_since_and_a_protected_cabinet_orders_nothing() -> None:
    line, client = subscriber()
    bars.report_lost(line_id=line.id, by="self", at=NOW + timedelta(minutes=1))
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        assert client.get(ESIM)["Location"] == ESIM
        assert client.get(ESIM)["Location"].startswith("/login/confirm/"), "the proof of before counts no more"
        assert security.browser(line, mark="b").get(ESIM).status_code == 200
        sent = fields(security.browser(line, mark="c"), ESIM)
        freezing.freeze(account_id=security.account_of(client).pk, event_id=None, at=NOW)
        assert security.browser(line, mark="d").post(ESIM, sent)["Location"] == "/security/protected/"
    assert not tables.Order.objects.exists()


def test_cab_2_too_little_money_is_said_with_the_sum_that_is_missing() -> None:
    line, client = subscriber(5_000)
    said = client.get(ESIM).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert_says(said, "не хватает 49,00 ₽", "/topup/?amount=49")
    client.post(HOLD, {"number": PLAIN, "line": f"{line.id}"})
    said = client.get(f"{CONFIRM}?number=%2B{PLAIN[1:]}").content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert_says(said, "не хватает 50,00 ₽", "/topup/?amount=50")


def test_cab_16_a_number_is_chosen_held_confirmed_and_changed(switch: Switch) -> None:
    line, client = subscriber()
    old = line.number
    assert_says(cabinet.words(client, NUMBERS), "+7 900 700-18-52", "Золотой", "5 000,00 ₽", "Среда", "15 минут")
    assert_says(cabinet.words(client, f"{NUMBERS}?digits=33-44&at=end"), "+7 900 700-33-44", "Серебряный")
    assert_says(cabinet.words(client, f"{NUMBERS}?digits=9999"), "Свободных номеров с такими цифрами нет")
    for wrong in ("семь", "12345678"):
        answer = client.get(NUMBERS, {"digits": wrong})
        assert answer.status_code == 422
        assert_says(answer.content.decode(), "Введите до 7 цифр", f'value="{wrong}"', "Ошибка: ")
    where = client.post(HOLD, {"number": SILVER, "line": f"{line.id}"})["Location"]
    assert where == f"{CONFIRM}?number=%2B{SILVER[1:]}"
    assert_says(
        cabinet.words(client, where), "200,00 ₽", "+7 900 700-33-44", "Вместо", "в 12:10", "до 12:15",
        "по старому не получится", "30 дней", "Предупредите банки", "Сменить номер за 200,00 ₽",
    )  # fmt: skip
    assert_says(cabinet.words(client, NUMBERS), "отложен для вас до 12:15")
    sent = fields(client, where)
    placed = client.post(CONFIRM, sent)["Location"]
    assert client.post(CONFIRM, sent)["Location"] == placed, "sent twice, it is one"
    assert_says(cabinet.words(client, placed), "Меняем номер на +7 900 700-33-44", "в 12:10", "Отменить")
    later = NOW + timedelta(minutes=10)
    with time_machine.travel(later, tick=False):
        work_orders.work(later)
        assert_says(cabinet.words(client, placed), "Теперь ваш номер — +7 900 700-33-44", "22 декабря", "Старый номер")
        assert_says(cabinet.words(client, "/home/"), "+7 900 700-33-44")
        assert_says(cabinet.words(client, NUMBERS), "хранится для вас")
        assert_says(cabinet.words(client, "/security/changes/"), "Номер сменён", "Заказана смена номера")
    assert models.Line.objects.get(id=line.id).number == SILVER != old


def test_cab_16_a_number_that_another_chose_and_broken_forms_change_nothing() -> None:
    line, client = subscriber()
    stranger = sharing.boris()
    make.kept.hold(number=GOLD, line_id=stranger.id, until=NOW + timedelta(minutes=5), at=NOW)
    answer = client.post(HOLD, {"number": GOLD, "line": f"{line.id}"})
    assert answer.status_code == 409
    assert_says(answer.content.decode(), "только что выбрал кто-то другой", "Ошибка: ")
    for number in ("", "x" * 5000, "+79000000001", "\0"):
        assert client.post(HOLD, {"number": number, "line": f"{line.id}"}).status_code == 409
    assert client.post(HOLD, {"number": PLAIN, "line": f"{stranger.id}"}).status_code == 404
    assert client.get(CONFIRM, {"number": PLAIN}).status_code == 409, "it was not held"
    client.post(HOLD, {"number": PLAIN, "line": f"{line.id}"})
    sent = fields(client, f"{CONFIRM}?number=%2B{PLAIN[1:]}")
    for broken, status in (
        ({"id": "x"}, 400), ({"rules": ""}, 400), ({"total_minor": "1e9"}, 400), ({"total_minor": "1"}, 409),
        ({"number": GOLD}, 409), ({"line": f"{stranger.id}"}, 404),
    ):  # fmt: skip
        assert client.post(CONFIRM, sent | broken).status_code == status, broken
    esim = fields(client, ESIM)
    for broken, status in (
        ({"id": "x"}, 400), ({"rules": "9" * 30}, 409), ({"total_minor": "0"}, 409), ({"line": f"{stranger.id}"}, 400),
    ):  # fmt: skip
        assert client.post(ESIM, esim | broken).status_code == status, broken
    assert client.get("/sim/never/").status_code == 404
    assert not tables.Order.objects.exists()


@pytest.mark.parametrize("role", [Role.FULL, Role.CHILD])
def test_cab_15_orders_that_change_a_shared_line_itself_are_not_there_for_who_manages_it(role: Role) -> None:
    line, client = subscriber()
    shared = sharing.boris()
    promised.pay(shared, 100_000, at=NOW - timedelta(days=1))
    sharing.shared(line, shared, role)
    own = [make.order_sim(shared, at=NOW), work_orders.place(shared, "once", at=NOW)]
    client.post("/line/", {"line": f"{shared.id}", "next": "/home/"})
    listed = client.get("/orders/").content.decode()
    assert [f"/orders/{one}/" in listed for one in own] == [False, True]
    for send, address in ((client.get, ""), (client.post, "undo/")):
        assert send(f"/orders/{own[0]}/{address}").status_code == 404
        assert send(f"/orders/{own[1]}/{address}").status_code in (200, 302)
    states = dict(tables.Order.objects.values_list("id", "state"))
    assert [states[one] for one in own] == ["acknowledged", "cancelled"]
    owner = security.browser(shared)
    assert owner.get(f"/orders/{own[0]}/").status_code == 200
    owner.post(f"/orders/{own[0]}/undo/")
    assert tables.Order.objects.get(id=own[0]).state == "cancelled"


def test_cab_15_sim_and_number_of_a_shared_line_are_its_owner_s_alone() -> None:
    line, client = subscriber()
    shared = sharing.boris()
    sharing.shared(line, shared)
    client.post("/line/", {"line": f"{shared.id}", "next": "/home/"})
    for address in (SIMS, ESIM, NUMBERS, CONFIRM):
        assert client.get(address).status_code == 403
    assert client.post(HOLD, {"number": PLAIN, "line": f"{shared.id}"}).status_code == 403


def test_cab_16_a_home_line_has_neither() -> None:
    line, client = subscriber()
    home = cabinet.another(line, "home-77", "dom-100", "internet")
    client.post("/line/", {"line": f"{home.id}", "next": "/home/"})
    for address in (SIMS, NUMBERS, ESIM):
        assert "SIM есть только у мобильных" in cabinet.words(client, address)
    assert client.get(CONFIRM)["Location"] == NUMBERS


def test_cab_16_asks_for_few_queries() -> None:
    line, client = subscriber()
    make.kept.add(numbers=[f"+790070100{place:02}" for place in range(40)], region="sreda")
    client.post(HOLD, {"number": PLAIN, "line": f"{line.id}"})
    for address in (SIMS, ESIM, BY_SHOP, f"{BY_CARD}?iccid={CARD}", NUMBERS, f"{CONFIRM}?number=%2B{PLAIN[1:]}"):
        assert cabinet.queries_of(client, address) <= QUERIES_MAX, address
