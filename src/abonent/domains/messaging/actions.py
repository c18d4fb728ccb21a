"""Writes of messaging."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from abonent.domains.messaging import jobs, models
from abonent.domains.messaging.rules import Priority
from abonent.domains.messaging.secrets import SecretRef
from abonent.domains.messaging.states import Event, State, after
from abonent.foundation.clock import now


@transaction.atomic(savepoint=False)
def send(
    *,
    channel: str = "sms",
    recipient: str,
    template: str,
    params: Mapping[str, str],
    language: str,
    priority: Priority = Priority.NOTICE,
    secret: SecretRef | None = None,
    withheld: bool = False,
) -> UUID:
    """Put a message into the outbox and its delivery into the job queue, both or neither; return the message's id.

    `params` holds no secret: what must not be kept comes from `secret` at delivery. A `withheld` message costs the
    same work and is never sent.
    """
    message = models.Message.objects.create(
        channel=channel,
        sender=settings.SMS_SENDER,
        recipient=recipient,
        template=template,
        params=dict(params),
        secret_kind=secret.kind if secret else "",
        secret_ref=secret.ref if secret else "",
        language=language,
        priority=priority,
        state=State.WITHHELD if withheld else State.QUEUED,
        created_at=now(),
    )
    jobs.deliver.configure(priority=int(priority)).defer(message_id=str(message.id))
    return message.id


@transaction.atomic
def note_receipt(*, message_id: UUID, received: bool, at: datetime) -> None:
    """Record what the gateway heard from the handset; a receipt for a message not in `sent` changes nothing."""
    message = models.Message.objects.select_for_update().filter(id=message_id, state=State.SENT).first()
    if message is None:
        return
    message.state = after(State(message.state), Event.RECEIVED if received else Event.LOST)
    message.delivered_at = at if received else None
    message.save(update_fields=["state", "delivered_at"])


def receive(*, channel: str, sender: str, recipient: str, text: str, key: str) -> bool:
    """Take a message from a handset in, once by `key`; return whether it was new."""
    _, new = models.InboundMessage.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "sender": sender,
            "recipient": recipient,
            # PostgreSQL keeps no NUL characters.
            "text": text.replace("\0", ""),
            "received_at": now(),
        },
    )
    return new
