"""From the outbox to the gateway: at least once, with one id, so that the gateway can leave out repetitions."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from abonent.domains.messaging import channels, models, rules, secrets
from abonent.domains.messaging.channels import Outgoing
from abonent.domains.messaging.ports import Refused
from abonent.domains.messaging.states import Event, State, after
from abonent.domains.messaging.texts import sms as texts
from abonent.domains.messaging.texts import voice as texts_voice
from abonent.foundation.clock import now

SECRET_WORTHLESS = "the secret expired or was used"  # noqa: S105 - a reason, not a secret
CALLED_JUST_NOW = "the number was called a moment ago"


class DeliveryFailed(Exception):
    """The gateway did not take the message; the text tells why, without the message's text.

    `wait_s` is how many seconds to wait before trying again, None when it is not worth it any more.
    """

    def __init__(self, reason: str, wait_s: int | None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def deliver(message_id: UUID) -> None:
    """Send the message if it waits to be sent; raise `DeliveryFailed` when trying again may help.

    A withheld message goes the same way up to the gateway: by a worker that is less busy, too, one could tell it.
    """
    message = _pick_up(message_id)
    if message is None:
        return
    secret = None
    if message.secret_kind:
        secret = secrets.reveal(secrets.SecretRef(message.secret_kind, message.secret_ref), now())
        if secret is None:
            if message.state != State.WITHHELD:
                _note(message, Event.GIVEN_UP, reason=SECRET_WORTHLESS)
            return
    outgoing = _write(message, secret)
    if message.state == State.WITHHELD:
        _note(message, Event.PICKED_UP)
        return
    try:
        provider_id = channels.carry(outgoing)
    except Refused as error:
        _note(message, Event.GIVEN_UP, reason=_reason(str(error), outgoing, secret))
    except Exception as error:  # noqa: BLE001 - gateways are other people's code; whatever they raise is tried again
        reason = _reason(f"{type(error).__name__}: {error}", outgoing, secret)
        wait_s = rules.wait_before_next_s(message.attempts, message.channel)
        _note(message, Event.GIVEN_UP if wait_s is None else Event.TRY_LATER, reason=reason)
        # Without the cause: a gateway's error likes to quote the address it called, with the text in it.
        raise DeliveryFailed(reason, wait_s) from None
    else:
        _note(message, Event.ACCEPTED, provider_id=provider_id)


def _write(message: models.Message, secret: str | None) -> Outgoing:
    """Put the message's texts together as its channel wants them."""
    text = texts.render(message.template, message.params, secret, message.language, message.channel)
    subject = texts.subject(message.template, message.params, message.language) if message.channel == "email" else ""
    return Outgoing(
        id=message.id,
        channel=message.channel,
        sender=message.sender,
        recipient=message.recipient,
        text=text,
        language=message.language,
        subject=subject,
    )


def _reason(said: str, outgoing: Outgoing, secret: str | None) -> str:
    """Return what a gateway said, for the outbox and the log: without the text, and without the secret in it."""
    for hidden in (outgoing.text, secret, texts_voice.spelt(secret or "")):
        said = rules.without_secret(said, hidden)
    return said


@transaction.atomic
def _pick_up(message_id: UUID) -> models.Message | None:
    message = models.Message.objects.select_for_update().filter(id=message_id).first()
    if message is None or message.state not in (State.QUEUED, State.SENDING, State.WITHHELD):
        return None
    at = now()
    if message.channel == "voice" and (wait_s := _wait_for_call_s(message.recipient)):
        raise DeliveryFailed(CALLED_JUST_NOW, wait_s)
    message.state = after(State(message.state), Event.PICKED_UP)
    message.attempts += 1
    message.attempted_at = at
    message.save(update_fields=["state", "attempts", "attempted_at"])
    return message


def _wait_for_call_s(number: str) -> int:
    """Return how long `number` may not be called yet; two workers with a call each take turns to ask."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('call'), hashtext(%s))", [number])
    calls = models.Message.objects.filter(recipient=number, channel="voice")
    return rules.wait_after_call_s(calls.aggregate(last=Max("attempted_at"))["last"], now())


def _note(message: models.Message, event: Event, *, reason: str = "", provider_id: str = "") -> None:
    """Write down what became of it, unless another worker, faster with the same message, did so already."""
    before = State(message.state)
    models.Message.objects.filter(id=message.id, state=before).update(
        state=after(before, event),
        reason=reason[:200],
        provider_id=provider_id[:100],
        sent_at=now() if event == Event.ACCEPTED else None,
    )
