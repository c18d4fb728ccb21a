"""Hostile hands on the forms of codes: any text, any order, any browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from abonent.domains.identity.models import Account, Captcha, Challenge
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.test_hostile import NAUGHTY, ids, sane
from tests.factories import identity

pytestmark = pytest.mark.django_db
PUBLIC_FORMS = (
    "/login/",
    "/login/code/",
    "/login/code/again/",
    "/login/email/",
    "/login/email/code/",
    "/login/email/code/again/",
    "/login/captcha/another/",
)
CABINET_FORMS = (
    "/security/email/",
    "/security/email/code/",
    "/security/email/code/again/",
    "/security/email/remove/",
)
FIELDS = ("number", "email", "code", "captcha", "kind", "channel", "request", "next", "remember")


@pytest.mark.parametrize("text", NAUGHTY, ids=ids)
def test_any_text_in_every_field_of_every_form_gets_a_sane_page(text: str) -> None:
    client = Client()
    client.get("/login/")
    client.post("/login/email/", {"email": "anna@example.org"})
    for address in PUBLIC_FORMS:
        sane_or_refused(client.post(address, dict.fromkeys(FIELDS, text)))
        sane_or_refused(client.post(address, {name: [text, text] for name in FIELDS}))
        sane_or_refused(client.post(address))
        sane_or_refused(client.get(address, {"next": text, "sent": text, "called": text}))
    assert set(Message.objects.values_list("recipient", flat=True)) <= {"anna@example.org"}
    assert not Captcha.objects.exists()


def sane_or_refused(response) -> None:  # type: ignore[no-untyped-def]
    if response.status_code != 405:
        sane(response)


@pytest.mark.parametrize("text", NAUGHTY[::4], ids=ids[::4])
def test_any_text_in_the_forms_of_the_cabinet_gets_a_sane_page(text: str) -> None:
    client = identity.browser()
    client.post("/security/email/", {"email": "anna@example.org"})
    for address in CABINET_FORMS:
        sane(client.post(address, dict.fromkeys(FIELDS, text)))
        sane(client.get(address, {"set": text}))
    assert Account.objects.get().email is None


@pytest.mark.parametrize("address", PUBLIC_FORMS + CABINET_FORMS)
def test_a_megabyte_is_refused_and_a_form_without_its_token_too(address: str) -> None:
    assert Client().post(address, {"email": "a" * 2**20}).status_code in (302, 400, 413)
    assert Client(enforce_csrf_checks=True).post(address, {"email": "a@example.org"}).status_code == 403
    assert not Challenge.objects.exists()


@pytest.mark.parametrize("purpose", ["email", "address", "entry"])
def test_a_step_out_of_order_leads_to_the_start(purpose: str) -> None:
    start = {"email": "/login/email/", "address": "/security/email/", "entry": "/login/"}[purpose]
    client = identity.browser() if purpose == "address" else Client()
    client.cookies.pop("code-entry", None)
    for answer in (
        client.get(f"{start}code/"),
        client.post(f"{start}code/", {"code": "123456"}),
        client.post(f"{start}code/again/"),
    ):
        assert (answer.status_code, answer["Location"]) == (302, start)


def test_a_code_in_another_browser_or_for_another_purpose_opens_nothing() -> None:
    client, other = Client(), Client()
    for browser in (client, other):
        browser.get("/login/")
    client.post("/login/email/", {"email": "anna@example.org"})
    other.cookies["code-entry"] = client.cookies["code-email"].value
    assert other.post("/login/code/", {"code": "123456"})["Location"] == "/login/"
    assert other.post("/login/email/code/", {"code": "123456"})["Location"] == "/login/email/"
    assert Challenge.objects.get().tries_left == 3


def test_after_its_time_the_page_says_so_and_gives_a_new_one() -> None:
    client = Client()
    client.get("/login/")
    client.post("/login/email/", {"email": "anna@example.org"})
    with time_machine.travel(now() + timedelta(minutes=11)):
        body = client.get("/login/email/code/").content.decode()
        assert "Код действовал 10 минут" in body
        assert 'autocomplete="one-time-code"' not in body
        assert client.post("/login/email/code/again/")["Location"] == "/login/email/code/?sent"
    assert Challenge.objects.count() == 2
