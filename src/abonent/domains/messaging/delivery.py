"""From the outbox to the gateway: at least once, with one id, so that the gateway can leave out repetitions."""

from __future__ import annotations

from functools import lru_cache
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from abonent.domains.messaging import models, rules, secrets, texts
from abonent.domains.messaging.ports import Refused, SmsGateway
from abonent.domains.messaging.states import Event, State, after
from abonent.foundation.clock import now

SECRET_WORTHLESS = "the secret expired or was used"  # noqa: S105 - a reason, not a secret


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
    text = texts.render(message.template, message.params, secret, message.language)
    if message.state == State.WITHHELD:
        _note(message, Event.PICKED_UP)
        return
    try:
        provider_id = gateway().send(
            message_id=message.id, sender=message.sender, recipient=message.recipient, text=text
        )
    except Refused as error:
        _note(message, Event.GIVEN_UP, reason=rules.without_secret(str(error), secret))
    except Exception as error:  # noqa: BLE001 - gateways are other people's code; whatever they raise is tried again
        reason = rules.without_secret(f"{type(error).__name__}: {error}".replace(text, "•••"), secret)
        wait_s = rules.wait_before_next_s(message.attempts)
        _note(message, Event.GIVEN_UP if wait_s is None else Event.TRY_LATER, reason=reason)
        # Without the cause: a gateway's error likes to quote the address it called, with the text in it.
        raise DeliveryFailed(reason, wait_s) from None
    else:
        _note(message, Event.ACCEPTED, provider_id=provider_id)


def gateway() -> SmsGateway:
    """Return the gateway that the settings name; raise `ImportError` when there is none to load."""
    return _load(settings.SMS_GATEWAY)


def gateway_problem() -> str | None:
    """Return why no message can be sent, in one line, or None when the gateway loads: for `abonent check`."""
    named = f"ABONENT_SMS_GATEWAY={settings.SMS_GATEWAY!r}"
    try:
        found = gateway()
    except (ImportError, TypeError, ValueError) as error:
        return f"{named} cannot be loaded: {error}"
    return None if callable(getattr(found, "send", None)) else f"{named} has no method send"


@lru_cache
def _load(path: str) -> SmsGateway:
    if not path:
        raise ImportError("no gateway is named")
    return cast(SmsGateway, import_string(path)())


@transaction.atomic
def _pick_up(message_id: UUID) -> models.Message | None:
    message = models.Message.objects.select_for_update().filter(id=message_id).first()
    if message is None or message.state not in (State.QUEUED, State.SENDING, State.WITHHELD):
        return None
    message.state = after(State(message.state), Event.PICKED_UP)
    message.attempts += 1
    message.save(update_fields=["state", "attempts"])
    return message


def _note(message: models.Message, event: Event, *, reason: str = "", provider_id: str = "") -> None:
    """Write down what became of it, unless another worker, faster with the same message, did so already."""
    before = State(message.state)
    models.Message.objects.filter(id=message.id, state=before).update(
        state=after(before, event),
        reason=reason[:200],
        provider_id=provider_id[:100],
        sent_at=now() if event == Event.ACCEPTED else None,
    )
