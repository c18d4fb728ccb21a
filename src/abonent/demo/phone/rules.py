"""What a handset can send, told from whatever came in. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from abonent.foundation.values import InvalidNumber, Msisdn

# How long a handset rings before the caller gives up.
RINGS = timedelta(seconds=60)
# Ten parts of a long message: no handset sends more.
TEXT_LENGTH_MAX = 670
# `re.ASCII`: digits of other scripts are no phone number.
_SHORT_NUMBER = re.compile(r"[*#0-9]{2,10}", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _.-]{1,10}", re.ASCII)
_REASONS = {
    "empty": "is missing",
    "letters": "has letters in it",
    "too_short": "is too short",
    "too_long": "is too long",
    "impossible": "is no phone number",
}


class BadMessage(ValueError):
    """What was asked cannot be done: `field` (empty when it is none of them) and what is wrong, in English."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}".strip())
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Typed:
    """A message from a handset: `sender` in E.164, `recipient` in E.164, a short number or a name."""

    sender: str
    recipient: str
    text: str


class CallState(StrEnum):
    """How a call stands."""

    RINGING = "ringing"
    HEARD = "heard"
    MISSED = "missed"


def call_state(*, rang_at: datetime, heard_at: datetime | None, now: datetime) -> CallState:
    """Return how the call stands at `now`."""
    if heard_at is not None:
        return CallState.HEARD
    return CallState.RINGING if now < rang_at + RINGS else CallState.MISSED


def handset(typed: object, field: str = "number") -> str:
    """Return the handset's number in E.164; a plus that came as a blank, or did not come, is put back."""
    if not isinstance(typed, str):
        raise BadMessage(field, "is missing" if typed is None else "must be text")
    text = typed.strip()
    if re.fullmatch(r"7[0-9]{10}", text, re.ASCII):
        text = f"+{text}"
    try:
        return Msisdn.parse(text).e164
    except InvalidNumber as error:
        raise BadMessage(field, _REASONS[error.reason]) from None


def other_side(typed: object) -> str:
    """Return whom a message goes to, or raise `BadMessage`."""
    if not isinstance(typed, str):
        raise BadMessage("recipient", "is missing" if typed is None else "must be text")
    text = typed.strip()
    if _SHORT_NUMBER.fullmatch(text) or _NAME.fullmatch(text):
        return text
    return handset(text, "recipient")


def message(fields: Mapping[str, object]) -> Typed:
    """Return the message that `fields` (`sender`, `recipient`, `text`) stand for, or raise `BadMessage`."""
    text = fields.get("text")
    sender, recipient = handset(fields.get("sender"), "sender"), other_side(fields.get("recipient"))
    if not isinstance(text, str):
        raise BadMessage("text", "is missing" if text is None else "must be text")
    if not text.strip():
        raise BadMessage("text", "is empty")
    if len(text) > TEXT_LENGTH_MAX:
        raise BadMessage("text", f"is longer than {TEXT_LENGTH_MAX} characters")
    # Neither a database nor a handset takes NUL or half a surrogate pair.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadMessage("text", "holds characters that cannot be sent")
    return Typed(sender, recipient, text.replace("\r\n", "\n"))


def from_json(body: bytes) -> Typed:
    """Return the message in a JSON body, or raise `BadMessage`."""
    return message(_object(body, "sender, recipient and text"))


def pressed(body: bytes) -> tuple[str, UUID]:
    """Return which handset took which call, told in a JSON body, or raise `BadMessage`."""
    fields = _object(body, "number and id")
    number, named = handset(fields.get("number")), fields.get("id")
    try:
        return number, UUID(named if isinstance(named, str) else "")
    except ValueError:
        raise BadMessage("id", "is no call") from None


def switched(body: bytes) -> tuple[str, bool]:
    """Return which handset is to be on or off, told in a JSON body, or raise `BadMessage`."""
    fields = _object(body, "number and on")
    number, on = handset(fields.get("number")), fields.get("on")
    if not isinstance(on, bool):
        raise BadMessage("on", "must be true or false")
    return number, on


def mailbox(typed: object) -> str:
    """Return the e-mail address in small letters, or raise `BadMessage`."""
    text = typed.strip().lower() if isinstance(typed, str) else ""
    if not re.fullmatch(r"[^@\s\0]{1,64}@[^@\s\0]{1,189}", text):
        raise BadMessage("address", "is no e-mail address")
    return text


def _object(body: bytes, fields: str) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadMessage("", "the body is no JSON") from None
    if not isinstance(found, dict):
        raise BadMessage("", f"the body must be a JSON object with {fields}")
    return found
