"""What staff's work needs from outside, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands in a sealed envelope; `id` names it, so that a repetition is not printed twice."""

    id: UUID
    operator: str
    number: str
    password: str
    valid_until: datetime
    language: str


class SealedPrinter(Protocol):
    """A printer whose paper is closed before anybody can read it."""

    def print(self, letter: Letter) -> None:
        """Print the letter once, however often it is handed over; raise when it cannot be taken."""
