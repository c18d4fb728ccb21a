"""Reads of voicemail; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.actions import Pin
from abonent.domains.lines.pins.rules import Guards
from abonent.domains.lines.queries import Line
from abonent.domains.voice import models, queries
from abonent.domains.voice.queries import VOICEMAIL, Service
from abonent.domains.voice.voicemail.rules import Greeting, Kind, forgotten_at
from abonent.foundation import sealed_files

PURPOSE = "voice"
SHOWN_MAX = 100


class NotThere(LookupError):
    """It is not there, or another's: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a caller ("": withheld) left; gone for good at `forgotten_at`."""

    id: UUID
    caller: str
    left_at: datetime
    length_s: int
    kind: Kind
    is_new: bool
    is_deleted: bool
    forgotten_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """The voicemail of a line: its messages, the newest first, the greeting, the PIN for calling in, the service."""

    messages: tuple[Message, ...]
    deleted: tuple[Message, ...]
    greeting: Greeting
    own_s: int
    own_plays: bool
    pin: Pin | None
    service: Service


def overview(line: Line, at: datetime) -> Overview:
    """Return the page of a line's voicemail."""
    found = [_value(row) for row in models.VoiceMessage.objects.filter(line_id=line.id).order_by("-left_at", "id")]
    found = [one for one in found if one.forgotten_at > at]
    box = models.Mailbox.objects.filter(line_id=line.id).first()
    return Overview(
        messages=tuple(one for one in found if not one.is_deleted)[:SHOWN_MAX],
        deleted=tuple(one for one in found if one.is_deleted)[:SHOWN_MAX],
        greeting=Greeting(box.greeting) if box else Greeting.PLAIN,
        own_s=box.own_s if box else 0,
        own_plays=bool(box and box.own_kind != Kind.AMR),
        pin=pins.of_line(line.id, Guards.VOICEMAIL),
        service=queries.services(line, at, VOICEMAIL)[VOICEMAIL],
    )


def sound(*, message_id: UUID, line_ids: list[int]) -> tuple[Message, bytes]:
    """Return a message of one of the lines and what was said; raise `NotThere`."""
    row = models.VoiceMessage.objects.filter(id=message_id, line_id__in=line_ids).first()
    if row is None:
        raise NotThere
    try:
        return _value(row), sealed_files.get(row.stored, purpose=PURPOSE)
    except FileNotFoundError:
        raise NotThere from None


def greeting(line_id: int) -> Greeting:
    """Return how callers of a line are met."""
    chosen = models.Mailbox.objects.filter(line_id=line_id).values_list("greeting", flat=True).first()
    return Greeting(chosen) if chosen else Greeting.PLAIN


def own_greeting(line_id: int) -> tuple[Kind, bytes]:
    """Return the uploaded greeting of a line; raise `NotThere`."""
    box = models.Mailbox.objects.filter(line_id=line_id).exclude(own="").first()
    if box is None:
        raise NotThere
    return Kind(box.own_kind), sealed_files.get(box.own, purpose=PURPOSE)


def _value(row: models.VoiceMessage) -> Message:
    ends = forgotten_at(left_at=row.left_at, heard_at=row.heard_at, deleted_at=row.deleted_at)
    return Message(
        row.id, row.caller, row.left_at, row.length_s, Kind(row.kind), row.heard_at is None,
        row.deleted_at is not None, ends,
    )  # fmt: skip
