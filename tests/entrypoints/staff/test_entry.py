"""How staff get in and how long they stay."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from abonent.domains.identity import models
from abonent.domains.identity.factors import actions as factors
from abonent.domains.support import rules, staff
from abonent.foundation.clock import now
from tests.factories import support

pytestmark = pytest.mark.django_db
NEW = "Novyj-Dlinnyj-Parol-77"


def login(client: Client, agent, password: str = support.PASSWORD) -> str:
    return client.post("/staff/login/", {"login": agent.login, "password": password}).headers.get("Location", "")


def test_the_first_entry_sets_up_the_second_proof_and_a_password_of_ones_own() -> None:
    agent = support.agent(first_entry=True)
    client = Client()
    assert login(client, agent, support.FIRST_PASSWORDS[agent.login]) == "/staff/login/factor/"
    # No way around it.
    for address in ("/staff/", "/staff/login/second/", "/staff/login/password/"):
        assert client.get(address)["Location"].startswith("/staff/login/")
    page = client.get("/staff/login/factor/").content.decode()
    secret = factors.totp_begun(agent.account_id)
    assert secret
    assert " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)) in page
    assert "<svg" in page
    assert client.post("/staff/login/factor/", {"code": "000000"}).status_code == 200
    shown = support.code(secret)
    assert client.post("/staff/login/factor/", {"code": f" {shown[:3]} {shown[3:]} "})["Location"] == (
        "/staff/login/password/"
    )
    assert client.get("/staff/")["Location"] == "/staff/login/"
    assert client.post("/staff/login/password/", {"password": "12345678"}).status_code == 200
    assert client.post("/staff/login/password/", {"password": NEW})["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200
    again = Client()
    assert login(again, agent, NEW) == "/staff/login/second/"


def test_a_code_of_the_app_is_good_once_and_guesses_are_counted() -> None:
    agent = support.agent()
    client, thief = support.browser(agent), Client()
    assert client.get("/staff/").status_code == 200
    login(thief, agent)
    used = support.code(support.SECRETS[agent.login])
    assert thief.post("/staff/login/second/", {"code": used}).status_code == 200
    for _ in range(6):
        page = thief.post("/staff/login/second/", {"code": "123456"}).content.decode()
    assert "Слишком много ошибок" in page
    assert thief.get("/staff/")["Location"] == "/staff/login/"


def test_a_session_ends_after_a_quarter_of_an_hour_without_a_click_and_after_twelve_hours() -> None:
    client = support.browser(support.agent())
    begun = now()
    with time_machine.travel(begun) as clock:
        at = begun
        while at < begun + rules.SESSION_FOR - timedelta(minutes=14):
            at += timedelta(minutes=14)
            clock.move_to(at)
            assert client.get("/staff/").status_code == 200, at - begun
        clock.move_to(begun + rules.SESSION_FOR + timedelta(seconds=2))
        assert client.get("/staff/")["Location"] == "/staff/login/"
    idle = support.browser(support.agent())
    with time_machine.travel(now() + rules.IDLE_FOR + timedelta(seconds=2)):
        assert idle.get("/staff/")["Location"] == "/staff/login/"


def test_a_new_session_begins_with_new_rights() -> None:
    agent = support.agent()
    client = Client()
    login(client, agent)
    before = client.cookies["session"].value
    client.post("/staff/login/second/", {"code": support.code(support.SECRETS[agent.login])})
    assert client.cookies["session"].value != before
    assert not models.Session.objects.filter(key=before).exists()
    assert client.post("/staff/logout/")["Location"] == "/staff/login/"
    assert client.get("/staff/")["Location"] == "/staff/login/"


def test_the_password_waits_ten_minutes_for_the_second_proof() -> None:
    agent = support.agent()
    client = Client()
    login(client, agent)
    with time_machine.travel(now() + timedelta(minutes=10, seconds=1)):
        response = client.post("/staff/login/second/", {"code": support.code(support.SECRETS[agent.login])})
        assert response["Location"] == "/staff/login/"


def test_a_password_changed_elsewhere_ends_what_waits_for_the_second_proof() -> None:
    agent = support.agent()
    client = Client()
    login(client, agent)
    with time_machine.travel(now() + timedelta(seconds=3)):
        staff.set_password(agent=agent, password=NEW, at=now())
        response = client.post("/staff/login/second/", {"code": support.code(support.SECRETS[agent.login], 1)})
        assert response["Location"] == "/staff/login/"


@pytest.mark.parametrize("known", [True, False])
def test_wrong_entries_are_answered_alike(known: bool) -> None:
    agent = support.agent()
    response = Client().post("/staff/login/", {"login": agent.login if known else "nobody", "password": "x"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "Логин или пароль не подходит" in page
    assert page.count('value="x"') == 0, "no password comes back"


def test_the_sixth_wrong_entry_is_answered_alike_whoever_the_login_belongs_to() -> None:
    known, pages = support.agent().login, []
    for login_typed in (known, "nobody"):
        client = Client()
        for _ in range(rules.WRONG_PASSWORDS_MAX):
            assert client.post("/staff/login/", {"login": login_typed, "password": "x"}).status_code == 200
        paused = client.post("/staff/login/", {"login": login_typed, "password": support.PASSWORD})
        assert paused.status_code == 429
        pages.append(re.sub(r"\d\d:\d\d|value=\"\w+\"", "", paused.content.decode()))
        assert client.get("/staff/login/second/")["Location"] == "/staff/login/"
    assert "Слишком много ошибок" in pages[0]
    assert pages[0] == pages[1]


def test_staff_get_in_by_no_door_of_subscribers() -> None:
    agent = support.agent()
    client = Client()
    for address in ("/login/password/", "/login/"):
        client.post(address, {"number": agent.login, "login": agent.login, "password": support.PASSWORD})
    assert client.get("/home/")["Location"].startswith("/login/")
