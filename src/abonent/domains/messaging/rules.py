"""What goes first, how often and how long it is tried."""

from __future__ import annotations

from enum import IntEnum

ATTEMPTS_MAX = 8
WAIT_FIRST_S = 2
WAIT_LONGEST_S = 15 * 60


class Priority(IntEnum):
    """The higher goes first."""

    CODE = 100
    NOTICE = 50
    NEWS = 0


def wait_before_next_s(attempts: int) -> int | None:
    """Return how many seconds to wait after `attempts` (from 1) that failed: 2, 4, 8 …; None: give up."""
    if attempts >= ATTEMPTS_MAX:
        return None
    return int(min(WAIT_FIRST_S**attempts, WAIT_LONGEST_S))


def without_secret(text: str, secret: str | None) -> str:
    """Return `text` (of an error, for the log) with the secret blotted out."""
    return text.replace(secret, "•••") if secret else text
