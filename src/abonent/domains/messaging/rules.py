"""What goes first, how often and how long it is tried, how long it is kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

# Texts that people sent are theirs; nobody needs them longer.
INBOUND_KEPT = timedelta(days=30)
UNANSWERED_KEPT = timedelta(days=1)
# What we sent is looked up when a customer says that nothing came, or that it was not asked for.
SENT_KEPT = timedelta(days=365)
# Whoever hangs up is not called again at once.
BETWEEN_CALLS = timedelta(seconds=30)


class Priority(IntEnum):
    """The higher goes first."""

    CODE = 100
    NOTICE = 50
    NEWS = 0


@dataclass(frozen=True, slots=True)
class Patience:
    """How a channel tries again: first after `first_s` seconds, then each time twice that, `attempts` in all."""

    attempts: int
    first_s: int
    longest_s: int


PATIENCE = {
    "sms": Patience(attempts=8, first_s=2, longest_s=15 * 60),
    # A telephone that rings ten times is a nuisance, and the code in it lives ten minutes.
    "voice": Patience(attempts=4, first_s=30, longest_s=2 * 60),
    # Mail servers that know nobody ask strangers to come again in five minutes or ten.
    "email": Patience(attempts=10, first_s=5, longest_s=15 * 60),
}
ATTEMPTS_MAX = PATIENCE["sms"].attempts


def wait_before_next_s(attempts: int, channel: str = "sms") -> int | None:
    """Return how many seconds to wait after `attempts` (from 1) that failed: 2, 4, 8 …; None: give up."""
    patience = PATIENCE[channel]
    if attempts >= patience.attempts:
        return None
    return int(min(patience.first_s * 2 ** (attempts - 1), patience.longest_s))


def wait_after_call_s(called_at: datetime | None, now: datetime) -> int:
    """Return how many seconds must pass before the number that was called at `called_at` is called again, 0: none."""
    if called_at is None or called_at + BETWEEN_CALLS <= now:
        return 0
    # A whole second more, so that the wait is over when it is over.
    return int((called_at + BETWEEN_CALLS - now).total_seconds()) + 1


def without_secret(text: str, secret: str | None) -> str:
    """Return `text` (of an error, for the log) with the secret blotted out."""
    return text.replace(secret, "•••") if secret else text
