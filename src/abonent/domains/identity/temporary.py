"""Temporary passwords: derived when sent and when typed, good once, for a while, leading to a password of one's own.

Stored nowhere: a keyed hash of the challenge makes one, as it makes codes.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.crypto import salted_hmac

from abonent.domains.identity import freezing, guards, models, rules
from abonent.domains.identity.guards import Origin, Try
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.identity.passwords import rules as rules_passwords
from abonent.domains.identity.rules import Channel, CodeUsed, Purpose
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.rules import Priority
from abonent.domains.messaging.secrets import SecretRef

# Stands for the account that an unknown login has not got, so that the same is asked of the database.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A temporary password, for the one who hands it over, and until when it is good."""

    password: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Right:
    """A temporary password that proved right and is to be used up."""

    challenge_id: UUID
    attempt: Try


@transaction.atomic
def issue(
    *,
    account_id: int,
    number: str,
    channel: Channel,
    recipient: str,
    life: timedelta,
    origin: Origin,
    language: str,
    host: str,
    at: datetime,
    by: str,
    then_password_hash: str = "",
    problem: str = "",
) -> UUID:
    """Make a temporary password of the account and send it to `recipient` by the channel; return its challenge.

    `number` is whose limits count. On paper nothing is sent: the sealed printer asks `on_paper`. While one lives, the
    same goes out again, so that late messages cannot confuse; with `then_password_hash`, or a `problem`
    (`passwords.rules.Problem`), a new one takes its place, and its use makes that password permanent, or tells why
    not. `by` is "self" or "agent:<id>". Raises `TooMany`.
    """
    if channel is Channel.PAPER:
        guards.know(number=number, now=at)
    else:
        guards.take_send(number=number, origin=origin, now=at)
    again = _living_of(account_id, at)
    repeats = again is not None and (again.channel, again.number, again.address) == (channel, number, recipient)
    own = bool(then_password_hash or problem or (again and (again.next_password or again.next_problem)))
    if again is not None and repeats and not own and channel is not Channel.PAPER:
        challenge_id, expires_at = again.pk, again.expires_at
    else:
        expires_at = at + life
        _spend_all(account_id, at)
        challenge_id = models.Challenge.objects.create(
            purpose=Purpose.TEMPORARY, channel=channel, number=number, address=recipient, subject=account_id,
            created_at=at, expires_at=expires_at, tries_left=rules_passwords.TRIES_PER_TEMPORARY,
            next_password=then_password_hash, next_problem=problem, made_by=by,
        ).pk  # fmt: skip
    if channel is not Channel.PAPER:
        params = {
            "host": host,
            "minutes": str(max(1, (expires_at - at) // timedelta(minutes=1))),
            "own": "1" if then_password_hash else "",
        }
        _send(challenge_id, channel, recipient, params, language)
    return challenge_id


def _spend_all(account_id: int, at: datetime) -> None:
    made = models.Challenge.objects.filter(purpose=Purpose.TEMPORARY, subject=account_id, spent_at=None)
    made.update(spent_at=at)


def _send(challenge_id: UUID, channel: Channel, recipient: str, params: dict[str, str], language: str) -> None:
    messaging.send(
        channel=str(channel),
        recipient=recipient,
        template="temporary",
        params=params | {"request": rules.request_number(challenge_id)},
        language=language,
        priority=Priority.CODE,
        secret=SecretRef("temporary", str(challenge_id)),
    )


def living_of(account_id: int | None, now: datetime) -> UUID | None:
    """Return the challenge of the temporary password that would open the account now, if there is one."""
    living = _living_of(account_id or NOBODY, now)
    return living.pk if living else None


def was_made(*, account_id: int, typed: str) -> bool:
    """Return whether `typed` is or was a temporary password of the account: sent or printed, it is nobody's own."""
    plain = rules_passwords.temporary_typed(typed)
    if plain is None:
        return False
    made = models.Challenge.objects.filter(purpose=Purpose.TEMPORARY, subject=account_id).values_list("id", flat=True)
    return any(rules.is_same_code(_password(challenge_id), plain) for challenge_id in made)


def check(*, account_id: int | None, typed: str, at: datetime) -> Right | None:
    """Return the temporary password of the account that was `typed`, or None: it is another one, or there is none.

    Counted for good, for it and for its number, before it is looked at; an account without one costs the same. Must
    stand outside any transaction.
    """
    plain = rules_passwords.temporary_typed(typed)
    if plain is None:
        return None
    challenge_id = living_of(account_id, at) or uuid4()
    with transaction.atomic(durable=True):
        attempt = guards.take_try(challenge_id=challenge_id, purpose=Purpose.TEMPORARY, now=at)
    is_it = rules.is_same_code(_password(challenge_id), plain)
    if attempt is None or not attempt.counted or attempt.subject != account_id or not is_it:
        return None
    return Right(challenge_id, attempt)


@dataclass(frozen=True, slots=True)
class Used:
    """What the use of a temporary password brought: whether the person's own became permanent by it."""

    own_password_set: bool


@transaction.atomic
def use(right: Right, *, account_id: int, language: str, at: datetime) -> Used:
    """Use it up, and make permanent what hangs on it; raise `CodeUsed` when another was faster, `freezing.Frozen`."""
    freezing.ensure_not_frozen(account_id)
    if not guards.use(challenge_id=right.challenge_id, done=right.attempt, now=at):
        raise CodeUsed
    challenge = models.Challenge.objects.get(id=right.challenge_id)
    if not challenge.next_password and not challenge.next_problem:
        return Used(own_password_set=False)
    if challenge.next_password:
        passwords.keep(
            account_id=account_id, kept=challenge.next_password, at=at, keep_session=None, not_to=challenge.number
        )
        # It did its work; a hash that nothing needs any more is not kept.
        models.Challenge.objects.filter(id=challenge.pk).update(next_password="")
    messaging.send(
        recipient=challenge.number,
        template="own password",
        params={"problem": challenge.next_problem},
        language=language,
    )
    return Used(own_password_set=bool(challenge.next_password))


def on_paper(challenge_id: UUID, now: datetime) -> Made | None:
    """Return the password to print, for the sealed printer only; None when it is no good any more."""
    challenge = _good(challenge_id, now)
    if challenge is None or challenge.channel != Channel.PAPER:
        return None
    return Made(_password(challenge_id), challenge.expires_at)


def to_deliver(challenge_id: str, now: datetime) -> str | None:
    """Return the password for the message that carries it, or None when it is no good any more."""
    challenge = _good(UUID(challenge_id), now)
    return None if challenge is None else _password(challenge.pk)


def _living_of(account_id: int, now: datetime) -> models.Challenge | None:
    living = models.Challenge.objects.filter(
        purpose=Purpose.TEMPORARY, subject=account_id, spent_at=None, expires_at__gt=now, tries_left__gt=0
    )
    return living.order_by("-created_at").first()


def _good(challenge_id: UUID, now: datetime) -> models.Challenge | None:
    return models.Challenge.objects.filter(
        id=challenge_id, purpose=Purpose.TEMPORARY, spent_at=None, expires_at__gt=now, tries_left__gt=0
    ).first()


def _password(challenge_id: UUID) -> str:
    key = salted_hmac("abonent.identity.temporary", "", algorithm="sha256").digest()
    return rules_passwords.temporary_of(hmac.digest(key, str(challenge_id).encode(), hashlib.sha256))
