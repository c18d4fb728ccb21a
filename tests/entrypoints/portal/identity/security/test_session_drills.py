"""Drills on sessions: fixation, rights that grow, cookies, the language a browser takes over."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from abonent.domains.identity import models
from abonent.domains.identity.models import NumberGuard
from tests.factories import identity, lines, security

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
PASSWORD = "Tihaya-Reka-27-Bereg"


def entered(client: Client) -> str:
    """Sign in by code and return where that leads."""
    NumberGuard.objects.update(sends=[])
    client.post("/login/", {"number": NUMBER})
    return str(client.post("/login/code/", {"code": identity.last_code(NUMBER)})["Location"])


def key(client: Client) -> str:
    return str(client.session.session_key)


def test_sec_a_new_password_gives_the_session_a_new_id_and_ends_the_others() -> None:
    line = lines.line(number=NUMBER)
    client = Client()
    assert entered(client).startswith("/login/offer/")
    other = security.browser(line, mark="other")
    before = key(client)
    done = client.post("/login/offer/", {"password": PASSWORD, "choice": "set", "next": "/home/"})
    assert done.status_code == 302
    assert key(client) != before
    assert not models.Session.objects.filter(key=before).exists()
    assert client.get("/home/").status_code == 200
    assert other.get("/home/")["Location"].startswith("/login/")


def test_sec_an_id_known_before_a_fresh_proof_is_worth_nothing_after_it() -> None:
    line = lines.line(number=NUMBER)
    client = security.browser(line, by=None)
    thief = Client()
    thief.cookies["session"] = client.cookies["session"].value
    client.post("/login/confirm/", {"next": "/statement/"})
    done = client.post("/login/confirm/code/", {"code": identity.last_code(NUMBER)})
    assert done["Location"] == "/statement/"
    assert client.get("/statement/").status_code == 200
    assert thief.get("/home/")["Location"].startswith("/login/")


def test_sec_who_owes_the_second_factor_is_not_signed_in_and_gets_another_id_with_it() -> None:
    lines.line(number=NUMBER)
    client = Client()
    entered(client)
    first = key(client)
    models.Account.objects.update(has_second_factor=True)
    client.post("/logout/")
    assert entered(client) == "/login/second/"
    owing = key(client)
    assert owing != first
    assert client.get("/home/")["Location"].startswith("/login/?")
    assert models.Session.objects.get(key=owing).account_id is None


def test_sec_every_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    lines.line(number=NUMBER)
    client = Client()
    client.get("/login/")
    entered(client)
    client.get("/home/")
    assert {"session", "csrf", "device", "language"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        assert cookie["httponly"] or not cookie.value, name
        assert cookie["samesite"] == "Lax", name
        assert not cookie["domain"], name
        assert bool(cookie["secure"]) == settings.SESSION_COOKIE_SECURE, name


def test_a_browser_that_never_chose_speaks_the_persons_language_and_one_that_did_teaches_it() -> None:
    lines.line(number=NUMBER)
    chosen = Client()
    chosen.cookies["language"] = "en"
    entered(chosen)
    assert models.Account.objects.get().language == "en"
    fresh = Client()
    entered(fresh)
    assert fresh.cookies["language"].value == "en"
    assert 'lang="en"' in fresh.get("/home/").content.decode()
    russian = Client()
    russian.cookies["language"] = "ru"
    entered(russian)
    assert models.Account.objects.get().language == "ru"


def test_the_page_of_signing_in_says_why_one_has_to() -> None:
    line = lines.line()
    client = security.browser(line)
    models.Session.objects.all().delete()
    led = client.get("/home/")["Location"]
    assert "закончили с другого устройства" in client.get(led).content.decode()
    assert "закончили с другого устройства" not in Client().get("/login/").content.decode()
