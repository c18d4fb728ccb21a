"""The service "cabinet" switched off and on."""

from __future__ import annotations

import pytest
from django.test import Client

from abonent.domains.identity import models
from abonent.foundation.clock import now
from tests.factories import cabinet, identity, lines, security

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
OFF = "/security/switch-off/"
SWITCHED_OFF = "/login/switched-off/"


def test_id_19_off_ends_every_session_and_any_entry_leads_to_the_one_button() -> None:
    line = lines.line(number=NUMBER)
    mine, other = security.browser(line, mark="a"), security.browser(line, mark="b")
    assert "Выключить кабинет?" in cabinet.words(mine, OFF)
    assert mine.post(OFF)["Location"] == "/login/?off"
    assert "Кабинет выключен" in cabinet.words(mine, "/login/?off")
    for client in (mine, other):
        assert client.get("/home/")["Location"].startswith("/login/?")
    back = Client()
    back.post("/login/", {"number": NUMBER})
    entered = back.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert entered["Location"].startswith(SWITCHED_OFF)
    assert "Включить снова" in cabinet.words(back, SWITCHED_OFF)
    for address in ("/home/", "/expenses/", "/statement/", "/security/", "/security/data/", "/security/sessions/"):
        assert back.get(address)["Location"].startswith(SWITCHED_OFF), address
    on = back.post(SWITCHED_OFF, {"next": "/expenses/"})
    assert on["Location"].endswith(("/expenses/", "%2Fexpenses%2F"))
    assert back.get("/expenses/").status_code == 200
    kinds = models.SecurityEvent.objects.filter(kind__startswith="cabinet").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == ["cabinet off", "cabinet on"]


def test_id_19_a_session_that_outlived_the_switch_sees_only_the_button() -> None:
    client = security.browser(lines.line())
    models.Account.objects.update(off_at=now())
    assert client.get("/home/")["Location"].startswith(SWITCHED_OFF)
    assert client.post("/security/sessions/end-others/")["Location"].startswith(SWITCHED_OFF)


def test_id_19_asks_for_a_fresh_proof() -> None:
    client = security.browser(lines.line(), by=None)
    assert client.post(OFF)["Location"].startswith("/login/confirm/")
    assert security.account_of(client).off_at is None


def test_the_button_is_for_who_is_signed_in_to_what_is_off() -> None:
    assert Client().get(SWITCHED_OFF)["Location"] == "/login/"
    assert Client().post(SWITCHED_OFF)["Location"] == "/login/"
    client = security.browser(lines.line())
    assert client.get(SWITCHED_OFF)["Location"] == "/home/"
    client.post(SWITCHED_OFF)
    assert not models.SecurityEvent.objects.filter(kind="cabinet on").exists()
