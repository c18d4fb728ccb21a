"""Messages by voice and e-mail: their words, senders, patience; gateways of our own making."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection

from abonent.domains.identity.passwords.rules import Problem
from abonent.domains.messaging import actions, channels, delivery, models, queries, rules
from abonent.domains.messaging.ports import Refused
from abonent.domains.messaging.secrets import SecretRef
from abonent.domains.messaging.texts import sms as texts
from abonent.foundation.clock import now
from tests.factories import identity

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
CODE = {"purpose": "entry", "request": "482", "host": "evil.example"}


class Telephone:
    calls: list[dict[str, object]] = []

    def call(self, *, message_id: UUID, number: str, text: str, language: str, needs_key: bool = True,
             refuse_diverted: bool = True) -> str:  # fmt: skip
        self.calls.append({"id": message_id, "number": number, "text": text, "language": language, "key": needs_key,
                           "diverted": refuse_diverted})  # fmt: skip
        return "call-1"


class Silent:
    def call(self, **call: object) -> str:
        raise ConnectionError(f"cannot say {call['text']}")


class Diverted:
    def call(self, **call: object) -> str:
        raise Refused(f"diverted, not said: {call['text']}")


class Mailbox:
    letters: list[dict[str, object]] = []

    def send(self, **letter: object) -> str:
        self.letters.append(letter)
        return "letter-1"


class Away:
    def send(self, **letter: object) -> str:
        raise OSError(f"lost {letter['text']}")


@pytest.fixture(autouse=True)
def gateways(settings) -> None:  # type: ignore[no-untyped-def]
    Telephone.calls, Mailbox.letters = [], []
    settings.VOICE_GATEWAY, settings.MAIL_GATEWAY = f"{__name__}.Telephone", f"{__name__}.Mailbox"
    settings.EMAIL_FROM, settings.ADDRESS = "Орбита <no-reply@orbita.example>", "https://my.orbita.example"


def send(channel: str, recipient: str = NUMBER, template: str = "code", language: str = "ru", **params: str) -> UUID:
    challenge = identity.challenge(f"+7900{uuid4().int % 10**7:07}")
    return actions.send(
        channel=channel, recipient=recipient, template=template, params=CODE | params, language=language,
        secret=SecretRef("code", str(challenge)),
    )  # fmt: skip


def code_in(message_id: UUID) -> str:
    return identity.code_of(UUID(models.Message.objects.get(id=message_id).secret_ref))


def state(message_id: UUID) -> tuple[str, str]:
    message = models.Message.objects.get(id=message_id)
    return message.state, message.reason


def test_id_9_a_call_reads_the_code_out_sign_by_sign_twice_after_a_key() -> None:
    message_id = send("voice")
    delivery.deliver(message_id)
    [call] = Telephone.calls
    spelt = ", ".join(code_in(message_id))
    assert (call["id"], call["number"], call["language"]) == (message_id, NUMBER, "ru")
    assert call["key"]
    assert call["diverted"]
    assert str(call["text"]).count(spelt) == 2
    assert "Орбита" in str(call["text"])
    assert models.Message.objects.get(id=message_id).sender == "3339"


def test_ch_3_an_email_has_a_subject_without_secret_and_links_to_the_operators_own_address() -> None:
    message_id = send("email", "anna@mail.example")
    delivery.deliver(message_id)
    [letter] = Mailbox.letters
    code = code_in(message_id)
    assert (letter["sender"], letter["recipient"]) == ("Орбита <no-reply@orbita.example>", "anna@mail.example")
    assert code in str(letter["text"])
    assert code not in str(letter["subject"])
    assert "https://my.orbita.example" in str(letter["text"])
    assert "evil.example" not in str(letter["text"])


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("purpose", ["entry", "confirm", "reset", "contract", "email", "address"])
@pytest.mark.parametrize("channel", ["sms", "voice", "email"])
def test_ch_5_every_code_has_its_words_on_every_channel(language: str, purpose: str, channel: str) -> None:
    text = texts.render("code", CODE | {"purpose": purpose}, "123456", language, channel)
    assert ("1, 2, 3, 4, 5, 6" if channel == "voice" else "123456") in text
    assert (language == "ru") == any("а" <= letter <= "я" for letter in text)
    assert "%(" not in text


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("template", "params", "wanted"),
    [
        ("temporary", {"minutes": "30"}, "abcdefgh23"),
        ("temporary", {"minutes": "1", "own": "1"}, "abcdefgh23"),
        ("own password", {}, ""),
        ("own password", {"problem": "short"}, ""),
        ("keyword help", {}, "3339"),
        ("keyword form", {}, "111"),
        ("keyword closed", {}, "3339"),
        ("keyword held", {"reason": "sim", "until": "2026-11-24T10:05:00+00:00"}, "24.11.2026 13:05"),
        ("keyword held", {"reason": "forwarding", "until": "2026-11-24T10:05:00+00:00"}, "24.11.2026 13:05"),
        ("keyword busy", {"until": "2026-11-24T10:05:00+00:00"}, "24.11.2026 13:05"),
        ("keyword busy", {"until": ""}, ""),
        ("keyword protected", {}, "my.orbita.example"),
    ],
)
def test_ch_5_every_answer_has_its_words(language: str, template: str, params: dict[str, str], wanted: str) -> None:
    text = texts.render(template, params, "abcdefgh23", language)
    assert wanted in text
    assert (language == "ru") == any("а" <= letter <= "я" for letter in text)
    # Seven parts of a long message at most.
    assert len(text) <= 469


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_of_a_password_has_its_words(problem: Problem) -> None:
    text = texts.render("own password", {"problem": problem}, None, "en")
    assert "does not fit the rules" not in text


@pytest.mark.parametrize("template", ["code", "temporary", "security"])
def test_every_letter_has_a_subject(template: str) -> None:
    params = CODE | {"kind": "frozen"}
    assert "Орбита" in texts.subject(template, params, "ru")
    assert "Орбита" in texts.render(template, params, "x", "ru", "email")


def test_an_email_address_is_confirmed_under_a_subject_of_its_own() -> None:
    assert "адрес" in texts.subject("code", CODE | {"purpose": "address"}, "ru")


@pytest.mark.parametrize(("channel", "template"), [("voice", "temporary"), ("voice", "security"), ("email", "x")])
def test_what_a_channel_does_not_say_is_an_error(channel: str, template: str) -> None:
    with pytest.raises(texts.NoSuchTemplate):
        texts.render(template, CODE, "x", "ru", channel)


@pytest.mark.parametrize("name", ["VOICE_GATEWAY", "MAIL_GATEWAY"])
def test_a_channel_without_a_gateway_is_closed_and_given_up_at_once(settings, name: str) -> None:  # type: ignore[no-untyped-def]
    assert queries.open_channels() == ("sms", "voice", "email")
    setattr(settings, name, "")
    channel = {"VOICE_GATEWAY": "voice", "MAIL_GATEWAY": "email"}[name]
    assert channel not in queries.open_channels()
    message_id = send(channel)
    delivery.deliver(message_id)
    assert state(message_id) == ("failed", f"no gateway carries {channel}")


@pytest.mark.parametrize(
    ("channel", "path", "words"),
    [("voice", "uuid.uuid4", "has no method call"), ("email", "nowhere.Mail", "cannot be loaded"),
     ("email", "abonent.integrations.smtp.gateway.Smtp", "ABONENT_SMTP_HOST is missing")],
)  # fmt: skip
def test_a_gateway_that_does_not_load_is_named(settings, channel: str, path: str, words: str) -> None:  # type: ignore[no-untyped-def]
    setattr(settings, channels.GATEWAYS[channel][0], path)
    assert words in str(channels.problem(channel))


def test_nobody_is_called_twice_within_half_a_minute(settings) -> None:  # type: ignore[no-untyped-def]
    first, second = send("voice"), send("voice")
    delivery.deliver(first)
    with pytest.raises(delivery.DeliveryFailed) as early:
        delivery.deliver(second)
    assert early.value.wait_s is not None
    assert 29 <= early.value.wait_s <= 31
    assert len(Telephone.calls) == 1
    assert models.Message.objects.get(id=second).attempts == 0
    other = send("voice", "+79000000002")
    delivery.deliver(other)
    with time_machine.travel(now() + timedelta(seconds=31)):
        delivery.deliver(second)
    assert len(Telephone.calls) == 3


def test_a_killed_call_is_not_made_again_at_once() -> None:
    message_id = send("voice")
    delivery.deliver(message_id)
    models.Message.objects.filter(id=message_id).update(state="sending")
    with pytest.raises(delivery.DeliveryFailed):
        delivery.deliver(message_id)
    assert len(Telephone.calls) == 1


def test_it_calls_a_few_times_and_gives_up_and_tells_no_secret(settings) -> None:  # type: ignore[no-untyped-def]
    settings.VOICE_GATEWAY = f"{__name__}.Silent"
    message_id = send("voice")
    waits: list[int | None] = []
    at = now()
    with time_machine.travel(at, tick=False) as clock:
        while not waits or waits[-1] is not None:
            with pytest.raises(delivery.DeliveryFailed) as failed:
                delivery.deliver(message_id)
            waits.append(failed.value.wait_s)
            assert ", ".join(code_in(message_id)) not in str(failed.value)
            clock.shift(waits[-1] or 0)
    assert waits == [30, 60, 120, None]
    assert state(message_id) == ("failed", "ConnectionError: cannot say •••")
    assert all(wait is None or wait >= rules.BETWEEN_CALLS.total_seconds() for wait in waits)


def test_a_call_that_would_end_elsewhere_is_not_made(settings) -> None:  # type: ignore[no-untyped-def]
    settings.VOICE_GATEWAY = f"{__name__}.Diverted"
    message_id = send("voice")
    delivery.deliver(message_id)
    assert state(message_id) == ("failed", "diverted, not said: •••")


def test_a_call_whose_code_expired_is_not_made() -> None:
    message_id = send("voice")
    with time_machine.travel(now() + timedelta(minutes=11)):
        delivery.deliver(message_id)
    assert state(message_id) == ("failed", delivery.SECRET_WORTHLESS)
    assert Telephone.calls == []


def test_email_is_tried_as_long_as_mail_servers_ask_for(settings) -> None:  # type: ignore[no-untyped-def]
    settings.MAIL_GATEWAY = f"{__name__}.Away"
    message_id = actions.send(
        channel="email", recipient="anna@mail.example", template="security", params={"kind": "frozen"}, language="ru"
    )
    waits: list[int | None] = []
    while not waits or waits[-1] is not None:
        with pytest.raises(delivery.DeliveryFailed) as failed:
            delivery.deliver(message_id)
        waits.append(failed.value.wait_s)
    assert sum(wait or 0 for wait in waits) > 20 * 60
    assert state(message_id) == ("failed", "OSError: lost •••")


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_a_call_each_make_one() -> None:
    ids = [send("voice") for _ in range(4)]
    refused: list[int] = []
    start = threading.Barrier(len(ids), timeout=60)

    def work(message_id: UUID) -> None:
        start.wait()
        try:
            delivery.deliver(message_id)
        except delivery.DeliveryFailed:
            refused.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[message_id]) for message_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Telephone.calls) == 1
    assert len(refused) == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_said_rarely_is_said_once_by_many_at_once() -> None:
    said: list[UUID | None] = []
    start = threading.Barrier(4, timeout=60)

    def work() -> None:
        start.wait()
        try:
            said.append(
                actions.send_rarely(
                    every=timedelta(hours=1), recipient=NUMBER, template="keyword help", params={}, language="ru",
                    at=now(),
                )
            )  # fmt: skip
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in said if one]) == 1
    assert models.Message.objects.count() == 1
