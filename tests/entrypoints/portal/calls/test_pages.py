"""The pages of calls: forwarding told before it is confirmed, the stop, the PUK, settings (CAB-14, ID-18, CAB-2)."""

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
from abonent.domains.lines import models, sims
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.orders.models import ForwardingChange
from tests.factories import cabinet, network, offers, security, sharing
from tests.factories import forwarding as make
from tests.factories.network import Switch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch", "today")]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CALLS, FORM, CONFIRM, REMOVE, PUK, INTERNET = (
    "/calls/",
    "/calls/forward/busy/",
    "/calls/forward/busy/confirm/",
    "/calls/forward/busy/remove/",
    "/calls/puk/",
    "/calls/internet/",
)
# Session and lines; then what the page tells of.
QUERIES_MAX = 12
CODE = "04281975"


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def switch(settings: Any) -> Switch:
    offers.load(offers.offer("roaming", category="travel"))
    return network.open_network(settings)


def subscriber() -> tuple[Line, Client]:
    line = cabinet.line()
    since = NOW - timedelta(days=400)
    models.Sim.objects.create(line_id=line.id, imsi="250990000000042", since=since, puk=sims.sealed(CODE))
    return line, security.browser(line)


def fields(client: Client, number: str = make.TARGET) -> dict[str, str]:
    """Return the hidden fields of the question."""
    page = client.get(CONFIRM, {"number": number}).content.decode()
    form = page[page.index(f'method="post" action="{CONFIRM}"') :]
    return dict(re.findall(r'type="hidden" name="(id|line|number)" value="([^"]*)"', form))


def assert_says(text: str, *said: str) -> None:
    assert not [one for one in said if one not in text], text[-1500:]


def test_cab_14_sends_strangers_to_sign_in_and_who_has_no_fresh_proof_to_one() -> None:
    line, _ = subscriber()
    stop = f"/calls/stop/{uuid4()}/"
    for address in (CALLS, FORM, CONFIRM, PUK):
        assert Client().get(address)["Location"].startswith("/login/?next=")
    for address in (CONFIRM, REMOVE, PUK, INTERNET, stop):
        assert Client().post(address, {"line": f"{line.id}"})["Location"].startswith("/login/?next=")
    unproven = security.browser(line, by=None)
    assert unproven.get(FORM).status_code == 200
    for address in (f"{CONFIRM}?number=89161234567", PUK):
        assert unproven.get(address)["Location"].startswith("/login/confirm/?next=%2Fcalls%2F")
        assert unproven.post(address, {"line": f"{line.id}"})["Location"].startswith("/login/confirm/")
    assert not ForwardingChange.objects.exists()


def test_cab_14_says_everything_before_the_confirm_waits_and_is_stopped_with_a_press(switch: Switch) -> None:
    line, client = subscriber()
    assert 'href="/calls/"' in client.get("/home/").content.decode()
    assert_says(
        cabinet.words(client, CALLS), "Все звонки", "Когда занято", "Звонки приходят на ваш телефон", "Моя SIM", "0042",
        "Точка доступа (APN)", "Услуга Roaming", "Журнал звонков",
    )  # fmt: skip
    where = client.get(FORM, {"number": "8 (916) 123-45-67"})["Location"]
    assert where.startswith(f"{CONFIRM}?number=%2B79161234567")
    assert_says(
        cabinet.words(client, where), "Когда занято", "+7 916 123-45-67", "через 10 минут", "Сама переадресация",
        "из пакета минут, сверх него", "коды из SMS ничего не подтверждают", "ни разу не звонили",
    )  # fmt: skip
    sent = fields(client)
    assert client.post(CONFIRM, sent)["Location"] == f"{CALLS}?waits"
    assert client.post(CONFIRM, sent)["Location"] == f"{CALLS}?waits", "sent twice, it is one"
    change = ForwardingChange.objects.get()
    assert_says(cabinet.words(client, f"{CALLS}?waits"), "начнётся в 12:10", "Пойдут на +7 916 123-45-67", "Остановить")
    assert client.get(FORM).status_code == 409
    # It holds for whoever has only the session, even while the cabinet is protected.
    freezing.freeze(account_id=security.account_of(client).pk, event_id=None, at=NOW)
    careful = security.browser(line, by=None, mark="b")
    assert careful.post(f"/calls/stop/{uuid4()}/").status_code == 404
    assert careful.post(f"/calls/stop/{change.id}/")["Location"] == f"{CALLS}?stopped"
    make.work(NOW + timedelta(minutes=11))
    assert switch.on == {}
    assert_says(cabinet.words(careful, f"{CALLS}?stopped"), "Остановлено", "Звонки приходят на ваш телефон")


def test_id_18_calls_are_led_back_while_the_cabinet_is_protected_and_sent_nowhere_else(switch: Switch) -> None:
    line, client = subscriber()
    make.called(line, at=NOW)
    sent = fields(client)
    client.post(CONFIRM, sent)
    make.work(NOW)
    freezing.freeze(account_id=security.account_of(client).pk, event_id=None, at=NOW)
    owner = security.browser(line, mark="b")
    form = {"line": f"{line.id}", "id": f"{uuid4()}"}
    assert owner.post(REMOVE, form)["Location"] == f"{CALLS}?asked", "whoever set it hears the codes of banks"
    make.work(NOW)
    assert switch.on[line.number] == set()
    again = sent | {"id": f"{uuid4()}"}
    assert owner.post(CONFIRM, again)["Location"] == "/security/protected/"
    assert ForwardingChange.objects.count() == 2


def test_cab_14_a_number_called_before_is_on_at_once_and_removed_without_a_proof(switch: Switch) -> None:
    line, client = subscriber()
    make.called(line, at=NOW)
    sent = fields(client)
    assert "через несколько минут" in cabinet.words(client, f"{CONFIRM}?number=89161234567")
    assert client.post(CONFIRM, sent)["Location"] == f"{CALLS}?asked"
    make.work(NOW)
    assert switch.on[line.number] == {f"forward-busy:{make.TARGET}"}
    page = client.get(CALLS).content.decode()
    assert_says(cabinet.words(client, CALLS), "На +7 916 123-45-67 с 22 ноября", "Последний раз использовалась")
    assert f'action="{REMOVE}"' in page
    unproven = security.browser(line, by=None, mark="b")
    form = {"line": f"{line.id}", "id": f"{uuid4()}"}
    assert unproven.post(REMOVE, form | {"line": "1000000"}).status_code == 404
    assert unproven.post(REMOVE, form | {"id": "x"}).status_code == 400
    for _ in range(2):
        assert unproven.post(REMOVE, form)["Location"] == f"{CALLS}?asked", "sent twice, it is one"
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        make.work(NOW + timedelta(minutes=1))
    assert (switch.on[line.number], make.goes_to(line)) == (set(), {})
    assert unproven.post(REMOVE, form | {"id": f"{uuid4()}"}).status_code == 409


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Введите номер, на который переадресовать"),
        ("мама", "без букв"),
        ("112", "На короткие номера"),
        ("0890", "На короткие номера"),
        ("9161234", "Такого номера не бывает"),
        ("+7916123456789", "Такого номера не бывает"),
        ("+79000000001", "тот же самый номер"),
        ("+77011234567", "В другие страны"),
        ("+375291234567", "В другие страны"),
        ("+442071234567", "В другие страны"),
        ("8 809 123-45-67", "На платные, бесплатные"),
        ("8 800 123-45-67", "На платные, бесплатные"),
        ("9" * 100, "лишние цифры"),
    ],
)
def test_cab_14_a_wrong_number_is_said_at_its_field_and_what_was_typed_stays(typed: str, said: str) -> None:
    _, client = subscriber()
    for address in (FORM, CONFIRM):
        page = client.get(address, {"number": typed}).content.decode()
        assert_says(page.replace("\N{NO-BREAK SPACE}", " "), said, "Ошибка: ", f'value="{typed[:80]}"', "aria-invalid")
    assert not ForwardingChange.objects.exists()


def test_cab_14_broken_forms_and_things_of_others_change_nothing() -> None:
    line, client = subscriber()
    stranger = sharing.boris()
    change = make.ask(stranger, at=NOW)
    sent = fields(client)
    assert client.post(f"/calls/stop/{change.id}/").status_code == 404
    assert client.get("/calls/forward/never/").status_code == 404
    for broken in ({"line": f"{stranger.id}"}, {"line": ""}, {"line": "x"}):
        for address in (CONFIRM, REMOVE, PUK, INTERNET):
            assert client.post(address, sent | broken).status_code == 404, (address, broken)
    for broken in ({"id": "x"}, {"id": ""}, {"number": ""}, {"number": "9" * 5000}):
        assert client.post(CONFIRM, sent | broken).status_code == 400, broken
    assert client.post(CONFIRM, sent | {"id": f"{change.id}"}).status_code == 409
    assert client.post(CONFIRM, sent | {"number": "+77011234567"}).status_code == 409
    bars.impose(line_id=line.id, kind=Kind.UNPAID, by="clock", at=NOW)
    assert client.post(CONFIRM, sent).status_code == 409
    assert "Номер заблокирован" in client.get(FORM).content.decode()
    bars.lift(line_id=line.id, kind=Kind.UNPAID, by="clock", at=NOW)
    freezing.freeze(account_id=security.account_of(client).pk, event_id=None, at=NOW)
    assert security.browser(line, mark="b").post(CONFIRM, sent)["Location"] == "/security/protected/"
    assert not ForwardingChange.objects.filter(line_id=line.id).exists()


def test_cab_15_calls_of_a_shared_line_are_its_owner_s_alone() -> None:
    line, client = subscriber()
    shared = sharing.boris()
    sharing.shared(line, shared)
    client.post("/line/", {"line": f"{shared.id}", "next": "/home/"})
    for address in (CALLS, FORM, CONFIRM, PUK):
        assert client.get(address).status_code == 403
    for address in (CONFIRM, REMOVE, PUK, INTERNET):
        assert client.post(address, {"line": f"{shared.id}"}).status_code == 403


def test_cab_14_the_puk_is_shown_once_for_a_proof_and_for_an_unknown_one_there_is_a_shop() -> None:
    line, client = subscriber()
    asked = client.get(PUK).content.decode()
    assert CODE not in asked
    response = client.post(PUK, {"line": f"{line.id}"})
    assert CODE in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    for again in (client.get(PUK), client.post(PUK, {"line": f"{line.id}"})):
        assert again["Location"].startswith("/login/confirm/"), "the proof is used up"
    assert CODE not in client.get(CALLS).content.decode()
    assert "Показан код PUK" in cabinet.words(client, "/security/changes/")
    models.Sim.objects.update(puk="")
    proven = security.browser(line, mark="b")
    assert_says(proven.post(PUK, {"line": f"{line.id}"}).content.decode(), "не известен", "/help/shops/")


def test_cab_14_settings_are_sent_three_times_a_day_and_a_home_line_has_no_calls() -> None:
    line, client = subscriber()
    answers = [client.post(INTERNET, {"line": f"{line.id}"})["Location"] for _ in range(4)]
    assert answers == [f"{CALLS}?sent"] * 3 + [f"{CALLS}?enough"]
    assert_says(cabinet.words(client, f"{CALLS}?enough"), "уже отправили три раза")
    home = cabinet.another(line, "home-77", "dom-100", "internet")
    client.post("/line/", {"line": f"{home.id}", "next": "/home/"})
    assert "только у мобильных номеров" in cabinet.words(client, CALLS)
    assert client.post(INTERNET, {"line": f"{home.id}"}).status_code == 404
    assert client.get(PUK)["Location"] == CALLS
    assert client.get(FORM).status_code == 409


def test_cab_14_asks_for_few_queries() -> None:
    line, client = subscriber()
    for condition in ("all", "busy", "no answer", "unreachable"):
        make.called(line, at=NOW)
        make.ask(line, condition=condition, at=NOW)
    make.work(NOW)
    assert cabinet.queries_of(client, CALLS) <= QUERIES_MAX
    assert cabinet.queries_of(client, f"{CONFIRM}?number=84951234567") <= QUERIES_MAX
    assert cabinet.queries_of(client, PUK) <= 4
