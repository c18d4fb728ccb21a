"""What customers write to us: kinds, what is too little or too much, numbers that can be said on the phone. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from abonent.domains.support.requests.states import OPEN, Event, State, can

SUBJECT_LENGTH_MAX = 100
TEXT_LENGTH_MAX = 4000
TEXT_LENGTH_MIN = 5
OPEN_MAX = 10
A_DAY_MAX = 10
NOTES_A_DAY_MAX = 30
# So long after the answer it can be said that it did not help.
REOPENED_WITHIN = timedelta(days=14)
CLOSED_AFTER = timedelta(days=7)
WAITED_FOR = timedelta(days=14)

LETTER = "О"
# What is typed for the letter: Cyrillic, Latin, a zero.
_LETTERS = f"{LETTER}{LETTER.lower()}Oo0"
_DIGITS_MIN = 6
_NUMBER = re.compile(rf"[{_LETTERS}]?[\s\-–—]*(20\d\d)[\s\-–—]*(\d{{{_DIGITS_MIN},12}})[\s\-–—]*(\d)", re.ASCII)
# Damm's table: every single wrong digit and every swap of neighbours is noticed.
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


class Kind(StrEnum):
    """What a request is about; each has its time, see `requests.terms`."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    COVERAGE = "coverage"
    EQUIPMENT = "equipment"
    ROAMING = "roaming"


class Channel(StrEnum):
    """How the customer is told that there is something to read; the text itself stands in the cabinet only."""

    SMS = "sms"
    EMAIL = "email"
    CABINET = "cabinet"


class Unclear(ValueError):
    """`field` says too little or too much: `reason` is `empty` or `long`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class TooMany(ValueError):
    """More would only delay those before: `reason` is `open`, `day` or `notes`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def subject(typed: str) -> str:
    """Return the subject as it is kept; raise `Unclear`."""
    said = " ".join(typed.split())
    if not said:
        raise Unclear("subject", "empty")
    if len(said) > SUBJECT_LENGTH_MAX:
        raise Unclear("subject", "long")
    return said


def text(typed: str) -> str:
    """Return a text as it is kept: its lines stay, what nobody sees goes; raise `Unclear`."""
    lines = [" ".join(line.split()) for line in typed.replace("\r\n", "\n").split("\n")]
    said = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(said) < TEXT_LENGTH_MIN:
        raise Unclear("text", "empty")
    if len(said) > TEXT_LENGTH_MAX:
        raise Unclear("text", "long")
    return said


def check_room(*, open_now: int, opened_today: int) -> None:
    """Raise `TooMany` when a customer may not open one more."""
    if open_now >= OPEN_MAX:
        raise TooMany("open")
    if opened_today >= A_DAY_MAX:
        raise TooMany("day")


def can_reopen(state: State, answered_at: datetime | None, now: datetime) -> bool:
    """Return whether the customer may say that the answer did not help."""
    return can(state, Event.REOPENED) and answered_at is not None and now < answered_at + REOPENED_WITHIN


def is_open(state: State) -> bool:
    """Return whether the request has no answer yet."""
    return state in OPEN


def number_of(request_id: int, opened_at: datetime) -> str:
    """Return the number that is told: `О-2026-000123-4`, its last digit checks the others."""
    digits = f"{opened_at.year}{request_id:0{_DIGITS_MIN}}"
    return f"{LETTER}-{digits[:4]}-{digits[4:]}-{_check_digit(digits)}"


def id_in(typed: str) -> int | None:
    """Return the request that a number means, however it was typed; None for one with a mistake in it."""
    found = _NUMBER.fullmatch(typed.strip())
    if found is None or _check_digit(found[1] + found[2]) != int(found[3]):
        return None
    return int(found[2])


def _check_digit(digits: str) -> int:
    row = 0
    for digit in digits:
        row = int(_DAMM[row][int(digit)])
    return row
