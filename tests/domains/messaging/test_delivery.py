"""From the outbox to a gateway, with gateways of our own making."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from abonent.domains.messaging import actions, channels, delivery, jobs, models, ports, queries
from abonent.domains.messaging.rules import ATTEMPTS_MAX, Priority
from abonent.domains.messaging.secrets import SecretRef
from abonent.domains.messaging.states import Event
from abonent.domains.messaging.texts import sms as texts
from abonent.foundation.clock import now
from abonent.foundation.jobs import worker
from tests.factories import identity

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


class Kept:
    """A gateway that keeps what it got."""

    sent: list[dict[str, object]] = []

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        self.sent.append({"id": message_id, "sender": sender, "recipient": recipient, "text": text})
        return f"provider-{len(self.sent)}"


class Broken:
    """A gateway that is away, and quotes what it was asked for."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        raise ConnectionError(f"https://gateway/?to={recipient}&text={text}")


class SlowAndBroken:
    """A gateway that fails after another worker, which thought this one dead, got the message through."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        models.Message.objects.filter(id=message_id).update(state="sent", provider_id="provider-of-the-other")
        raise TimeoutError


class Fast:
    """A gateway that hears from the handset before it has answered us."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        actions.note_receipt(message_id=message_id, heard=Event.RECEIVED, at=now())
        return "fast"


class FastAndLost:
    """A gateway that hears that nobody got it before it has answered us."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        assert actions.note_receipt(message_id=message_id, heard=Event.LOST, at=now())
        return "fast"


class Refusing:
    """A gateway that never takes this."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        raise ports.Refused("unknown network")


@pytest.fixture(autouse=True)
def gateway(settings) -> type[Kept]:  # type: ignore[no-untyped-def]
    Kept.sent = []
    settings.SMS_GATEWAY = f"{__name__}.Kept"
    return Kept


def queued() -> models.Message:
    identity.challenge(NUMBER)
    return models.Message.objects.get()


def test_id_3_a_code_goes_first_in_the_text_and_from_our_short_number(gateway: type[Kept]) -> None:
    message = queued()
    delivery.deliver(message.id)
    [sent] = gateway.sent
    code = identity.last_code(NUMBER)
    text = str(sent["text"])
    assert (sent["id"], sent["sender"], sent["recipient"]) == (message.id, "3339", NUMBER)
    assert text.startswith(code)
    assert text.splitlines()[-1] == f"@abonent.test #{code}"
    message.refresh_from_db()
    assert (message.state, message.attempts, message.provider_id) == ("sent", 1, "provider-1")
    assert message.sent_at is not None


def test_a_message_goes_out_once_however_often_its_job_runs(gateway: type[Kept]) -> None:
    message = queued()
    delivery.deliver(message.id)
    delivery.deliver(message.id)
    assert len(gateway.sent) == 1


def test_a_message_whose_worker_was_killed_goes_out_again_under_the_same_id(gateway: type[Kept]) -> None:
    message = queued()
    delivery.deliver(message.id)
    models.Message.objects.update(state="sending")
    delivery.deliver(message.id)
    assert [sent["id"] for sent in gateway.sent] == [message.id, message.id]
    assert gateway.sent[0]["text"] == gateway.sent[1]["text"]


def test_id_17_a_withheld_message_is_never_sent(gateway: type[Kept]) -> None:
    identity.challenge(NUMBER, subject=None)
    message = models.Message.objects.get()
    delivery.deliver(message.id)
    message.refresh_from_db()
    assert (message.state, gateway.sent) == ("withheld", [])


def test_id_17_a_withheld_message_costs_the_worker_the_same_work(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = f"{__name__}.Kept"
    spent = []
    for subject in (1, None):
        challenge = identity.challenge(f"{NUMBER[:-1]}{subject or 0}", subject=subject)
        message = models.Message.objects.get(secret_ref=str(challenge))
        with CaptureQueriesContext(connection) as queries:
            delivery.deliver(message.id)
        spent.append([" ".join(query["sql"].split()[:2]) for query in queries.captured_queries])
    plain = [[sql for sql in one if "SAVEPOINT" not in sql] for one in spent]
    assert len(spent[0]) == len(spent[1])
    assert plain[0] == plain[1]


def test_what_another_worker_wrote_down_meanwhile_stays(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = f"{__name__}.SlowAndBroken"
    message = queued()
    with pytest.raises(delivery.DeliveryFailed):
        delivery.deliver(message.id)
    message.refresh_from_db()
    assert (message.state, message.provider_id, message.reason) == ("sent", "provider-of-the-other", "")


def test_a_code_that_expired_on_the_way_is_not_sent(gateway: type[Kept]) -> None:
    message = queued()
    with time_machine.travel(now() + timedelta(minutes=11)):
        delivery.deliver(message.id)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", delivery.SECRET_WORTHLESS)
    assert gateway.sent == []


def test_ch_5_it_tries_again_and_again_and_tells_no_secret(settings, caplog: pytest.LogCaptureFixture) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = f"{__name__}.Broken"
    message = queued()
    code = identity.last_code(NUMBER)
    waits = []
    with caplog.at_level(logging.DEBUG):
        for _ in range(ATTEMPTS_MAX):
            with pytest.raises(delivery.DeliveryFailed) as failed:
                delivery.deliver(message.id)
            waits.append(failed.value.wait_s)
            assert code not in str(failed.value)
            assert failed.value.__cause__ is None
            assert failed.value.__suppress_context__
    message.refresh_from_db()
    assert waits == [2, 4, 8, 16, 32, 64, 128, None]
    assert (message.state, message.attempts) == ("failed", ATTEMPTS_MAX)
    assert code not in message.reason
    assert code not in caplog.text


def test_it_gives_up_at_once_when_the_gateway_refuses(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = f"{__name__}.Refusing"
    message = queued()
    delivery.deliver(message.id)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", "unknown network")


def test_the_outbox_row_and_its_job_are_written_together_or_not_at_all() -> None:
    class Undone(Exception):
        pass

    @transaction.atomic
    def begin() -> None:
        queued()
        assert ProcrastinateJob.objects.count() == before + 1
        raise Undone

    before = ProcrastinateJob.objects.count()
    with pytest.raises(Undone):
        begin()
    assert models.Message.objects.count() == 0
    assert ProcrastinateJob.objects.count() == before


def test_ch_5_a_code_goes_before_an_advertisement() -> None:
    news = actions.send(recipient=NUMBER, template="code", params={}, language="ru", priority=Priority.NEWS)
    identity.challenge(NUMBER)
    code = models.Message.objects.exclude(id=news).get()
    priority = dict(ProcrastinateJob.objects.values_list("args__message_id", "priority"))
    assert priority[str(code.id)] > priority[str(news)]


@pytest.mark.django_db(transaction=True)
def test_a_worker_carries_the_message(gateway: type[Kept]) -> None:
    message = queued()
    with worker.app() as app:
        app.run_worker(wait=False, queues=["messages"], install_signal_handlers=False, listen_notify=False)
    assert len(gateway.sent) == 1
    message.refresh_from_db()
    assert message.state == "sent"


def test_a_job_that_fails_tries_again_after_the_messages_own_wait() -> None:
    back_off = jobs.BackOff()
    decision = back_off.get_retry_decision(exception=delivery.DeliveryFailed("away", 8), job=_job(1))
    assert decision is not None
    assert back_off.get_retry_decision(exception=delivery.DeliveryFailed("away", None), job=_job(1)) is None
    assert back_off.get_retry_decision(exception=OSError(), job=_job(ATTEMPTS_MAX)) is None


def _job(attempts: int) -> Job:
    return Job(id=1, queue="messages", lock=None, queueing_lock=None, task_name="deliver_message", attempts=attempts)


def test_a_receipt_ends_the_message_once() -> None:
    message = queued()
    assert not actions.note_receipt(message_id=message.id, heard=Event.RECEIVED, at=now())
    message.refresh_from_db()
    assert message.state == "queued"
    delivery.deliver(message.id)
    assert actions.note_receipt(message_id=message.id, heard=Event.RECEIVED, at=now())
    assert not actions.note_receipt(message_id=message.id, heard=Event.LOST, at=now())
    message.refresh_from_db()
    assert message.state == "delivered"
    assert not actions.note_receipt(message_id=uuid4(), heard=Event.RECEIVED, at=now())
    assert not actions.note_receipt(message_id=message.id, heard=Event.GIVEN_UP, at=now())


def test_a_message_waits_for_a_handset_that_is_off_and_arrives_later() -> None:
    message = queued()
    delivery.deliver(message.id)
    ref = message.secret_ref
    assert actions.note_receipt(message_id=message.id, heard=Event.HELD, at=now())
    assert not actions.note_receipt(message_id=message.id, heard=Event.HELD, at=now())
    found = queries.delivery_of("code", ref)
    assert found is not None
    assert (found.state, found.channel) == ("waiting", "sms")
    later = now() + timedelta(minutes=3)
    assert actions.note_receipt(message_id=message.id, heard=Event.RECEIVED, at=later)
    found = queries.delivery_of("code", ref)
    assert found is not None
    assert (found.state, found.at) == ("delivered", later)


def test_a_receipt_that_outruns_the_gateways_answer_counts_and_stays(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = f"{__name__}.Fast"
    message = queued()
    delivery.deliver(message.id)
    message.refresh_from_db()
    assert message.state == "delivered"
    assert message.sent_at is not None


def test_a_loss_that_outruns_the_gateways_answer_counts_and_stays(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = f"{__name__}.FastAndLost"
    message = queued()
    delivery.deliver(message.id)
    message.refresh_from_db()
    assert (message.state, message.delivered_at) == ("failed", None)
    delivery.deliver(message.id)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", 1)


def test_the_newest_message_with_a_secret_tells_how_far_it_came(gateway: type[Kept]) -> None:
    assert queries.delivery_of("code", str(uuid4())) is None
    message = queued()
    first = queries.delivery_of("code", message.secret_ref)
    assert first is not None
    assert (first.state, first.at) == ("queued", message.created_at)
    delivery.deliver(message.id)
    again = actions.send(
        channel="voice", recipient=NUMBER, template="code", params=message.params, language="ru",
        secret=SecretRef("code", message.secret_ref),
    )  # fmt: skip
    newest = queries.delivery_of("code", message.secret_ref)
    assert newest is not None
    assert (newest.state, newest.channel) == ("queued", "voice")
    assert models.Message.objects.get(id=again).sender == "3339"


def test_id_17_a_withheld_message_tells_nothing_of_its_way() -> None:
    challenge = identity.challenge(NUMBER, subject=None)
    assert queries.delivery_of("code", str(challenge)) is None


def test_a_message_from_a_handset_is_taken_in_once() -> None:
    facts = {"channel": "sms", "sender": NUMBER, "recipient": "3339", "text": "ПАРОЛЬ\0", "key": "gateway-1"}
    assert actions.receive(**facts)
    assert not actions.receive(**facts | {"text": "other"})
    assert models.InboundMessage.objects.get().text == "ПАРОЛЬ"


@pytest.mark.parametrize(
    ("path", "words"),
    [("", "no gateway"), ("nowhere.Gateway", "No module"), (f"{__name__}.Job", "missing"), ("uuid.uuid4", "no method")],
)
def test_a_gateway_that_does_not_load_is_named(settings, path: str, words: str) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = path
    problem = channels.problem("sms")
    assert problem is not None
    assert path in problem
    assert words in problem


def test_a_gateway_that_loads_is_no_problem(settings) -> None:  # type: ignore[no-untyped-def]
    assert channels.problem("sms") is None


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("purpose", ["entry", "confirm"])
def test_ch_5_every_text_is_there_in_every_language(language: str, purpose: str) -> None:
    params = {"purpose": purpose, "request": "482", "host": "abonent.test"}
    text = texts.render("code", params, "123456", language)
    assert text.startswith("123456 ")
    assert "482" in text
    assert text.endswith("\n@abonent.test #123456")
    assert (language == "ru") == any("а" <= letter <= "я" for letter in text)


def test_a_template_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(texts.NoSuchTemplate):
        texts.render("nothing", {}, None, "ru")
