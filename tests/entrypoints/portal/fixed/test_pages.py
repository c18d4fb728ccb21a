"""Pages of home internet and TV (FIX-1, FIX-2, FIX-3): home, equipment, cards activated anew, technicians."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.lines import models
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind as Bar
from abonent.domains.lines.equipment.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing.rules import Role
from abonent.domains.support import models as support
from abonent.domains.support.visits import actions as visits
from tests.factories import cabinet, fixed, identity, network, offers, sharing
from tests.factories.cabinet import queries_of, words
from tests.factories.fixed import AT, CARD, FIRST, SECOND
from tests.factories.network import Switch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch", "today")]

HOME, EQUIPMENT, ACTIVATION, AGAIN, VISITS, NEW = (
    "/home/", "/equipment/", "/activation/", "/activation/again/", "/visits/", "/visits/new/",
)  # fmt: skip
# Session and lines; then what the page tells of.
QUERIES_MAX = {HOME: 10, EQUIPMENT: 4, ACTIVATION: 6, VISITS: 4, NEW: 7}


@pytest.fixture
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def internet() -> tuple[Line, Client]:
    own = cabinet.line()
    line = fixed.line(of=own)
    fixed.place(line)
    fixed.hand_out(line, terms=fixed.RENTED)
    return line, fixed.browser(own, line)


def dish() -> tuple[Line, Client]:
    own = cabinet.line()
    line = fixed.satellite(of=own)
    return line, fixed.browser(own, line)


def test_fix_2_home_says_contract_speed_state_and_equipment_and_nothing_of_minutes() -> None:
    line, client = internet()
    text = words(client)
    for said in (
        "Моё подключение", "Работает", "до 100 Мбит/с", "ул. Звёздная, 3", "Роутер", "аренда, 99,00 ₽ в месяц",
        "Вызвать мастера", "Приостановить на время отъезда", "net-000001",
    ):  # fmt: skip
        assert said in text.replace("\xa0", " "), said
    assert "SMS" not in text
    assert "Звонки и SIM" not in text
    bars.impose(line_id=line.id, kind=Bar.UNPAID, by="clock", at=AT)
    assert "Плата не внесена" in words(client)


def test_fix_3_home_of_a_dish_leads_to_activation() -> None:
    _, client = dish()
    assert "Пропали каналы: активировать карту" in words(client)
    assert "90 каналов" in words(client).replace("\xa0", " ")


@pytest.mark.parametrize("address", QUERIES_MAX)
def test_pages_take_few_queries_however_much_there_is(address: str) -> None:
    own = cabinet.line()
    line = fixed.satellite(of=own) if address == ACTIVATION else fixed.line(of=own)
    fixed.place(line)
    client = fixed.browser(own, line)
    queries_of(client, address)
    before = queries_of(client, address)
    for number in range(3):
        fixed.hand_out(line, Kind.BOX, f"BOX0000{number}", fixed.IN_PARTS)
    assert queries_of(client, address) == before <= QUERIES_MAX[address]


def test_fix_2_equipment_says_whose_what_is_left_and_until_when() -> None:
    line, client = internet()
    fixed.hand_out(line, Kind.BOX, "OB4K00001", fixed.IN_PARTS)
    text = words(client, EQUIPMENT).replace("\xa0", " ")
    for said in (
        "наше, вы арендуете", "99,00 ₽ в месяц", "Принесите в салон", "ваше, в рассрочку", "1 000,00 ₽",
        "666,66 ₽, 2 платежа", "333,33 ₽ 30 ноября", "••••0001",
    ):  # fmt: skip
        assert said in text, f"{said!r} not in {text}"
    assert "OB4K00001" not in text


def test_fix_3_a_card_is_activated_anew_twice_an_hour_at_most() -> None:
    line, client = dish()
    assert "8800 0000 001" in words(client, ACTIVATION)
    form = {"line": str(line.id), "id": str(uuid4())}
    for _ in range(2):
        assert client.post(AGAIN, form)["Location"] == f"{ACTIVATION}?sent"
    assert "до 10 минут" in words(client, ACTIVATION).replace("\xa0", " ")
    assert "В течение 10 минут" not in words(client, ACTIVATION)
    refused = client.post(AGAIN, {"line": str(line.id), "id": str(uuid4())})
    assert refused.status_code == 409
    assert models.Activation.objects.count() == 1


@pytest.mark.parametrize(("form", "status"), [({}, 404), ({"line": "0", "id": str(uuid4())}, 404), ({"id": "x"}, 400)])
def test_fix_3_what_comes_incomplete_sends_nothing(form: dict[str, str], status: int) -> None:
    line, client = dish()
    if status == 400:
        form = form | {"line": str(line.id)}
    assert client.post(AGAIN, form).status_code == status
    assert not models.Activation.objects.exists()
    assert not models.ProvisioningCommand.objects.exists()


def book(client: Client, of: Line, **more: str) -> Any:
    form = {"key": str(uuid4()), "line": str(of.id), "text": "Нет интернета", "starts": FIRST.isoformat()} | more
    return client.post(NEW, form)


def test_fix_2_a_technician_is_booked_moved_and_called_off() -> None:
    line, client = internet()
    page = words(client, NEW)
    assert "ул. Звёздная, 3" in page
    assert "09:00–12:00" in page
    booked = book(client, line)
    assert booked.status_code == 302, booked.content.decode()
    address = booked["Location"].partition("?")[0]
    assert "Визит назначен" in words(client, f"{address}?booked")
    assert "24 ноября, 09:00–12:00" in words(client, VISITS).replace("\xa0", " ")
    assert "уже вызван" in words(client, NEW)
    assert client.post(f"{address}move/", {"starts": SECOND.isoformat()})["Location"] == f"{address}?moved"
    assert "12:00–15:00" in words(client, address)
    assert client.post(f"{address}cancel/")["Location"] == f"{address}?cancelled"
    assert support.Visit.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({"text": ""}, 200, "Напишите"),
        ({"starts": ""}, 200, "Выберите, когда приехать мастеру"),
        ({"starts": "2026-11-24"}, 200, "Выберите, когда приехать мастеру"),
        ({"starts": (FIRST + timedelta(hours=1)).isoformat()}, 409, "Последнее место"),
        ({"line": "0"}, 404, ""),
    ],
)
def test_fix_2_what_is_wrong_is_said_and_what_was_typed_stays(more: dict[str, str], status: int, said: str) -> None:
    line, client = internet()
    response = book(client, line, **{"text": "Мигает лампочка"} | more)
    assert response.status_code == status
    assert said in response.content.decode()
    if status != 404 and "text" not in more:
        assert "Мигает лампочка" in response.content.decode()
    assert not support.Visit.objects.exists()
    assert not support.Request.objects.exists()


def test_fix_2_too_late_and_anothers_visit() -> None:
    own = cabinet.line()
    client = identity.browser(own)
    line = fixed.line(of=own)
    fixed.place(line)
    visit_id = visits.book(wish=fixed.wish(line, account_of=own), at=AT)
    stranger = identity.browser(sharing.boris())
    for address in (f"/visits/{visit_id}/", f"/visits/{visit_id}/move/", f"/visits/{2**70}/"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/visits/{visit_id}/cancel/").status_code == 404
    with time_machine.travel(FIRST - timedelta(hours=1), tick=False):
        late = identity.browser(own)
        assert late.post(f"/visits/{visit_id}/cancel/").status_code == 409
        assert late.get(f"/visits/{visit_id}/move/").status_code == 409
        assert "Перенести или отменить можно" not in words(late, f"/visits/{visit_id}/")
    assert support.Visit.objects.get().state == "planned"
    assert client.get(f"/visits/{visit_id}/").status_code == 200


def test_cab_22_who_manages_a_shared_line_sees_equipment_and_no_address_and_no_visits() -> None:
    line, _ = internet()
    viewer = sharing.anna()
    sharing.shared(viewer, line, Role.FULL)
    client = identity.browser(viewer)
    client.post("/line/", {"line": str(line.id), "next": HOME})
    assert "Моё подключение" in words(client)
    assert "ул. Звёздная" not in words(client)
    assert "Роутер" in words(client, EQUIPMENT)
    assert "Вызвать мастера" not in words(client, EQUIPMENT)
    assert client.get(VISITS).status_code == client.get(NEW).status_code == 403


def test_fix_1_the_entry_menu_shows_what_one_owns_and_the_settings() -> None:
    _, client = dish()
    text = words(client, "/")
    assert "Спутниковое ТВ" in text
    assert "Настройки" in text
    assert CARD not in text
