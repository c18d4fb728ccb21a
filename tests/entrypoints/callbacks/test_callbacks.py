"""Our gateways' way in: who signed is heard once, for anybody else nothing is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.identity import hashing
from abonent.domains.identity.policy import CLASSIC
from abonent.domains.messaging import delivery
from abonent.domains.messaging.models import InboundMessage, Message
from abonent.entrypoints.callbacks.bodies import signature
from abonent.foundation.clock import now
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
KEY = "k" * 32
INBOUND, RECEIPT = "/callbacks/sms/inbound", "/callbacks/sms/receipt"
SMS = {"sender": "+79000000001", "recipient": "0890", "text": "баланс", "imsi": "250990000000001", "key": "smsc-1"}


@pytest.fixture(autouse=True)
def key(settings) -> None:  # type: ignore[no-untyped-def]
    settings.GATEWAY_KEY = KEY


def post(
    address: str, document: object, *, key: str = KEY, age_s: float = 0, signed_for: str = "", **headers: str
) -> HttpResponse:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    timestamp = str(int(now().timestamp() - age_s))
    said = {
        "X-Abonent-Timestamp": timestamp,
        "X-Abonent-Signature": signature(key, timestamp, signed_for or address, body),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(enforce_csrf_checks=True).post(address, body, content_type="application/json", headers=said)


def sent_message() -> Message:
    identity.challenge("+79000000001")
    message = Message.objects.get()
    delivery.deliver(message.id)
    message.refresh_from_db()
    assert message.state == "sent"
    return message


def test_ch_1_a_signed_sms_is_taken_in_once_by_its_key() -> None:
    answer = post(INBOUND, SMS)
    assert (answer.status_code, answer.json()) == (200, {"new": True})
    row = InboundMessage.objects.get()
    assert (row.sender, row.recipient, row.text, row.subscriber) == ("+79000000001", "0890", "баланс", SMS["imsi"])
    again = post(INBOUND, SMS | {"text": "другое"})
    assert (again.status_code, again.json()) == (200, {"new": False})
    assert InboundMessage.objects.get().text == "баланс"
    queued = ProcrastinateJob.objects.filter(task_name="react").values_list("args", flat=True)
    assert [job["event"] for job in queued].count({"inbound_id": row.pk}) == 1


def test_a_number_without_its_plus_gets_it_back_and_a_name_does_not() -> None:
    post(INBOUND, SMS | {"sender": "79000000001", "key": "1"})
    post(INBOUND, SMS | {"sender": "0890", "key": "2"})
    post(INBOUND, SMS | {"sender": "Bank-Opora", "key": "3"})
    assert list(InboundMessage.objects.order_by("key").values_list("sender", flat=True)) == [
        "+79000000001", "0890", "Bank-Opora",
    ]  # fmt: skip


FORGED: list[Mapping[str, object]] = [
    {"key": "x" * 32},
    {"X_Abonent_Signature": ""},
    {"X_Abonent_Signature": "0" * 64},
    {"X_Abonent_Signature": "ё" * 64},
    {"X_Abonent_Signature": "a" * 5000},
    {"X_Abonent_Timestamp": ""},
    {"X_Abonent_Timestamp": "now"},
    {"X_Abonent_Timestamp": "-1"},
    {"X_Abonent_Timestamp": "9" * 400},
    {"X_Abonent_Timestamp": "1e9"},
    {"age_s": 301},
    {"age_s": -310},
    {"signed_for": "/callbacks/sms/other"},
]


@pytest.mark.parametrize("address", [INBOUND, RECEIPT])
@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_whoever_did_not_sign_finds_nothing_and_changes_nothing(address: str, forged: dict[str, str]) -> None:
    message = sent_message()
    document = SMS if address == INBOUND else {"message_id": str(message.id), "state": "delivered"}
    with CaptureQueriesContext(connection) as queries:
        answer = post(address, document, **forged)
    assert answer.status_code == 404
    assert not queries.captured_queries
    message.refresh_from_db()
    assert message.state == "sent"
    assert not InboundMessage.objects.exists()
    missing = Client().post("/callbacks/sms/no-such")
    assert answer.content == missing.content.replace(b"/callbacks/sms/no-such", address.encode())


@pytest.mark.parametrize("address", [INBOUND, RECEIPT])
def test_without_a_key_of_ours_nothing_is_there(settings, address: str) -> None:  # type: ignore[no-untyped-def]
    settings.GATEWAY_KEY = ""
    assert post(address, SMS, key="").status_code == 404
    assert Client().get(address).status_code == 404
    assert not InboundMessage.objects.exists()


def test_a_signature_is_good_for_its_own_body_and_address_alone() -> None:
    message = sent_message()
    timestamp = str(int(now().timestamp()))
    body = json.dumps(SMS).encode()
    headers = {"X-Abonent-Timestamp": timestamp, "X-Abonent-Signature": signature(KEY, timestamp, INBOUND, body)}
    for address, changed in ((INBOUND, body + b" "), (RECEIPT, body), (INBOUND, body.replace(b"0890", b"3339"))):
        assert Client().post(address, changed, content_type="application/json", headers=headers).status_code == 404
    assert Client().post(INBOUND, body, content_type="application/json", headers=headers).status_code == 200
    message.refresh_from_db()
    assert message.state == "sent"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "no JSON"), (b"{", "no JSON"), (b"\xff\xfe", "no JSON"), (b"[" * 60_000, "no JSON"), ([], "JSON object"),
        ({}, "sender must be text"), (SMS | {"sender": None}, "sender"), (SMS | {"sender": ""}, "sender"),
        (SMS | {"sender": ["+79000000001"]}, "sender"), (SMS | {"sender": "x" * 41}, "sender"),
        (SMS | {"sender": "+7900\0"}, "sender"), (SMS | {"recipient": 3339}, "recipient"),
        (SMS | {"text": None}, "text"), (SMS | {"text": 5}, "text"), (SMS | {"key": ""}, "key"),
        (SMS | {"key": "x" * 81}, "key"), (SMS | {"key": "\ud800"}, "key"), (SMS | {"imsi": "12"}, "imsi"),
        (SMS | {"imsi": 250990000000001}, "imsi"), (SMS | {"imsi": "٢٥٠٩٩٠٠٠٠٠٠٠٠٠١"}, "imsi"),
    ],
    ids=str,
)  # fmt: skip
def test_a_body_of_no_use_is_named_and_nothing_is_kept(document: object, said: str) -> None:
    answer = post(INBOUND, document)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "\0\0", "x" * 670, "x" * 17_000, "🙂" * 335, "\ud83d half", "\u202e", "'; drop table", "ё" * 8000]
)
def test_any_text_is_borne(text: str) -> None:
    assert post(INBOUND, SMS | {"text": text}).json() == {"new": True}
    assert "\0" not in InboundMessage.objects.get().text


def test_a_body_without_end_is_not_there_either() -> None:
    assert post(INBOUND, SMS | {"text": "x" * 70_000}).status_code == 404


def test_the_own_password_is_hidden_on_this_way_too() -> None:
    post(INBOUND, SMS | {"recipient": "111", "text": "25 Kemuta-Voridi-42"})
    assert InboundMessage.objects.get().text == "25 •••"


@pytest.mark.parametrize(("state", "becomes"), [("delivered", "delivered"), ("waiting", "waiting"), ("lost", "failed")])
def test_ch_5_a_receipt_tells_how_far_a_message_came_once(state: str, becomes: str) -> None:
    message = sent_message()
    document = {"message_id": str(message.id), "state": state, "at": now().isoformat()}
    assert post(RECEIPT, document).json() == {"new": True}
    assert post(RECEIPT, document).json() == {"new": False}
    message.refresh_from_db()
    assert message.state == becomes
    assert (message.delivered_at is not None) == (becomes == "delivered")


def test_a_receipt_from_the_future_is_of_now() -> None:
    message = sent_message()
    post(RECEIPT, {"message_id": str(message.id), "state": "delivered", "at": (now() + timedelta(days=9)).isoformat()})
    message.refresh_from_db()
    assert message.delivered_at is not None
    assert message.delivered_at <= now()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "read"}, "state must be one of"), ({"state": None}, "state"), ({"message_id": "1"}, "message_id"),
        ({"message_id": None}, "message_id"), ({"at": "yesterday"}, "at must be"), ({"at": 5}, "at must be"),
        ({"at": "2030-01-01T00:00:00"}, "offset"),
    ],
    ids=str,
)  # fmt: skip
def test_a_receipt_of_no_use_is_named(change: dict[str, object], said: str) -> None:
    message = sent_message()
    answer = post(RECEIPT, {"message_id": str(message.id), "state": "delivered"} | change)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    message.refresh_from_db()
    assert message.state == "sent"


def test_a_receipt_for_a_message_that_is_not_there_is_no_news() -> None:
    assert post(RECEIPT, {"message_id": str(uuid4()), "state": "delivered"}).json() == {"new": False}


def test_while_all_places_for_hashing_are_taken_the_gateway_is_asked_to_come_again(settings) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    line = lines.line()
    document = SMS | {"sender": line.number, "recipient": "111", "text": "25 Kemuta-Voridi-42"}
    with ExitStack() as taken:
        for _ in range(hashing.pool().places):
            taken.enter_context(hashing.pool().place())
        answer = post(INBOUND, document)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not InboundMessage.objects.exists()
    assert post(INBOUND, document).json() == {"new": True}
