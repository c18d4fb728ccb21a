"""Who may have a free number, and what its digits look like. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# What people wish for and remember: the digits after the country and the operator's code.
DIGITS_OF_ONE = 7
WISHED_MOST = 7


class BadDigits(ValueError):
    """What was typed is no digits that a number could hold."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """For whom a free number is kept (ids of lines) and until when; `held_until` None with a line: by an order."""

    held_for: int | None = None
    held_until: datetime | None = None
    former_line: int | None = None
    free_from: datetime | None = None


def is_held(kept: Keeping, at: datetime) -> bool:
    """Return whether somebody decides about the number, or has ordered it."""
    return kept.held_for is not None and (kept.held_until is None or kept.held_until > at)


def may_have(kept: Keeping, line_id: int, at: datetime) -> bool:
    """Return whether the line may hold the number: nobody else does, and it rests for no other line."""
    if is_held(kept, at) and kept.held_for != line_id:
        return False
    rests = kept.free_from is not None and kept.free_from > at
    return not rests or kept.former_line == line_id


def wished(typed: str) -> str:
    """Return the digits that somebody wishes for, without blanks and marks; empty: any. Raises `BadDigits`."""
    digits = "".join(character for character in typed if character not in " -()+.\N{NO-BREAK SPACE}\N{EN DASH}")
    if digits and not (digits.isascii() and digits.isdecimal() and len(digits) <= WISHED_MOST):
        raise BadDigits(typed)
    return digits


def pattern(mask: str) -> str:
    """Return the regular expression, alike for PostgreSQL and Python, of what a mask says of the last digits.

    A letter is some digit, and the same letter the same digit; a digit is itself; `*` is any. Different letters may be
    the same digit: what is more beautiful is asked about first. Raises `ValueError` for anything else.
    """
    if not 0 < len(mask) <= DIGITS_OF_ONE:
        raise ValueError(mask)
    places: dict[str, int] = {}
    said = ""
    for one in mask:
        if one == "*":
            said += "[0-9]"
        elif one.isascii() and one.isdecimal():
            said += one
        elif one.isascii() and one.isupper():
            said += f"\\{places[one]}" if one in places else "([0-9])"
            places.setdefault(one, len(places) + 1)
        else:
            raise ValueError(mask)
        # A digit after a reference would read as a longer one.
        if said[-2:-1] == "\\":
            said = f"{said[:-2]}(?:{said[-2:]})"
    return f"{said}$"


def is_iccid(digits: str) -> bool:
    """Return whether the digits can be the number of a card: 19 or 20, telecom's 89, with the check digit right."""
    if not (digits.isascii() and digits.isdecimal() and len(digits) in (19, 20) and digits.startswith("89")):
        return False
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_imsi(digits: str) -> bool:
    """Return whether the network can know a SIM by these digits."""
    return 6 <= len(digits) <= 15 and digits.isascii() and digits.isdecimal()
