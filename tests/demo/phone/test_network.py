"""The network on screen."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from abonent.domains.lines import queries
from abonent.domains.lines.models import Line, NetworkEvent
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.test_hostile import NAUGHTY
from tests.factories import cabinet, catalog, identity

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
PAGE = "/phone/network/"


@pytest.fixture
def line() -> queries.Line:
    catalog.of_the_demo("poputny")
    return cabinet.line(NUMBER)


def do(client: Client, act: str, number: str = NUMBER, key: str = "") -> str:
    answer = client.post(PAGE, {"number": number, "act": act, "key": key or str(uuid4())})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_every_act_changes_what_is_said_of_the_line(client: Client, line: queries.Line) -> None:
    assert "noted=done" in do(client, "sim")
    assert queries.hold_of(line.id, now())
    do(client, "forward")
    assert queries.is_forwarded(line.id)
    do(client, "stay")
    assert not queries.is_forwarded(line.id)
    do(client, "unused")
    assert queries.holder(line.id, now()).block_reason == "unused"
    assert "Снять блокировку" in client.get(PAGE, {"number": NUMBER}).content.decode()
    do(client, "used")
    do(client, "terminate")
    assert queries.holder(line.id, now()).closed_at
    assert "Расторгнуть" not in client.get(PAGE, {"number": NUMBER}).content.decode()


def test_id_18_a_number_given_to_somebody_else_is_a_new_line_of_another_person(
    client: Client, line: queries.Line
) -> None:
    key = str(uuid4())
    assert "noted=done" in do(client, "release", key=key)
    assert "noted=repeated" in do(client, "release", key=key)
    new = queries.served_by_number(NUMBER)
    assert new
    assert new.id != line.id
    assert new.party_id != line.party_id
    assert Line.objects.count() == 2
    browser = Client()
    identity.sign_in(browser, new)
    assert cabinet.words(browser)


def test_a_form_sent_twice_is_one_event(client: Client, line: queries.Line) -> None:
    key = str(uuid4())
    assert "noted=done" in do(client, "sim", key=key)
    assert "noted=repeated" in do(client, "sim", key=key)
    assert NetworkEvent.objects.count() == 1


@pytest.mark.parametrize("text", NAUGHTY)
def test_any_text_gets_a_page(client: Client, line: queries.Line, text: str) -> None:
    assert client.get(PAGE, {"number": text, "noted": text}).status_code == 200
    for fields in ({"number": text, "act": "sim", "key": str(uuid4())}, {"number": NUMBER, "act": text, "key": text}):
        assert client.post(PAGE, fields).status_code in (200, 302)
    assert Line.objects.get().closed_at is None
