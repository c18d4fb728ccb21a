"""The doors of the sign-in page, and the way back for who has no access to the number."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from abonent.domains.identity.rules_ways import Have, Sim, way_back
from abonent.domains.messaging.models import Message
from tests.entrypoints.portal.identity.codes.typing import page

pytestmark = pytest.mark.django_db
LEADS = {
    "passkey": 'class="button" href="/login/passkey/"',
    "password": 'class="button" href="/login/password/"',
    "email": 'class="button" href="/login/email/"',
    "signed-in": "Откройте кабинет там, где вы уже вошли",
    "contract": 'class="button" href="/login/contract/"',
    "message": 'class="button" href="sms:3339',
    "shop": "Остаётся только салон",
}


def test_every_door_is_there_leads_somewhere_and_one_button_is_filled(client: Client) -> None:
    body = client.get("/login/?next=/expenses/").content.decode()
    doors = re.findall(r'<li><a href="(/login/[^"]+)"', body)
    assert [door.partition("?")[0] for door in doors][:5] == [
        "/login/password/",
        "/login/passkey/",
        "/login/contract/",
        "/login/email/",
        "/login/no-access/",
    ]
    assert all("next=/expenses/" in door for door in doors[:4])
    assert len(re.findall(r'<button type="submit" class="button"', body)) == 1
    for door in doors[:5]:
        assert client.get(door).status_code == 200, door


def test_id_6_nothing_offers_e_mail_where_none_is_sent(settings) -> None:  # type: ignore[no-untyped-def]
    settings.MAIL_GATEWAY = ""
    client = Client()
    client.post("/login/", {"number": "+79000000001"})
    for address in ("/login/", "/login/code/", "/login/forgot/", "/login/contract/", "/login/no-access/"):
        body = client.get(address).content.decode()
        assert "/login/email/" not in body, address
        assert 'value="email"' not in body, address
    assert client.get("/login/email/")["Location"] == "/login/"
    assert "/login/email/" not in client.get("/login/no-access/?sim=lost&have=email").content.decode()
    for address, field in (("/login/forgot/", "login"), ("/login/contract/", "number")):
        client.post(address, {field: "200000009", "channel": "email"})
    assert not Message.objects.filter(channel="email")


@pytest.mark.parametrize("sim", Sim)
@pytest.mark.parametrize("have", [(), *((have,) for have in Have), tuple(Have)])
def test_id_9_two_answers_lead_to_one_way(client: Client, sim: Sim, have: tuple[Have, ...]) -> None:
    body = client.get("/login/no-access/", {"sim": sim, "have": list(have), "go": "1"}).content.decode()
    way = way_back(sim, frozenset(have))
    assert [name for name, words in LEADS.items() if words in body] == [way]


def test_the_shop_says_what_to_bring_and_who_may_ask(client: Client) -> None:
    said = page(client, "/login/no-access/?sim=lost")
    assert "Возьмите паспорт" in said
    assert "только владелец номера" in said
    assert "заблокируйте номер: 0890" in said


def test_without_an_answer_it_says_what_is_missing_and_keeps_the_other(client: Client) -> None:
    body = client.get("/login/no-access/?go=1&have=email").content.decode()
    assert body.count("Укажите, где сейчас SIM-карта") == 2
    assert "<title>Ошибка: " in body
    assert 'value="email" checked' in body


def test_id_17_it_reads_nothing_about_any_number(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/login/no-access/")
        client.get("/login/no-access/?sim=lost&have=password")
    assert not queries.captured_queries


@pytest.mark.parametrize("text", ["x", "\x00", "<script>", "a" * 5000, "here\r\n"])
def test_any_answer_is_a_question_again(client: Client, text: str) -> None:
    response = client.get("/login/no-access/", {"sim": text, "have": [text, "email"]})
    assert response.status_code == 200
    assert "Укажите, где сейчас SIM-карта" in response.content.decode()
    assert client.post("/login/no-access/", {"sim": "lost"}).status_code == 405
