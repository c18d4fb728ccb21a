"""Second factors: what proves them, how often one may be wrong, who must have one. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from abonent.domains.identity.policy import Policy
from abonent.domains.identity.rules import Cap, allowed_from

# RFC 6238 with what every authenticator app takes for granted.
STEP_S = 30
DIGITS = 6
STEPS_OFF_MAX = 1
TOTP_SECRET_BYTES = 20

RECOVERY_CODES = 10
RECOVERY_CODE_LENGTH = 10
# Without I, L, O and U: nobody takes one character for another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Taken for another all the same, and the Russian capitals that look like Latin ones.
_TAKEN_FOR = str.maketrans(
    "OIL\u041e\u0410\u0412\u0415\u041a\u041c\u041d\u0420\u0421\u0422\u0425\u0423", "0110ABEKMHPCTXY"
)

# Wrong in a row, and then longer with each; and never more than so many a day.
WRONG_IN_A_ROW_MAX = 5
PAUSE = timedelta(minutes=5)
PAUSE_MAX = timedelta(hours=24)
WRONG = Cap(10, timedelta(days=1))

PIN_TRIES = 5
PASSKEYS_MAX = 20
PASSKEY_NAME_LENGTH_MAX = 60
CHALLENGE_LIFE = timedelta(minutes=10)


class Factor(StrEnum):
    """A proof besides the first."""

    TOTP = "totp"
    RECOVERY = "recovery"
    PASSKEY = "passkey"


class Kind(StrEnum):
    """Whose account it is."""

    PERSON = "person"
    COMPANY = "company"
    STAFF = "staff"


class FactorError(Exception):
    """A factor proved nothing; each kind has its own words on the page."""


class WrongFactor(FactorError):
    """It is another code, a used one, or an answer of another device."""


class PasskeyCopied(WrongFactor):
    """The device counted back: there are two of it, and one is not the owner's."""


class ChallengeGone(FactorError):
    """The question was answered before, or asked too long ago."""


class TooManyPasskeys(FactorError):
    """There are as many as one account may have."""


class PinForgotten(FactorError):
    """The device has no key any more: the person signs in anew."""


class FactorPaused(FactorError):
    """No try is taken before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def second_factor_required(kind: Kind, policy: Policy) -> bool:
    """Return whether an account of this kind must have a second factor before it may do anything."""
    return kind is Kind.STAFF or (kind is Kind.COMPANY and policy.companies_need_second_factor)


def step_of(moment: datetime) -> int:
    """Return the number of the 30 seconds that `moment` lies in."""
    return int(moment.timestamp()) // STEP_S


def totp(secret: bytes, step: int, digits: int = DIGITS, algorithm: Callable[..., Any] = hashlib.sha1) -> str:
    """Return the code of a step (RFC 6238 over RFC 4226)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), algorithm)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_proven(secret: bytes, typed: str, now: datetime) -> int | None:
    """Return the latest step, one off at most, whose code `typed` is; None for a code of none."""
    steps = range(step_of(now) - STEPS_OFF_MAX, step_of(now) + STEPS_OFF_MAX + 1)
    # All are compared, whichever is right: the time taken tells nothing.
    right = [step for step in steps if hmac.compare_digest(totp(secret, step).encode(), typed.encode())]
    return max(right, default=None)


def recovery_code_typed(typed: str) -> str | None:
    """Return the recovery code that `typed` means, however it was written; None when it is none."""
    kept = "".join(character for character in typed.upper() if character.isalnum()).translate(_TAKEN_FOR)
    if len(kept) != RECOVERY_CODE_LENGTH or set(kept) - set(ALPHABET):
        return None
    return kept


def recovery_code_shown(code: str) -> str:
    """Return `K7QPM-2XV9A`."""
    half = RECOVERY_CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def pause_after(failures_in_a_row: int) -> timedelta:
    """Return how long no try is taken after so many wrong ones: 5 minutes after the fifth, then twice as long each."""
    if failures_in_a_row < WRONG_IN_A_ROW_MAX:
        return timedelta(0)
    doublings: int = min(failures_in_a_row - WRONG_IN_A_ROW_MAX, 20)
    return min(PAUSE * (1 << doublings), PAUSE_MAX)


def next_try_at(*, failures: Sequence[datetime], failures_in_a_row: int, now: datetime) -> datetime:
    """Return from when on a factor may be tried again: `now`, or later."""
    paused = max(failures) + pause_after(failures_in_a_row) if failures else now
    return max(now, paused, allowed_from(failures, [WRONG], now))
