"""Events of the network as lines of JSON: what comes in from outside, told from what cannot be one. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from abonent.domains.lines.network.rules import CONDITIONS, Kind
from abonent.domains.lines.numbers.rules import is_imsi
from abonent.foundation.values import InvalidNumber, Msisdn

LINE_LENGTH_MAX = 4_000
KEY_LENGTH_MAX = 100
LOGIN_LENGTH_MAX = 40
KINDS = {
    "sim_replaced": Kind.SIM_REPLACED,
    "forwarding_changed": Kind.FORWARDING,
    "number_released": Kind.RELEASED,
    "line_terminated": Kind.TERMINATED,
    "line_unused": Kind.UNUSED,
    "line_used_again": Kind.USED_AGAIN,
}
_LOGIN = re.compile(r"[A-Za-z0-9._@-]{1,40}", re.ASCII)


class BadEvent(ValueError):
    """What came is no event; the text says in English what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the network said: `number` is E.164, or the login of a line that has none; `at` when it happened.

    `value` is the new SIM's IMSI, or where calls go under `condition` (empty: nowhere any more).
    """

    kind: Kind
    number: str
    at: datetime
    key: str
    value: str = ""
    condition: str = ""


def read(line: str | bytes) -> Event:
    """Return the event in a line of JSON; raise `BadEvent`.

    Its fields: `key`, `event` (one of `KINDS`), `number`, `at` (ISO 8601 with an offset); with `sim_replaced` `imsi`,
    with `forwarding_changed` `condition` and `target`, null when calls stay.
    """
    if len(line) > LINE_LENGTH_MAX:
        raise BadEvent(f"is longer than {LINE_LENGTH_MAX} characters")
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise BadEvent("is no JSON") from None
    if not isinstance(fields, dict):
        raise BadEvent("is no JSON object")
    kind = KINDS.get(_text(fields, "event"))
    if kind is None:
        raise BadEvent(f"event must be one of {', '.join(KINDS)}")
    key = _text(fields, "key")
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise BadEvent(f"key must be up to {KEY_LENGTH_MAX} printable characters")
    value, condition = _about(kind, fields)
    return Event(kind, _number(_text(fields, "number")), _moment(_text(fields, "at")), key, value, condition)


def _about(kind: Kind, fields: Mapping[str, object]) -> tuple[str, str]:
    if kind is Kind.SIM_REPLACED:
        imsi = _text(fields, "imsi")
        if not is_imsi(imsi):
            raise BadEvent("imsi must be 6 to 15 digits")
        return imsi, ""
    if kind is not Kind.FORWARDING:
        return "", ""
    condition = _text(fields, "condition")
    if condition not in CONDITIONS:
        raise BadEvent(f"condition must be one of {', '.join(CONDITIONS)}")
    if "target" not in fields:
        raise BadEvent("target is missing; null says that calls stay")
    return ("" if fields["target"] is None else _e164(_text(fields, "target"), "target")), condition


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadEvent(f"{name} is missing" if value is None or value == "" else f"{name} must be text")
    return value.strip()


def _number(text: str) -> str:
    if text.startswith("+"):
        return _e164(text, "number")
    if not _LOGIN.fullmatch(text) or text.isdecimal():
        raise BadEvent("number must be E.164 with its plus, or a login")
    return text


def _e164(text: str, name: str) -> str:
    try:
        number = Msisdn.parse(text).e164
    except InvalidNumber:
        number = ""
    if not text.startswith("+") or number != text:
        raise BadEvent(f"{name} must be E.164: a plus and digits")
    return number


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadEvent("at must be a time as 2026-11-22T10:00:00+03:00") from None
    if moment.utcoffset() is None:
        raise BadEvent("at must have an offset from UTC")
    return moment
