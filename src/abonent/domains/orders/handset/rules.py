"""What may be asked for from a phone, and how long and how often its yes is waited for. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

LIFE = timedelta(minutes=10)
TRIES_MAX = 3
# So many questions a line may have asked within `SPAN`: an answering machine of somebody else would ask for ever.
ASKED_MAX, SPAN = 20, timedelta(hours=1)
# A confirmation that comes again so long after it was used is told that it was.
REMEMBERED = timedelta(days=1)
KEPT = timedelta(days=31)
CODES = 10_000
CODE_DIGITS = 4


class Kind(StrEnum):
    """What is asked for; a package is connected like a service."""

    CONNECT = "connect"
    DISCONNECT = "disconnect"
    TARIFF = "tariff"
    BLOCK = "block"
    PROMISE = "promise"
    # Another number of the same owner, whose phone is gone.
    LOST = "lost"


# What is an order that can be called off; a promise has been paid out, and a lost phone is blocked at once.
CALLED_OFF = frozenset({Kind.CONNECT, Kind.DISCONNECT, Kind.TARIFF, Kind.BLOCK})


class State(StrEnum):
    """Where a wish stands: it waits for its yes, it is an order, or nothing comes of it any more."""

    OPEN = "open"
    USED = "used"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants: `about` is a code, of a lost phone its number; `amount_minor` of money, 0: the smallest."""

    kind: Kind
    about: str = ""
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: a message's template with its params, and the wish that it asks about, if it asks."""

    template: str
    params: dict[str, str]
    wish_id: UUID | None = None


def code_of(key: bytes, wish_id: UUID) -> str:
    """Return the digits that confirm a wish."""
    made = hmac.new(key, wish_id.bytes, hashlib.sha256).digest()
    return f"{int.from_bytes(made[:8]) % CODES:0{CODE_DIGITS}}"


def is_code(digits: str) -> bool:
    """Return whether the text can be such digits."""
    return len(digits) == CODE_DIGITS and digits.isascii() and digits.isdecimal()
