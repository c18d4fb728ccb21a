"""A forgotten password: code, second proof where one is needed, new password, in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.customers.models import Contract
from abonent.domains.identity import models
from abonent.domains.identity.rules import EventKind, Way
from abonent.domains.lines import erasing
from abonent.domains.lines.models import Forwarding, Sim
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.test_hostile import NAUGHTY, ids, sane
from tests.factories import identity, lines
from tests.factories import passwords as factory
from tests.factories.passwords import PASSWORD

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
NEW = "brittle kettle 7"
START, CODE, SECOND = "/login/forgot/", "/login/forgot/code/", "/login/forgot/second/"


def ask(client: Client, login: str = NUMBER, channel: str = "sms", **more: str) -> Any:
    return client.post(START, {"login": login, "channel": channel} | more)


def text(response: Any) -> str:
    return response.content.decode().replace("\xa0", " ").replace("&nbsp;", " ")


def swap_sim(line: Line) -> None:
    Sim.objects.filter(line_id=line.id).delete()
    Sim.objects.create(line_id=line.id, imsi="250990000000001", since=now() - timedelta(days=9), until=now())
    Sim.objects.create(line_id=line.id, imsi="250990000000002", since=now() - timedelta(hours=1))


def can_enter(password: str, login: str = NUMBER) -> bool:
    return bool(Client().post("/login/password/", {"login": login, "password": password}).status_code == 302)


def test_id_5_a_code_then_a_new_password_then_in_and_every_other_session_ends(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER), email="anna@example.test")
    elsewhere = Client()
    elsewhere.post("/login/password/", {"login": NUMBER, "password": PASSWORD})
    assert ask(client, next="/expenses/")["Location"] == CODE
    entered = client.post(CODE, {"code": identity.last_code(NUMBER)})
    assert entered["Location"] == "/login/new-password/?next=%2Fexpenses%2F"
    assert models.SignIn.objects.order_by("-id")[0].way == Way.RESET
    assert client.get("/home/")["Location"].startswith("/login/new-password/")
    assert can_enter(PASSWORD), "until there is a new one, the old one is good"
    page = client.post("/login/new-password/?next=/expenses/", {"password": "short"})
    assert "не меньше 8" in text(page)
    done = client.post("/login/new-password/?next=/expenses/", {"password": NEW})
    assert done["Location"] == "/expenses/"
    assert client.get("/home/").status_code == 200
    assert elsewhere.get("/home/")["Location"].startswith("/login/")
    assert (can_enter(PASSWORD), can_enter(NEW)) == (False, True)
    event = models.SecurityEvent.objects.filter(kind=EventKind.PASSWORD_SET).order_by("-id")[0]
    assert event.account_id == factory.account_of(line)
    told = ProcrastinateJob.objects.order_by("-id").filter(args__contains={"kind": "password set"})
    assert not told or told[0].args["not_to"] == NUMBER


def test_id_5_who_never_had_a_password_or_an_account_uses_the_same_way(client: Client) -> None:
    lines.line(number=NUMBER)
    assert models.Account.objects.count() == 0
    ask(client)
    assert client.post(CODE, {"code": identity.last_code(NUMBER)})["Location"].startswith("/login/new-password/")
    assert client.post("/login/new-password/", {"password": NEW})["Location"] == "/home/"
    assert can_enter(NEW)


def test_no_password_exists_before_the_number_is_proven(client: Client) -> None:
    """Pre-hijacking: what somebody else leaves behind is no password of the later owner."""
    line = lines.line(number=NUMBER)
    for address in ("/login/new-password/", "/login/offer/", "/security/password/"):
        assert client.post(address, {"password": NEW, "old": "", "choice": ""})["Location"].startswith("/login/?next=")
    ask(client)
    assert client.post(CODE, {"code": "000000"}).status_code in (200, 429)
    assert client.post("/login/new-password/", {"password": NEW})["Location"].startswith("/login/")
    assert client.post(SECOND, {"old": NEW, "choice": "email"})["Location"] == START
    assert models.Account.objects.count() == 0
    assert not can_enter(NEW)
    with time_machine.travel(now() + timedelta(hours=1)):
        identity.sign_in(Client(), line)
        assert not can_enter(NEW)
        assert not factory.has_password(line)


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_id_6_by_e_mail_address_or_contract_the_person_chooses_where_the_code_goes(
    client: Client, channel: str
) -> None:
    line = factory.account(lines.line(number=NUMBER), email="anna@example.test")
    Contract.objects.filter(id=line.contract_id).update(number="T900001")
    for login in ("T-900001", "Anna@example.test"):
        with time_machine.travel(now() + timedelta(minutes=5 if "@" in login else 0)):
            client = Client()
            assert ask(client, login, channel)["Location"] == CODE
            page = text(client.get(CODE))
            assert NUMBER not in page, "the page does not tell where"
            assert "000-00-01" not in page
            sent_to = NUMBER if channel == "sms" else "anna@example.test"
            entered = client.post(CODE, {"code": identity.last_code(sent_to)})
            assert entered["Location"].startswith("/login/new-password/"), text(entered)


def test_id_6_by_number_to_the_confirmed_address(client: Client) -> None:
    factory.account(lines.line(number=NUMBER), email="anna@example.test")
    ask(client, NUMBER, "email")
    assert "anna@" not in text(client.get(CODE))
    assert client.post(CODE, {"code": identity.last_code("anna@example.test")})["Location"].startswith(
        "/login/new-pass"
    )
    assert client.session["proven_line"] == 0, "an e-mail proves no SIM"


def measured(login: str, channel: str) -> list[Any]:
    client, steps = Client(), []
    client.get(START)
    for step in (
        lambda: ask(client, login, channel),
        lambda: client.get(CODE),
        lambda: client.post(CODE, {"code": "000000"}),
        lambda: client.post("/login/forgot/code/again/"),
        lambda: client.post("/login/forgot/code/again/", {"channel": "voice"}),
        lambda: client.get(SECOND),
        lambda: client.get("/login/new-password/"),
    ):
        with CaptureQueriesContext(connection) as queries:
            response = step()
        body = text(response).replace(login, "…").replace(f"{login[-4:-2]}-{login[-2:]}", "…")
        body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|Запрос \d+|name="request" value="\d+"', "", body)
        body = re.sub(r"\+7 \d{3} \d{3}-", "", body)
        sql = [query["sql"].split(" ")[0] for query in queries.captured_queries]
        steps.append((response.status_code, body, response.get("Location"), sorted(response.cookies), sql))
    return steps


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ("+79000001111", "+79000002222"),
        ("anna@example.test", "otto@example.test"),
        ("T900001", "T900002"),
    ],
)
def test_id_17_nothing_tells_whether_a_login_is_known(known: str, unknown: str, channel: str) -> None:
    line = factory.account(lines.line(number="+79000001111"), email="anna@example.test")
    Contract.objects.filter(id=line.contract_id).update(number="T900001")
    swap_sim(line)
    with time_machine.travel(now(), tick=False):
        seen = [measured(login, channel) for login in (known, unknown)]
    for step, (one, other) in enumerate(zip(*seen, strict=True)):
        assert one == other, step
    assert Message.objects.filter(state="withheld").count() == Message.objects.exclude(state="withheld").count() == 1


@pytest.mark.parametrize("forwarded", [False, True])
def test_id_9_a_code_is_not_said_where_calls_go_elsewhere(client: Client, forwarded: bool) -> None:
    line = factory.account(lines.line(number=NUMBER))
    if forwarded:
        Forwarding.objects.create(
            line_id=line.id, condition="all", target="+79000000009", since=now() - timedelta(days=9)
        )
    ask(client)
    with time_machine.travel(now() + timedelta(minutes=1)):
        assert client.post("/login/forgot/code/again/", {"channel": "voice"}).status_code == 302
    assert (Message.objects.get(channel="voice").state == "withheld") is forwarded


# The SIM was replaced.


def held(client: Client, **more: str) -> Line:
    line = factory.account(lines.line(number=NUMBER), **more)
    swap_sim(line)
    ask(client)
    assert client.post(CODE, {"code": identity.last_code(NUMBER)})["Location"] == SECOND
    assert "_auth_user_id" not in client.session
    return line


def test_id_18_after_a_sim_replacement_an_sms_alone_recovers_nothing(client: Client) -> None:
    held(client)
    page = text(client.get(SECOND))
    assert "SIM-карту этого номера недавно заменили" in page
    assert "в салон" in page
    assert 'name="old"' not in page, "this device is not known"
    assert 'value="email"' not in page
    assert client.post(SECOND, {"old": PASSWORD}).status_code == 200
    assert client.post(SECOND, {"choice": "email"})["Location"] == SECOND
    assert client.get("/home/")["Location"].startswith("/login/?next=")
    assert client.get("/login/new-password/")["Location"].startswith("/login/?next=")


def test_id_18_a_code_to_the_e_mail_is_the_second_proof(client: Client) -> None:
    held(client, email="anna@example.test")
    assert client.post(SECOND, {"choice": "email"})["Location"] == CODE
    entered = client.post(CODE, {"code": identity.last_code("anna@example.test")})
    assert entered["Location"].startswith("/login/new-password/")
    assert client.post("/login/new-password/", {"password": NEW})["Location"] == "/home/"


def test_id_18_a_known_device_and_the_old_password_are_the_second_proof(client: Client) -> None:
    client.get(START)
    mark = client.cookies["device"].value
    line = factory.account(lines.line(number=NUMBER))
    owner = Client()
    owner.cookies["device"] = mark
    owner.post("/login/password/", {"login": NUMBER, "password": PASSWORD})
    swap_sim(line)
    ask(client)
    client.post(CODE, {"code": identity.last_code(NUMBER)})
    assert 'name="old"' in text(client.get(SECOND))
    assert "не текущий пароль" in text(client.post(SECOND, {"old": "wrong"}))
    assert client.post(SECOND, {"old": PASSWORD})["Location"].startswith("/login/new-password/")


def test_id_18_the_second_proof_of_the_old_password_is_bounded(client: Client) -> None:
    client.get(START)
    line = factory.account(lines.line(number=NUMBER))
    owner = Client()
    owner.cookies["device"] = client.cookies["device"].value
    owner.post("/login/password/", {"login": NUMBER, "password": PASSWORD})
    swap_sim(line)
    ask(client)
    client.post(CODE, {"code": identity.last_code(NUMBER)})
    for _ in range(3):
        client.post(SECOND, {"old": "wrong"})
    assert "больше мы его не проверяем" in text(client.post(SECOND, {"old": PASSWORD}))


def test_id_18_the_second_proof_waits_ten_minutes_and_in_one_browser(client: Client) -> None:
    held(client, email="anna@example.test")
    assert Client().get(SECOND)["Location"] == START
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert client.get(SECOND)["Location"] == START
        assert client.post(SECOND, {"choice": "email"})["Location"] == START


def test_id_19_an_account_deleted_meanwhile_is_owed_no_second_proof(client: Client) -> None:
    account_id = factory.account_of(held(client, email="anna@example.test"))
    models.Account.objects.filter(id=account_id).update(erase_at=now())
    assert erasing.erase(account_id=account_id, at=now())
    letters = Message.objects.count()
    for answer in (
        client.get(SECOND), client.post(SECOND, {"old": PASSWORD}), client.post(SECOND, {"choice": "email"}),
    ):  # fmt: skip
        assert answer["Location"] == START
    assert "_auth_user_id" not in client.session
    assert (models.Account.objects.count(), Message.objects.count()) == (0, letters)


def test_a_code_of_another_purpose_resets_nothing(client: Client) -> None:
    factory.account(lines.line(number=NUMBER))
    client.post("/login/", {"number": NUMBER})
    code = identity.last_code(NUMBER)
    client.cookies["code-reset"] = client.cookies["code-entry"].value
    assert client.post(CODE, {"code": code})["Location"] == START


def test_a_number_given_to_somebody_else_since_resets_nothing(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER))
    ask(client)
    code = identity.last_code(NUMBER)
    lines.models.Line.objects.filter(id=line.id).update(closed_at=now())
    factory.account(lines.line(number=NUMBER), password="another horse 5")
    page = client.post(CODE, {"code": code})
    assert page.status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_second_factor_is_not_bypassed_by_a_reset(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER))
    models.Account.objects.filter(id=factory.account_of(line)).update(has_second_factor=True)
    ask(client)
    assert client.post(CODE, {"code": identity.last_code(NUMBER)})["Location"] == "/login/second/"
    assert client.post("/login/new-password/", {"password": NEW})["Location"].startswith("/login/")
    assert not can_enter(NEW)


# Hostile hands.


@pytest.mark.parametrize("naughty", NAUGHTY, ids=ids)
def test_any_text_in_any_field_gets_a_sane_page(naughty: str) -> None:
    client = Client()
    sane(ask(client, naughty, naughty, next=naughty))
    sane(client.post(CODE, {"code": naughty, "request": naughty}))
    sane(client.post("/login/forgot/code/again/", {"channel": naughty}))
    sane(client.post(SECOND, {"old": naughty, "choice": naughty}))


@pytest.mark.parametrize("address", [CODE, SECOND, "/login/new-password/", "/login/offer/", "/security/password/"])
def test_a_step_opened_by_hand_leads_somewhere_sane(address: str) -> None:
    assert Client().get(address, follow=True).status_code == 200
    sane(Client().post(address, {"password": NEW}))
