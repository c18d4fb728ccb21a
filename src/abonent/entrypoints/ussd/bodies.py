"""What the USSD gateway sends, told from whatever came in. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

KEY_LENGTH_MAX = 80
TEXT_LENGTH_MAX = 40
STEPS_MAX = 1_000


class BadBody(ValueError):
    """The gateway signed something we cannot use; the text tells its maker what."""


@dataclass(frozen=True, slots=True)
class Press:
    """One press in a session: its number (0: the code that was dialled), whose it is, and what was typed."""

    session: str
    step: int
    number: str
    subscriber: str
    text: str


def press(body: bytes) -> Press:
    """Return the press in a body, or raise `BadBody`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBody("the body is no JSON") from None
    if not isinstance(found, dict):
        raise BadBody("the body must be a JSON object")
    step = found.get("step")
    if not isinstance(step, int) or isinstance(step, bool) or not 0 <= step < STEPS_MAX:
        raise BadBody("step must be the number of the press, from 0")
    return Press(
        session=_text(found, "session", f"[A-Za-z0-9._-]{{1,{KEY_LENGTH_MAX}}}", "letters, digits, . _ -"),
        step=step,
        number=_number(found),
        subscriber=_text(found, "imsi", "([0-9]{5,15})?", "5 to 15 digits, or nothing") if found.get("imsi") else "",
        text=_typed(found),
    )


def _text(found: dict[str, object], name: str, pattern: str, hint: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise BadBody(f"{name} must be text: {hint}")
    return value


def _number(found: dict[str, object]) -> str:
    number = _text(found, "number", r"\+?[1-9][0-9]{9,14}", "a number in full")
    return f"+{number.removeprefix('+')}"


def _typed(found: dict[str, object]) -> str:
    value = found.get("text")
    if not isinstance(value, str):
        raise BadBody("text must be text")
    # What is too long was typed by no menu of ours: it is answered like any other that means nothing.
    return "".join(character for character in value[:TEXT_LENGTH_MAX] if character.isprintable()).strip()
