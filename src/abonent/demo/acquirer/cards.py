"""The cards that can be tried: each has its fate. Nobody's number is one of them, and no number is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

APPROVED = 0
WRONG_CARD = 71015
NOT_CONFIRMED = -2006
TIME_IS_UP = -2007


@dataclass(frozen=True, slots=True)
class TestCard:
    """A number and what becomes of it: `action_code` as the protocol says it, `asks_code` for 3-D Secure."""

    number: str
    name: str
    action_code: int = APPROVED
    asks_code: bool = False
    slow_s: float = 0.0

    @property
    def masked(self) -> str:
        return f"{self.number[:6]}**{self.number[-4:]}"


CARDS = {
    card.number: card
    for card in (
        TestCard("2200000000000004", "works"),
        TestCard("2200000000000103", "asks for a code", asks_code=True),
        TestCard("2200000000000202", "has no money", action_code=116),
        TestCard("2200000000000301", "is expired", action_code=101),
        TestCard("2200000000000400", "is stolen", action_code=208),
        TestCard("2200000000000509", "is slow", slow_s=3.0),
        TestCard("2200000000000608", "is over its limit", action_code=121),
    )
}


def number_of(typed: str) -> str:
    """Return the digits of what was typed."""
    return re.sub(r"[\s-]", "", typed)


def is_number(number: str) -> bool:
    """Return whether the digits can be a card's (Luhn)."""
    if not re.fullmatch(r"[0-9]{13,19}", number):
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def month_of(typed: str, today: date) -> str | None:
    """Return `MM/YY` as `203012`; None when it is no month, or over."""
    found = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*[/. -]?\s*(?:20)?(\d\d)\s*", typed)
    if not found:
        return None
    month = f"20{found[2]}{int(found[1]):02}"
    return month if month >= f"{today.year}{today.month:02}" else None
