"""The phone on screen: for people and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from abonent.demo.phone.gateway import PhoneOnScreen
from abonent.demo.phone.models import PhoneMessage
from abonent.domains.messaging.models import InboundMessage

pytestmark = pytest.mark.django_db
ONE, TWO = "+79000000001", "+79000000002"
JSON = "/phone/messages.json"
CALLS = "/phone/calls.json"


def arrive(text: str = "111222 is your code", recipient: str = ONE, sender: str = "3339") -> None:
    PhoneOnScreen().send(message_id=uuid4(), sender=sender, recipient=recipient, text=text)


def post(client: Client, document: object) -> tuple[int, dict[str, str]]:
    body = document if isinstance(document, bytes) else json.dumps(document)
    answer = client.post(JSON, body, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_message_sent_again_is_shown_once() -> None:
    message_id = uuid4()
    ids = {PhoneOnScreen().send(message_id=message_id, sender="3339", recipient=ONE, text="once") for _ in range(2)}
    assert len(ids) == 1
    assert PhoneMessage.objects.count() == 1


@pytest.mark.parametrize(
    "written", ["%2B79000000001", "+79000000001", "%2079000000001", "89000000001", "8(900)000-00-01"]
)
def test_it_lists_what_came_to_a_handset_and_what_went_from_it(client: Client, written: str) -> None:
    arrive("first")
    arrive("somebody else's", recipient=TWO)
    post(client, {"sender": ONE, "recipient": "3339", "text": "second"})
    arrive("third")
    answer = client.get(f"{JSON}?number={written}")
    assert answer.status_code == 200
    found = answer.json()
    assert [message["text"] for message in found] == ["first", "second", "third"]
    assert set(found[0]) == {"id", "sender", "recipient", "text", "sent_at"}
    assert (found[0]["sender"], found[0]["recipient"]) == ("3339", ONE)
    assert (found[1]["sender"], found[1]["recipient"]) == (ONE, "3339")
    assert datetime.fromisoformat(found[0]["sent_at"]).utcoffset() is not None
    assert datetime.fromisoformat(found[0]["sent_at"]) <= datetime.now(UTC)
    assert "no-store" in answer["Cache-Control"]


def test_a_handset_without_messages_has_an_empty_list(client: Client) -> None:
    answer = client.get(JSON, {"number": ONE})
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize("number", ["", "abc", "+7900", "\0", "9" * 5000])
def test_a_number_that_is_none_is_named(client: Client, number: str) -> None:
    answer = client.get(JSON, {"number": number})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("number ")


def test_a_message_from_a_handset_reaches_the_operator(client: Client) -> None:
    status, kept = post(client, {"sender": "89000000001", "recipient": "3339", "text": "что это"})
    assert status == 201
    assert (kept["sender"], kept["recipient"], kept["text"]) == (ONE, "3339", "что это")
    inbound = InboundMessage.objects.get()
    # The operator keeps nothing of what it does not understand; the handset keeps what it sent.
    assert (inbound.sender, inbound.recipient, inbound.text, inbound.channel) == (ONE, "3339", "•••", "sms")
    assert kept["id"] in inbound.key
    assert client.get(JSON, {"number": ONE}).json() == [kept]


def test_it_needs_no_token_of_a_form() -> None:
    assert post(Client(enforce_csrf_checks=True), {"sender": ONE, "recipient": "3339", "text": "hello"})[0] == 201


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        ([], "JSON object"),
        ({}, "sender is missing"),
        ({"sender": "12", "recipient": "3339", "text": "x"}, "sender is too short"),
        ({"sender": ONE, "text": "x"}, "recipient is missing"),
        ({"sender": ONE, "recipient": "<script>", "text": "x"}, "recipient has letters"),
        ({"sender": ONE, "recipient": "3339"}, "text is missing"),
        ({"sender": ONE, "recipient": "3339", "text": "x" * 671}, "text is longer than 670"),
        ({"sender": ONE, "recipient": "3339", "text": "\0"}, "text holds characters"),
        ({"sender": ONE, "recipient": "3339", "text": 5}, "text must be text"),
        (b'{"sender": "+79000000001", "recipient": "3339", "text": "' + b"x" * 70_000 + b'"}', "too long"),
    ],
)
def test_a_bad_message_is_named_and_nothing_is_kept(client: Client, document: object, named: str) -> None:
    status, answer = post(client, document)
    assert status == 400
    assert named in answer["error"]
    assert not PhoneMessage.objects.exists()
    assert not InboundMessage.objects.exists()


def test_other_methods_are_refused(client: Client) -> None:
    answer = client.delete(JSON)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
    assert "error" in answer.json()


def test_the_page_shows_the_talk_with_the_newest_message(client: Client) -> None:
    arrive("older", sender="Bank-Opora")
    arrive("<b>newer</b>")
    page = client.get("/phone/", {"number": ONE}).content.decode()
    assert "&lt;b&gt;newer&lt;/b&gt;" in page
    assert "older" not in page
    assert "Bank-Opora" in page
    assert "older" in client.get("/phone/", {"number": ONE, "with": "Bank-Opora"}).content.decode()


def test_the_page_takes_an_answer_once(client: Client) -> None:
    fields = {"number": ONE, "recipient": "3339", "text": "стоп", "key": str(uuid4())}
    for _ in range(2):
        answer = client.post("/phone/", fields)
        assert (answer.status_code, answer["Location"]) == (302, "/phone/?number=%2B79000000001&with=3339")
    assert PhoneMessage.objects.get().text == "стоп"
    assert InboundMessage.objects.count() == 1


def test_other_words_in_a_form_that_was_sent_are_another_message(client: Client) -> None:
    fields = {"number": ONE, "recipient": "3339", "key": str(uuid4())}
    for text in ("да", "да", "нет"):
        client.post("/phone/", fields | {"text": text})
    assert sorted(PhoneMessage.objects.values_list("text", flat=True)) == ["да", "нет"]
    assert InboundMessage.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"recipient": ""}, {"recipient": "<b>"}, {"text": ""}, {"text": "x" * 671}, {"number": "7"}, {"key": "no uuid"}],
)
def test_the_page_shows_a_bad_answer_again_and_keeps_nothing(client: Client, wrong: dict[str, str]) -> None:
    answer = client.post("/phone/", {"number": ONE, "recipient": "3339", "text": "hello", "key": str(uuid4())} | wrong)
    assert answer.status_code == 200
    assert "Ошибка" in answer.content.decode()
    assert not PhoneMessage.objects.exists()


@pytest.mark.parametrize(
    "query", ["number=abc", "number=%00", "number=" + "9" * 2000, "number=%2B79000000001&with=%27%22%3E", ""]
)
def test_the_page_bears_any_address(client: Client, query: str) -> None:
    assert client.get(f"/phone/?{query}").status_code == 200


def test_without_the_demo_there_is_no_phone() -> None:
    program = (
        "import django; django.setup()\n"
        "from django.apps import apps\n"
        "from django.urls import Resolver404, resolve\n"
        "resolve('/login/')\n"
        "for address in ('/phone/', '/phone/messages.json'):\n"
        "    try:\n"
        "        raise SystemExit(f'{address} is there: {resolve(address)}')\n"
        "    except Resolver404:\n"
        "        assert not apps.is_installed('abonent.demo.phone')\n"
    )
    subprocess.run([sys.executable, "-c", program], env=os.environ | {"ABONENT_DEMO": "0"}, check=True)


def test_production_refuses_the_phone() -> None:
    production = {
        "DATABASE_URL": "postgresql://abonent@/abonent", "ABONENT_HOSTS": "abonent.example",
        "ABONENT_SECRET_KEY": "k" * 60, "ABONENT_DEMO": "1",
        "ABONENT_SMS_GATEWAY": "abonent.demo.phone.gateway.PhoneOnScreen",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "import abonent.config.settings"],
        env=os.environ | production,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "ABONENT_DEMO=1" in done.stderr
    assert "the phone on screen is for the demo" in done.stderr
