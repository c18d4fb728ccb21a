"""A proof that moves money: bound to what it confirms, used up by it, never by an SMS to a SIM that changed lately.

A code is derived from the digest of what it confirms, a passkey signs it; a code of the authenticator app is used up by
the one form that shows it. Whoever has a second factor proves by that, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from abonent.domains.identity import actions as identity
from abonent.domains.identity import passkeys
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.actions import RightCode
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors.rules import ChallengeGone
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passkeys import Site
from abonent.domains.identity.rules import Channel, Proof, Purpose
from abonent.domains.lines import queries as lines
from abonent.domains.lines.rules import HOLD_OF_MONEY, Hold


class FactorNeeded(Exception):
    """The account has a second factor: a code by SMS moves no money of it."""


class MoneyHeld(Exception):
    """The SIM or the forwarding of the number changed lately: an SMS to it moves no money until then."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold)
        self.hold = hold


@dataclass(frozen=True, slots=True)
class ByCode:
    """A code by SMS, as typed (6 digits), and the challenge that the browser holds."""

    challenge_id: UUID
    typed: str


@dataclass(frozen=True, slots=True)
class ByApp:
    """A code of the authenticator app, as typed (6 digits); `mark` is the browser's own."""

    typed: str
    mark: str


@dataclass(frozen=True, slots=True)
class ByPasskey:
    """What a passkey answered (JSON) to the `challenge` that this browser was asked."""

    answer: str
    challenge: bytes
    site: Site


Shown = ByCode | ByApp | ByPasskey


@dataclass(frozen=True, slots=True)
class Proven:
    """What was shown and proved right; a code is still to be used up, in the transaction that moves the money."""

    by: Proof
    code: RightCode | None = None

    def use(self, at: datetime) -> None:
        """Use the proof up; raise `identity.rules.CodeUsed` when another was faster."""
        if self.code is not None:
            identity.use_code(self.code, at=at)


@dataclass(frozen=True, slots=True)
class To:
    """Where a code goes and how: the line that it proves, its number (E.164), the browser that asked."""

    number: str
    line_id: int
    origin: Origin
    host: str
    language: str
    again: UUID | None = None
    solved: bool = False


def request_code(*, account_id: int, bound: str, told: Mapping[str, str], to: To, at: datetime) -> UUID:
    """Send a code that confirms what `bound` is the digest of and `told` says; return the browser's challenge.

    Raises `FactorNeeded`, `MoneyHeld`, `identity.rules.TooMany` and `CaptchaNeeded`.
    """
    _code_is_enough(account_id)
    _not_held(to.number, at)
    return identity.send_code(
        purpose=Purpose.MONEY,
        number=to.number,
        subject=to.line_id,
        again=to.again,
        origin=to.origin,
        host=to.host,
        language=to.language,
        at=at,
        channel=Channel.SMS,
        solved=to.solved,
        bound=bound,
        told=told,
    )


def question_for(bound: str) -> bytes:
    """Return a new question for a passkey that holds what is to be confirmed."""
    return passkeys.new_challenge() + bytes.fromhex(bound)


def prove(shown: Shown, *, account_id: int, bound: str, at: datetime) -> Proven:
    """Return what was proved of the thing whose digest is `bound`; it stands outside any transaction: tries count.

    Raises what `identity.actions.check_code` and `identity.factors.prove_totp` raise, `FactorNeeded`, `MoneyHeld`.
    """
    if isinstance(shown, ByApp):
        factors.prove_totp(account_id=account_id, typed=shown.typed, mark=shown.mark, at=at)
        return Proven(Proof.FACTOR)
    if isinstance(shown, ByPasskey):
        if not shown.challenge.endswith(bytes.fromhex(bound)):
            raise ChallengeGone
        passkeys.prove(
            answer=shown.answer, challenge=shown.challenge, site=shown.site, account_id=account_id, at=at
        )  # fmt: skip
        return Proven(Proof.PASSKEY)
    _code_is_enough(account_id)
    right = identity.check_code(
        challenge_id=shown.challenge_id, purpose=Purpose.MONEY, typed=shown.typed, at=at, bound=bound
    )
    # The SIM may have changed after the code went out.
    _not_held(right.number, at)
    return Proven(Proof.SMS, right)


def hold_of(number: str, at: datetime) -> Hold | None:
    """Return why an SMS to the number moves no money now, or None."""
    return lines.hold_of_number(number, at, HOLD_OF_MONEY) if number else None


def _code_is_enough(account_id: int) -> None:
    if accounts.standing(account_id).has_second_factor:
        raise FactorNeeded


def _not_held(number: str, at: datetime) -> None:
    if hold := hold_of(number, at):
        raise MoneyHeld(hold)
