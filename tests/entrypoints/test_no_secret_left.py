"""After a whole journey over every channel no table and no log holds a code or a password."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.identity.guards import Origin
from abonent.domains.identity.models import Session
from abonent.domains.identity.policy import CLASSIC
from abonent.domains.identity.rules import Channel, Purpose
from abonent.domains.identity.sessions import SessionStore
from abonent.domains.lines import actions as lines_actions
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import delivery
from abonent.domains.messaging.models import Message
from abonent.domains.messaging.secrets import SecretRef
from abonent.foundation import outbox
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import lines

pytestmark = pytest.mark.django_db
OWN = "Kemuta-Voridi-42"
said: list[str] = []


class Everything:
    """Every gateway at once; keeps nothing in the database, as a network does not."""

    def send(self, *, text: str, **_message: object) -> str:
        said.append(text)
        return "taken"

    def call(self, *, text: str, **_message: object) -> str:
        said.append(text)
        return "taken"


class Lost:
    """A network that takes nothing and quotes what it was asked for."""

    def send(self, *, text: str, **_message: object) -> str:
        said.append(text)
        raise OSError(f"not sent: {text}")


@pytest.fixture(autouse=True)
def gateways(settings) -> None:  # type: ignore[no-untyped-def]
    said.clear()
    # Six digits: four stand somewhere in every table by chance.
    settings.POLICY = replace(CLASSIC, code_digits=6)
    settings.SMS_GATEWAY = settings.MAIL_GATEWAY = settings.VOICE_GATEWAY = f"{__name__}.Everything"


def deliver() -> str:
    """Send what is queued, and return the last text."""
    for message_id in Message.objects.filter(state="queued").values_list("id", flat=True):
        delivery.deliver(message_id)
    return said[-1]


def answer_texts() -> None:
    for args in ProcrastinateJob.objects.filter(task_name="react").values_list("args", flat=True):
        if args["reaction"].startswith("abonent.entrypoints.sms"):
            outbox.react(**args)


def in_tables(secrets: list[str]) -> list[tuple[str, str, str]]:
    """Return where a secret stands in clear: every column of every table that can hold text."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            """select table_name, column_name from information_schema.columns join information_schema.tables
                using (table_schema, table_name)
                where table_schema = 'public' and table_type = 'BASE TABLE'
                  and data_type in ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea', 'ARRAY')"""
        )
        columns = cursor.fetchall()
        assert len(columns) > 50
        for table, column in columns:
            for secret in secrets:
                # Bytes are shown as hexadecimal digits.
                cursor.execute(
                    f'select exists (select from "{table}" where "{column}"::text ilike any(%s))',
                    [[f"%{secret}%", f"%{secret.encode().hex()}%"]],
                )
                if cursor.fetchone()[0]:
                    found.append((table, column, secret))
    for session in Session.objects.all():
        held = str(SessionStore().decode(session.data))
        found += [("session", session.key, secret) for secret in secrets if secret in held]
    return found


def code_in(text: str, pattern: str = r"\b(\d{6})\b") -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]


def test_ch_5_nothing_that_opens_a_door_is_left_anywhere(caplog: pytest.LogCaptureFixture) -> None:
    line, client, at = lines.line(), Client(), now()
    secrets = []
    with caplog.at_level(logging.DEBUG), time_machine.travel(at) as clock:
        client.post("/login/", {"number": line.number})
        secrets.append(code_in(deliver()))
        assert client.post("/login/code/", {"code": secrets[0]}).status_code == 302
        for channel, pattern in ((Channel.VOICE, r"((?:\d, ){5}\d)"), (Channel.EMAIL, r"\b(\d{6})\b")):
            clock.shift(timedelta(hours=1, minutes=1))
            challenge = lines_actions.request_code(
                number=Msisdn(line.number), purpose=Purpose.RESET, again=None, origin=Origin(), host="abonent.test",
                language="ru", at=now(), channel=channel if channel is Channel.VOICE else Channel.SMS,
            )  # fmt: skip
            if channel is Channel.EMAIL:
                messaging.send(
                    channel="email", recipient="anna@mail.example", template="code", language="ru",
                    params={"purpose": "reset", "request": "482", "host": "abonent.test"},
                    secret=SecretRef("code", str(challenge)),
                )  # fmt: skip
            secrets.append(code_in(deliver(), pattern))
        for key, words, to in (("1", "ПАРОЛЬ", "3339"), ("2", f"25 {OWN}", "111")):
            clock.shift(timedelta(hours=1, minutes=1))
            messaging.receive(channel="sms", sender=line.number, recipient=to, text=words, key=key)
            answer_texts()
            secrets.append(code_in(deliver(), r"^([a-z0-9]{10}) "))
        # The person sends codes and passwords back, as people do.
        for key, words in (("3", secrets[0]), ("4", secrets[-1]), ("5", OWN)):
            messaging.receive(channel="sms", sender=line.number, recipient="3339", text=words, key=key)
        other = Client()
        other.post("/login/password/", {"login": line.number, "password": secrets[-1]})
        deliver()
        other.post("/login/password/", {"login": line.number, "password": OWN})
    everything = [*secrets, secrets[1].replace(", ", ""), OWN]
    assert len(said) >= 6
    assert any("постоянный" in text for text in said), "the one-time password made the own one permanent"
    assert in_tables(everything) == []
    assert not [secret for secret in everything if secret in caplog.text]


def test_the_search_finds_what_is_there() -> None:
    message = Message.objects.create(
        channel="sms", sender="3339", recipient="+79000000001", template="x", params={"deep": ["482917 is it"]},
        language="ru", priority=1, created_at=now(),
    )  # fmt: skip
    assert in_tables(["482917"]) == [("messaging_message", "params", "482917")]
    assert isinstance(message.id, UUID)


def test_ch_5_nothing_is_left_of_what_could_not_be_sent(settings, caplog: pytest.LogCaptureFixture) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = f"{__name__}.Lost"
    line = lines.line()
    with caplog.at_level(logging.DEBUG):
        messaging.receive(channel="sms", sender=line.number, recipient="3339", text="ПАРОЛЬ", key="1")
        answer_texts()
        with pytest.raises(delivery.DeliveryFailed):
            deliver()
    secret = code_in(said[-1], r"^([a-z0-9]{10}) ")
    assert in_tables([secret]) == []
    assert secret not in caplog.text
