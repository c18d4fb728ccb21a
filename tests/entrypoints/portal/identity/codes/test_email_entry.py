"""Getting in by a code to a confirmed e-mail address."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from abonent.domains.identity import models
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.codes.typing import code_in_mail, confirm_address, lift_sends, page, words
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
ADDRESS = "anna@example.org"


@pytest.fixture
def anna() -> None:
    lines.line(number=NUMBER)
    confirm_address(identity.browser(lines.queries.served_by_number(NUMBER)), ADDRESS)
    lift_sends()


def ask(client: Client, address: str = ADDRESS, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login/email/", {"email": address} | more)


@pytest.mark.usefixtures("anna")
def test_id_6_a_confirmed_address_leads_into_the_cabinet() -> None:
    client = Client()
    asked = ask(client, " ANNA@Example.org ", next="/expenses/")
    assert (asked.status_code, asked["Location"]) == (302, "/login/email/code/")
    said = page(client, "/login/email/code/")
    assert f"Если адрес {ADDRESS} подтверждён, код уже отправлен" in said
    entered = client.post("/login/email/code/", {"code": code_in_mail(ADDRESS)})
    assert (entered.status_code, entered["Location"]) == (302, "/expenses/")
    assert client.get("/home/").status_code == 200
    assert models.SignIn.objects.latest("at").way == "email"


def test_id_17_an_address_of_nobody_gets_the_same_answer_and_no_letter() -> None:
    client = Client()
    assert ask(client, "nobody@example.org")["Location"] == "/login/email/code/"
    assert Message.objects.get().state == "withheld"
    wrong = client.post("/login/email/code/", {"code": code_in_mail("nobody@example.org")})
    assert "Код не подошёл" in words(wrong)
    assert not models.SignIn.objects.exists()


def measured(address: str) -> list[tuple[int, str, list[str], list[str]]]:
    """Go through every page with the address; return status, body, headers and SQL of each answer."""
    client = Client()
    steps = [
        lambda: ask(client, address),
        lambda: client.get("/login/email/code/"),
        lambda: client.post("/login/email/code/", {"code": "000000"}),
        lambda: client.post("/login/email/code/again/"),
        lambda: client.post("/login/email/code/", {"code": "000000"}),
        lambda: client.post("/login/email/code/", {"code": "000000"}),
        lambda: client.get("/login/email/code/"),
        lambda: ask(client, address),
    ]
    seen = []
    for step in steps:
        with CaptureQueriesContext(connection) as queries:
            response = step()
        body = response.content.decode().replace(address, "…")
        body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|Запрос \d+|name="request" value="\d+"', "", body)
        sql = [query["sql"].split(" ")[0] for query in queries.captured_queries]
        seen.append((response.status_code, body, sorted(response.headers), sql))
    return seen


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("spent", [False, True])
def test_id_17_nothing_tells_whether_an_address_is_known_not_even_when_its_number_had_enough(spent: bool) -> None:
    if spent:
        models.NumberGuard.objects.filter(number=NUMBER).update(
            failures=[now() - timedelta(minutes=1)] * 10, failures_in_a_row=10
        )
    with time_machine.travel(now(), tick=False):
        known, unknown = measured(ADDRESS), measured("mary@example.org")
    for step, (one, other) in enumerate(zip(known, unknown, strict=True)):
        assert one == other, step


@pytest.mark.usefixtures("anna")
def test_a_code_to_an_address_removed_meanwhile_opens_nothing() -> None:
    client = Client()
    ask(client)
    code = code_in_mail(ADDRESS)
    models.Account.objects.update(email=None)
    assert "Код действовал 10 минут" in words(client.post("/login/email/code/", {"code": code}))
    assert "session" not in client.cookies


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Введите адрес электронной почты"),
        ("anna", "со знаком @"),
        ("анна@example.org", "латинскими буквами"),
        ("anna@example", "Такого адреса не бывает"),
        ("a@" + "b" * 10_000 + ".org", "слишком длинный"),
    ],
)
def test_it_says_what_to_do_about_an_address(typed: str, said: str) -> None:
    body = ask(Client(), typed).content.decode()
    assert body.count(said) == 2, "at the field and in the summary"
    assert "<title>Ошибка: " in body
    assert not Message.objects.exists()


def test_what_was_typed_stays_in_the_field() -> None:
    assert 'value="&lt;b&gt;@"' in ask(Client(), "<b>@").content.decode()


@pytest.mark.usefixtures("anna")
def test_an_address_gets_three_codes_an_hour_and_says_when_the_next() -> None:
    client = Client()
    ask(client)
    other = ask(Client())
    assert other.status_code == 429
    assert "На этот адрес отправлено слишком много кодов" in words(other)


@pytest.mark.usefixtures("anna")
def test_again_repeats_the_same_code() -> None:
    client = Client()
    ask(client)
    first = code_in_mail(ADDRESS)
    lift_sends()
    assert client.post("/login/email/code/again/")["Location"] == "/login/email/code/?sent"
    assert code_in_mail(ADDRESS) == first


@pytest.mark.usefixtures("anna")
def test_no_call_is_made_to_an_address() -> None:
    client = Client()
    ask(client)
    lift_sends()
    client.post("/login/email/code/again/", {"channel": "voice"})
    assert {message.channel for message in Message.objects.filter(recipient=ADDRESS)} == {"email"}
