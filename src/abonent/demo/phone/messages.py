"""Reading and writing what the handsets hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from abonent.demo.phone.models import PhoneMessage
from abonent.demo.phone.rules import Typed
from abonent.domains.messaging import actions as messaging
from abonent.foundation.clock import now

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class Message:
    """A message on a handset; `sent_at` is aware."""

    id: str
    sender: str
    recipient: str
    text: str
    sent_at: datetime


def of_handset(number: str) -> list[Message]:
    """Return the latest messages to and from the handset, the newest last."""
    rows = PhoneMessage.objects.filter(Q(recipient=number) | Q(sender=number)).order_by("-pk")[:SHOWN_MAX]
    return [_value(row) for row in reversed(rows)]


def talks(number: str, messages: Iterable[Message]) -> dict[str, list[Message]]:
    """Return the messages by the other side, the talk with the newest message first."""
    found: dict[str, list[Message]] = {}
    for message in messages:
        other = message.recipient if message.sender == number else message.sender
        found[other] = [*found.pop(other, []), message]
    return dict(reversed(found.items()))


@transaction.atomic
def send(typed: Typed, *, key: UUID) -> Message:
    """Send a message from a handset, once by `key`: to the operator, and to the other handset when it is one."""
    row, new = PhoneMessage.objects.get_or_create(
        message_id=key,
        defaults={"sender": typed.sender, "recipient": typed.recipient, "text": typed.text, "sent_at": now()},
    )
    if not new and (row.sender, row.recipient, row.text) != (typed.sender, typed.recipient, typed.text):
        # The browser's "back" and other words in the same form: another message.
        return send(typed, key=uuid4())
    if new:
        messaging.receive(
            channel="sms", sender=typed.sender, recipient=typed.recipient, text=typed.text, key=f"phone-{key}"
        )
    return _value(row)


def _value(row: PhoneMessage) -> Message:
    return Message(str(row.message_id), row.sender, row.recipient, row.text, row.sent_at)
