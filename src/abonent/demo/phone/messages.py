"""Reading and writing what the handsets and mailboxes hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max, Q

from abonent.demo.phone.models import Call, Handset, Letter, PhoneMessage
from abonent.demo.phone.rules import BadMessage, CallState, Typed, call_state
from abonent.domains.identity.hashing import Busy
from abonent.domains.lines import handset as lines
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.states import Event
from abonent.foundation.clock import now

SHOWN_MAX = 200
CALLS_SHOWN_MAX = 5
MAILBOXES_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Message:
    """A message on a handset; `sent_at` is aware."""

    id: str
    sender: str
    recipient: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Ring:
    """A call to a handset; `text` is empty until it was heard."""

    id: str
    state: CallState
    text: str
    language: str
    rang_at: datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail in a mailbox."""

    id: str
    sender: str
    recipient: str
    subject: str
    text: str
    sent_at: datetime


def of_handset(number: str) -> list[Message]:
    """Return the latest messages to and from the handset, the newest last."""
    rows = PhoneMessage.objects.filter(Q(recipient=number) | Q(sender=number), arrived_at__isnull=False)
    return [_value(row) for row in reversed(rows.order_by("-arrived_at", "-pk")[:SHOWN_MAX])]


def talks(number: str, messages: Iterable[Message]) -> dict[str, list[Message]]:
    """Return the messages by the other side, the talk with the newest message first."""
    found: dict[str, list[Message]] = {}
    for message in messages:
        other = message.recipient if message.sender == number else message.sender
        found[other] = [*found.pop(other, []), message]
    return dict(reversed(found.items()))


@transaction.atomic
def send(typed: Typed, *, key: UUID) -> Message:
    """Send a message from a handset, once by `key`: to the operator, and to the other handset when it is one.

    Raises `BadMessage` when the handset is off, or the operator has no time for it.
    """
    if not is_on(typed.sender):
        raise BadMessage("sender", "is switched off")
    at = now()
    row, new = PhoneMessage.objects.get_or_create(
        message_id=key,
        defaults={
            "sender": typed.sender, "recipient": typed.recipient, "text": typed.text, "sent_at": at, "arrived_at": at,
        },
    )  # fmt: skip
    if not new and (row.sender, row.recipient, row.text) != (typed.sender, typed.recipient, typed.text):
        # The browser's "back" and other words in the same form: another message.
        return send(typed, key=uuid4())
    if new:
        _hand_over(typed, key)
    return _value(row)


def _hand_over(typed: Typed, key: UUID) -> None:
    try:
        messaging.receive(
            channel="sms",
            sender=typed.sender,
            recipient=typed.recipient,
            text=typed.text,
            key=f"phone-{key}",
            subscriber=lines.sim_of(typed.sender),
        )
    except Busy:
        raise BadMessage("", "the network is busy, send it again") from None


def is_on(number: str) -> bool:
    """Return whether the handset is on, as every one is that was not switched off."""
    return not Handset.objects.filter(number=number, is_on=False).exists()


@transaction.atomic
def switch(number: str, *, on: bool) -> None:
    """Switch the handset on or off; what waited for it arrives when it is on."""
    Handset.objects.get_or_create(number=number)
    Handset.objects.select_for_update().filter(number=number).update(is_on=on)
    if not on:
        return
    at = now()
    for row in PhoneMessage.objects.filter(recipient=number, arrived_at=None).order_by("pk"):
        row.arrived_at = at
        row.save(update_fields=["arrived_at"])
        messaging.note_receipt(message_id=row.message_id, heard=Event.RECEIVED, at=at)


def calls(number: str) -> list[Ring]:
    """Return the latest calls to the handset, the newest first."""
    rows = Call.objects.filter(number=number).order_by("-rang_at", "-pk")[:CALLS_SHOWN_MAX]
    return [_ring(row) for row in rows]


@transaction.atomic
def press(number: str, call: UUID) -> Ring:
    """Press 1 in a call that rings, and hear it out; raise `BadMessage` when there is no such call any more."""
    row = Call.objects.select_for_update().filter(message_id=call, number=number).first()
    if row is None:
        raise BadMessage("id", "is no call")
    at = now()
    state = call_state(rang_at=row.rang_at, heard_at=row.heard_at, now=at)
    if state is CallState.MISSED:
        raise BadMessage("id", "is a call that ended")
    if state is CallState.RINGING:
        row.heard_at = at
        row.save(update_fields=["heard_at"])
        messaging.note_receipt(message_id=row.message_id, heard=Event.RECEIVED, at=at)
    return _ring(row)


def of_mailbox(address: str) -> list[Mail]:
    """Return the latest letters to the address, the newest first."""
    rows = Letter.objects.filter(recipient=address).order_by("-pk")[:SHOWN_MAX]
    return [Mail(str(row.message_id), row.sender, row.recipient, row.subject, row.text, row.sent_at) for row in rows]


def mailboxes() -> list[str]:
    """Return the addresses that got letters last."""
    found = Letter.objects.values_list("recipient").annotate(last=Max("pk")).order_by("-last")[:MAILBOXES_OFFERED]
    return [recipient for recipient, _ in found]


def _value(row: PhoneMessage) -> Message:
    return Message(str(row.message_id), row.sender, row.recipient, row.text, row.arrived_at or row.sent_at)


def _ring(row: Call) -> Ring:
    state = call_state(rang_at=row.rang_at, heard_at=row.heard_at, now=now())
    text = row.text if state is CallState.HEARD else ""
    return Ring(str(row.message_id), state, text, row.language, row.rang_at)
