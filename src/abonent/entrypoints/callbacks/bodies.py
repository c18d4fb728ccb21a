"""What gateways send, told from whatever came in: what it says. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from abonent.web.signatures import GOOD_FOR_S as GOOD_FOR_S
from abonent.web.signatures import is_signed as is_signed
from abonent.web.signatures import signature as signature

NAME_LENGTH_MAX = 40
# What is stored is this with a word before it, 100 characters in all.
KEY_LENGTH_MAX = 80
STATES = ("delivered", "waiting", "lost")


class BadBody(ValueError):
    """The gateway signed something we cannot use; the text tells its maker what."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """An SMS from a person; `subscriber` is the IMSI, empty when the gateway does not say."""

    sender: str
    recipient: str
    text: str
    subscriber: str
    key: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: `state` is one of `STATES`; `at` is aware, None: just now."""

    message_id: UUID
    state: str
    at: datetime | None


def inbound(body: bytes) -> Inbound:
    """Return the SMS in a body, or raise `BadBody`."""
    fields = _fields(body)
    return Inbound(
        sender=_number(_text(fields, "sender", NAME_LENGTH_MAX)),
        recipient=_text(fields, "recipient", NAME_LENGTH_MAX),
        # Half a surrogate pair is no text: it is what is left of a picture cut in two.
        text=_text(fields, "text", None).encode("utf-8", "replace").decode(),
        subscriber=_imsi(fields),
        key=_text(fields, "key", KEY_LENGTH_MAX),
    )


def receipt(body: bytes) -> Receipt:
    """Return the receipt in a body, or raise `BadBody`."""
    fields = _fields(body)
    state = _text(fields, "state", NAME_LENGTH_MAX)
    if state not in STATES:
        raise BadBody(f"state must be one of {', '.join(STATES)}")
    try:
        message_id = UUID(_text(fields, "message_id", NAME_LENGTH_MAX))
    except ValueError:
        raise BadBody("message_id is not the one we gave") from None
    return Receipt(message_id, state, _moment(fields))


@dataclass(frozen=True, slots=True)
class Left:
    """A voice message: `caller` is empty for a withheld number, `sound` is base64; `at` is aware, None: just now."""

    number: str
    caller: str
    key: str
    sound: str
    at: datetime | None


def voice_message(body: bytes) -> Left:
    """Return the voice message in a body, or raise `BadBody`."""
    fields = _fields(body)
    caller = fields.get("caller", "")
    return Left(
        number=_phone(fields, "number"),
        caller=_phone(fields, "caller") if caller else "",
        key=_text(fields, "key", KEY_LENGTH_MAX - 10),
        sound=_text(fields, "sound", None),
        at=_moment(fields),
    )


def voice_number(body: bytes) -> str:
    """Return the number in a body, or raise `BadBody`."""
    return _phone(_fields(body), "number")


def voice_pin(body: bytes) -> tuple[str, str]:
    """Return the number and the PIN that who calls in has entered, or raise `BadBody`."""
    fields = _fields(body)
    return _phone(fields, "number"), _text(fields, "pin", NAME_LENGTH_MAX)


def _phone(fields: Mapping[str, object], name: str) -> str:
    found = _number(_text(fields, name, NAME_LENGTH_MAX))
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", found, re.ASCII):
        raise BadBody(f"{name} must be a whole number with the code of its country")
    return found


def _fields(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBody("the body is no JSON") from None
    if not isinstance(found, dict):
        raise BadBody("the body must be a JSON object")
    return found


def _text(fields: Mapping[str, object], name: str, length_max: int | None) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or (length_max is not None and not value):
        raise BadBody(f"{name} must be text")
    if length_max is None:
        return value
    if len(value) > length_max or not value.isprintable():
        raise BadBody(f"{name} must be printable and of {length_max} characters at most")
    return value


def _imsi(fields: Mapping[str, object]) -> str:
    value = fields.get("imsi", "")
    if value in ("", None):
        return ""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{5,15}", value, re.ASCII):
        raise BadBody("imsi must be 5 to 15 digits")
    return value


def _number(sender: str) -> str:
    """Return a number in full with its plus, which networks leave out; names and short numbers as they are."""
    return f"+{sender}" if re.fullmatch(r"[1-9][0-9]{9,14}", sender, re.ASCII) else sender


def _moment(fields: Mapping[str, object]) -> datetime | None:
    value = fields.get("at")
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise BadBody("at must be a time as 2030-12-31T04:00:00+03:00") from None
    if moment.tzinfo is None:
        raise BadBody("at must have its offset")
    return moment
