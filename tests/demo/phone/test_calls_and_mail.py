"""The phone on screen: calls, the mailbox, the switch, one-tap answers, and what its network reports."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.demo.phone import jobs, rules
from abonent.demo.phone.models import Handset, PhoneMessage
from abonent.domains.identity import hashing
from abonent.domains.identity.policy import CLASSIC
from abonent.domains.lines.models import Forwarding, Sim
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import delivery
from abonent.domains.messaging.models import InboundMessage, Message
from abonent.domains.messaging.secrets import SecretRef
from abonent.foundation.clock import now
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
ONE, TWO = "+79000000001", "+79000000002"
JSON = "/phone/messages.json"
CALLS = "/phone/calls.json"


def post(client: Client, document: object) -> tuple[int, dict[str, str]]:
    body = document if isinstance(document, bytes) else json.dumps(document)
    answer = client.post(JSON, body, content_type="application/json")
    return answer.status_code, answer.json()


def deliver(channel: str, recipient: str = ONE) -> Message:
    """Send a code to the handset or mailbox as a worker does."""
    challenge = identity.challenge(f"+7900{uuid4().int % 10**7:07}")
    message_id = messaging.send(
        channel=channel, recipient=recipient, template="code", language="ru",
        params={"purpose": "entry", "request": "482", "host": "abonent.test"}, secret=SecretRef("code", str(challenge)),
    )  # fmt: skip
    delivery.deliver(message_id)
    return Message.objects.get(id=message_id)


def report() -> None:
    """Do what a worker would do of what the demo's network tells."""
    for job in ProcrastinateJob.objects.filter(task_name__startswith="demo_phone").order_by("id"):
        {"demo_phone_tell": jobs.tell, "demo_phone_end_call": jobs.end_call}[job.task_name](**job.args)


def state_of(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def test_id_9_a_message_that_arrived_is_reported_as_delivered() -> None:
    message = deliver("sms")
    assert state_of(message) == "sent"
    report()
    assert state_of(message) == "delivered"


def test_id_9_messages_wait_for_a_handset_that_is_off_and_come_when_it_is_on(client: Client) -> None:
    client.post("/phone/switch/", {"number": ONE, "on": "0"})
    first, second = deliver("sms"), deliver("sms")
    report()
    assert (state_of(first), state_of(second)) == ("waiting", "waiting")
    assert client.get(JSON, {"number": ONE}).json() == []
    page = client.get("/phone/", {"number": ONE}).content.decode()
    assert "Телефон выключен" in page
    client.post("/phone/switch/", {"number": ONE, "on": "1"})
    assert (state_of(first), state_of(second)) == ("delivered", "delivered")
    assert [one["id"] for one in client.get(JSON, {"number": ONE}).json()] == [str(first.id), str(second.id)]
    assert "Выключить телефон" in client.get("/phone/", {"number": ONE}).content.decode()


def test_nothing_is_sent_from_a_handset_that_is_off(client: Client) -> None:
    client.post("/phone/switch/", {"number": ONE, "on": "0"})
    assert post(client, {"sender": ONE, "recipient": "3339", "text": "ПАРОЛЬ"}) == (
        400, {"error": "sender is switched off"},
    )  # fmt: skip
    page = client.post("/phone/", {"number": ONE, "recipient": "3339", "text": "ПАРОЛЬ", "key": str(uuid4())})
    assert "Сначала включите телефон" in page.content.decode()
    assert not InboundMessage.objects.exists()


def test_id_9_a_call_tells_its_code_after_the_key_only(client: Client) -> None:
    message = deliver("voice")
    [ringing] = client.get(CALLS, {"number": ONE}).json()
    assert (ringing["state"], ringing["text"]) == ("ringing", "")
    page = client.get("/phone/", {"number": ONE}).content.decode()
    assert "Нажать 1" in page
    code = ", ".join(identity.code_of(UUID(message.secret_ref)))
    assert code not in page
    client.post("/phone/call/", {"number": ONE, "call": ringing["id"]})
    assert code in client.get("/phone/", {"number": ONE}).content.decode()
    assert state_of(message) == "delivered"
    report()
    assert state_of(message) == "delivered"


def test_id_9_a_call_nobody_takes_is_missed_and_stays_silent(client: Client) -> None:
    message = deliver("voice")
    with time_machine.travel(now() + rules.RINGS):
        [missed] = client.get(CALLS, {"number": ONE}).json()
        assert (missed["state"], missed["text"]) == ("missed", "")
        answer = client.post(CALLS, json.dumps({"number": ONE, "id": missed["id"]}), content_type="application/json")
        assert (answer.status_code, answer.json()["error"]) == (400, "id is a call that ended")
        client.post("/phone/call/", {"number": ONE, "call": missed["id"]})
        assert "Пропущенный звонок" in client.get("/phone/", {"number": ONE}).content.decode()
    report()
    assert state_of(message) == "failed"


def test_a_handset_that_is_off_does_not_ring(client: Client) -> None:
    client.post("/phone/switch/", {"number": ONE, "on": "0"})
    with pytest.raises(delivery.DeliveryFailed):
        deliver("voice")
    assert client.get(CALLS, {"number": ONE}).json() == []


def test_a_diverted_number_is_not_called() -> None:
    line = lines.line()
    Forwarding.objects.create(line_id=line.id, condition="busy", target=TWO, since=now())
    assert deliver("voice", line.number).reason == "the number is diverted"


def test_the_key_is_pressed_on_the_handset_that_rings(client: Client) -> None:
    deliver("voice")
    [call] = client.get(CALLS, {"number": ONE}).json()
    for number, named in ((TWO, call["id"]), (ONE, str(uuid4())), (ONE, "x"), (ONE, None), ("7", call["id"])):
        answer = client.post(CALLS, json.dumps({"number": number, "id": named}), content_type="application/json")
        assert answer.status_code == 400
        client.post("/phone/call/", {"number": number, "call": named or ""})
    assert client.get(CALLS, {"number": ONE}).json() == [call]


def test_ch_3_a_letter_is_in_the_mailbox_of_its_address_once(client: Client) -> None:
    message = deliver("email", "Anna@Mail.example")
    Message.objects.filter(id=message.id).update(state="sending")
    delivery.deliver(message.id)
    [letter] = client.get("/phone/mail.json", {"address": " anna@mail.EXAMPLE "}).json()
    assert letter["subject"] == "Ваш код – Орбита"
    assert letter["sender"] == "no-reply@orbita.example"
    assert identity.code_of(UUID(message.secret_ref)) in letter["text"]
    page = client.get("/phone/mail/", {"address": "anna@mail.example"}).content.decode()
    assert "Ваш код – Орбита" in page
    assert "anna@mail.example" in client.get("/phone/mail/").content.decode()
    assert client.get("/phone/mail.json", {"address": "eve@mail.example"}).json() == []


@pytest.mark.parametrize("address", ["", "anna", "@", "a b@c", "\0@c.example", "a" * 300 + "@c.example", "<b>@"])
def test_what_is_no_mailbox_is_named(client: Client, address: str) -> None:
    assert client.get("/phone/mail.json", {"address": address}).status_code == 400
    page = client.get("/phone/mail/", {"address": address})
    assert page.status_code == 200
    assert ("Ошибка" in page.content.decode()) == bool(address)


def test_the_word_that_tells_states_apart_changes_with_everything_on_the_page(client: Client) -> None:
    seen = []

    def look() -> None:
        seen.append(client.get("/phone/newest.json", {"number": ONE}).json()["newest"])

    look()
    deliver("sms")
    look()
    deliver("voice")
    look()
    [call] = client.get(CALLS, {"number": ONE}).json()
    client.post(CALLS, json.dumps({"number": ONE, "id": call["id"]}), content_type="application/json")
    look()
    client.post("/phone/switch.json", json.dumps({"number": ONE, "on": False}), content_type="application/json")
    look()
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("address", "body"),
    [("/phone/switch.json", {}), ("/phone/switch.json", {"number": ONE, "on": "1"}), ("/phone/calls.json", []),
     ("/phone/switch.json", {"number": "x", "on": True})],
)  # fmt: skip
def test_a_document_of_no_use_is_named(client: Client, address: str, body: object) -> None:
    answer = client.post(address, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert not Handset.objects.exists()


@pytest.mark.parametrize("address", ["/phone/switch/", "/phone/call/"])
@pytest.mark.parametrize("fields", [{}, {"number": "\0"}, {"number": "x" * 5000, "on": "1"}, {"call": "x"}])
def test_a_form_of_no_use_leads_back_and_changes_nothing(client: Client, address: str, fields: dict[str, str]) -> None:
    answer = client.post(address, fields)
    assert (answer.status_code, answer["Location"]) == (302, "/phone/")
    assert not Handset.objects.exists()
    assert client.get(address).status_code == 405


def test_an_operator_without_time_is_said_and_nothing_is_sent(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.POLICY = CLASSIC
    number, text = lines.line().number, "25 Kemuta-Voridi-42"
    with ExitStack() as taken:
        for _ in range(hashing.pool().places):
            taken.enter_context(hashing.pool().place())
        page = client.post("/phone/", {"number": number, "recipient": "111", "text": text, "key": str(uuid4())})
        assert post(client, {"sender": number, "recipient": "111", "text": text})[0] == 400
    assert "Сообщение не отправлено" in page.content.decode()
    assert not PhoneMessage.objects.exists()
    assert not InboundMessage.objects.exists()


def test_one_tap_sends_the_word(client: Client) -> None:
    page = client.get("/phone/", {"number": ONE}).content.decode()
    assert 'name="text" value="ПАРОЛЬ"' in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    fields = {"number": ONE, "recipient": "3339", "text": "ПАРОЛЬ", "key": key[1]}
    assert client.post("/phone/", fields).status_code == 302
    assert InboundMessage.objects.get().text == "ПАРОЛЬ"


def test_id_18_a_handset_names_its_own_sim() -> None:
    line = lines.line()
    Sim.objects.create(line_id=line.id, imsi="250990000000001", since=now())
    post(Client(), {"sender": line.number, "recipient": "3339", "text": "ПАРОЛЬ"})
    assert InboundMessage.objects.get().subscriber == "250990000000001"
