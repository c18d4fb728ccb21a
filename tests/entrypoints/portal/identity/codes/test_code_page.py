"""The page of a code that does not come: what it offers, in order, and to whom it says how far the message came."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from abonent.domains.identity import models, queries
from abonent.domains.identity.policy import CLASSIC
from abonent.domains.lines.models import Forwarding
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.codes.typing import lift_sends, page
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


def asked(client: Client, number: str = NUMBER) -> str:
    client.get("/login/")
    client.post("/login/", {"number": number})
    return page(client, "/login/code/")


def call(client: Client):  # type: ignore[no-untyped-def]
    lift_sends()
    return client.post("/login/code/again/", {"channel": "voice"})


def test_id_9_the_ways_stand_in_order() -> None:
    said = asked(Client())
    order = [
        "Новый код можно запросить через",
        "Проверьте номер",
        "Попросите позвонить",
        "Отправьте ПАРОЛЬ на 3339",
        "Войти по электронной почте",
        "в приложении",
        "Позвоните на 0890",
        "в салоне",
    ]
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert "25 и свой пароль" not in said


def test_the_classic_profile_says_four_digits_and_the_own_password_by_sms(settings) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    lines.line(number=NUMBER)
    client = Client()
    said = asked(client)
    assert "Код из 4 цифр" in said
    assert "Или отправьте 25 и свой пароль на 111" in said
    assert 'href="sms:111?&amp;body=25%20"' in client.get("/login/code/").content.decode()
    wrong = client.post("/login/code/", {"code": "123456"}).content.decode()
    assert "Введите 4 цифры" in wrong or "Введите 4 цифр" in wrong
    code = re.match(r"\d+", identity.last_text(NUMBER))
    assert code
    assert len(code[0]) == 4
    assert client.post("/login/code/", {"code": code[0]}).status_code == 302


def test_links_write_the_message_in_the_language_of_the_page() -> None:
    client = Client()
    client.get("/login/")
    client.post("/login/", {"number": NUMBER})
    ru = client.get("/login/code/").content.decode()
    assert 'href="sms:3339?&amp;body=%D0%9F%D0%90%D0%A0%D0%9E%D0%9B%D0%AC"' in ru
    client.cookies["language"] = "en"
    assert 'href="sms:3339?&amp;body=PASSWORD"' in client.get("/login/code/").content.decode()


def test_a_call_says_the_same_code_and_only_once_a_minute() -> None:
    lines.line(number=NUMBER)
    client = Client()
    asked(client)
    code = identity.last_code(NUMBER)
    assert client.post("/login/code/again/", {"channel": "voice"}).status_code == 429
    assert call(client)["Location"] == "/login/code/?called"
    assert "Нажмите 1, чтобы услышать код" in page(client, "/login/code/?called")
    message = Message.objects.latest("created_at")
    assert (message.channel, message.recipient, message.state) == ("voice", NUMBER, "queued")
    assert ", ".join(code) in identity.last_text(NUMBER)


def test_a_number_whose_calls_are_forwarded_is_not_called_and_nothing_tells_so() -> None:
    line = lines.line(number=NUMBER)
    Forwarding.objects.create(line_id=line.id, condition="busy", target="+79005550000", since=now())
    pages = []
    for number in (NUMBER, "+79005551234"):
        client = Client()
        asked(client, number)
        answer = call(client)
        pages.append((answer.status_code, answer["Location"], _plain(page(client, answer["Location"]), number)))
    assert pages[0] == pages[1]
    assert set(Message.objects.filter(channel="voice").values_list("state", flat=True)) == {"withheld"}


def _plain(said: str, number: str) -> str:
    shown = f"+7 {number[2:5]} {number[5:8]}-{number[8:10]}-{number[10:]}"
    return re.sub(r"Запрос \d+", "", said).replace(shown, "…")


def test_no_call_is_offered_without_a_gateway_for_calls(settings) -> None:  # type: ignore[no-untyped-def]
    settings.VOICE_GATEWAY = ""
    client = Client()
    assert "позвонить" not in asked(client)
    lift_sends()
    assert "звонком" not in page(client, "/login/code/")


def note(state: str) -> None:
    Message.objects.filter(template="code").update(state=state, sent_at=now(), delivered_at=now())


STATES = {
    "queued": "в пути",
    "sent": "в пути",
    "waiting": "Телефон выключен или вне сети",
    "delivered": "Сеть доставила сообщение в",
    "failed": "Сообщение не доставлено",
}


@pytest.mark.parametrize(("state", "words"), STATES.items())
def test_id_9_a_known_browser_hears_how_far_the_message_came(state: str, words: str) -> None:
    client = Client()
    client.get("/login/")
    identity.sign_in(client, lines.line(number=NUMBER))
    client.post("/logout/")
    lift_sends()
    client.post("/login/", {"number": NUMBER})
    note(state)
    assert words in page(client, "/login/code/")


@pytest.mark.parametrize("state", STATES)
def test_id_17_a_stranger_hears_nothing_of_it(state: str) -> None:
    lines.line(number=NUMBER)
    somebody = Client()
    somebody.get("/login/")
    identity.sign_in(somebody, lines.line())
    somebody.post("/logout/")
    for client in (Client(), somebody):
        lift_sends()
        client.get("/login/")
        client.post("/login/", {"number": NUMBER})
        note(state)
        assert "data-delivery" not in client.get("/login/code/").content.decode()


def test_id_17_for_a_strangers_number_the_page_asks_the_database_the_same() -> None:
    client = Client()
    client.get("/login/")
    identity.sign_in(client, lines.line())
    client.post("/logout/")
    lines.line(number=NUMBER)
    asked_for = []
    for number in (NUMBER, "+79005551234"):
        client.post("/login/", {"number": number})
        with CaptureQueriesContext(connection) as seen:
            client.get("/login/code/")
        asked_for.append([query["sql"].split("where")[0] for query in seen.captured_queries])
    assert asked_for[0] == asked_for[1]


def test_known_is_who_signed_in_to_that_account_with_that_mark() -> None:
    client = Client()
    client.get("/login/")
    identity.sign_in(client, lines.line(number=NUMBER))
    mark = models.Device.objects.get()
    assert queries.known_device(mark.account_id, "another") is False
    assert queries.known_device(mark.account_id, "") is False
    assert queries.accounts_known("") == []
