"""What is signed for when a thing is handed out, comes back or is exchanged. Pure."""

from __future__ import annotations

from enum import StrEnum

WHY_LENGTH_MAX = 200


class Kind(StrEnum):
    """What happened to a thing."""

    GIVEN = "given"
    RETURNED = "returned"
    EXCHANGED = "exchanged"


class NotSaid(ValueError):
    """What was wrong with a thing is missing, or too long to be kept."""


def fault(typed: str) -> str:
    """Return what was wrong with a thing, in one line; raise `NotSaid`."""
    kept = " ".join("".join(sign if sign.isprintable() else " " for sign in typed[: 4 * WHY_LENGTH_MAX]).split())
    if not 3 <= len(kept) <= WHY_LENGTH_MAX:
        raise NotSaid(f"a fault is told in 3 to {WHY_LENGTH_MAX} characters")
    return kept
