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


@dataclass(frozen=True, slots=True)
class Slot:
    """A window in which a technician can come, and until when that is moved or called off."""

    starts_at: datetime
    ends_at: datetime
    changed_until: datetime
    free: int


class SlotGone(Exception):
    """Somebody else has taken the last place, or the window is not offered."""


class TechnicianCalendar(Protocol):
    """Who can come when, district by district."""

    def slots(self, *, district: str, now: datetime) -> list[Slot]:
        """Return the windows with a place that can be booked now, in time; none for a district that nobody serves."""

    def reserve(self, *, booking: UUID, district: str, starts_at: datetime, now: datetime) -> Slot:
        """Take a place in the window once, however often `booking` asks for the same; raise `SlotGone`."""

    def release(self, *, booking: UUID) -> None:
        """Give the place back; what is not taken stays so."""
