"""Reads of identity; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import is_password_usable
from django.db import connection
from django.db.models import Q
from django.utils.crypto import salted_hmac

from abonent.domains.identity import models, rules
from abonent.domains.identity.rules import Channel, CodeError, NoSuchCode, TooMany
from abonent.foundation import prepared


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the page of a code shows: where it went, why it is no good any more, why none can be sent now (or None)."""

    number: str
    request: str
    expires_at: datetime
    dead: CodeError | None
    refusal: TooMany | None
    channel: Channel = Channel.SMS
    address: str = ""
    subject: int | None = None
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands between a proof and the cabinet, and what is offered after it."""

    account_id: int
    language: str
    has_password: bool
    password_set_at: datetime | None
    password_offered_at: datetime | None
    password_declined_at: datetime | None
    email: str | None
    has_second_factor: bool
    has_passkey: bool
    off_at: datetime | None
    frozen_at: datetime | None
    erase_at: datetime | None


def standing(account_id: int) -> Standing:
    """Return how an account stands, in one query; raise `LookupError` when it is gone."""
    row = prepared.row(
        """select id, language, password, password_set_at, password_offered_at, password_declined_at, email,
                  has_second_factor, has_passkey, off_at, frozen_at, erase_at
             from identity_account where id = %s""",
        [account_id],
    )
    if row is None:
        raise LookupError(account_id)
    account, language, password, *more = row
    return Standing(account, language, is_password_usable(password), *more)


def is_there(account_id: int) -> bool:
    """Return whether the account was not deleted."""
    return models.Account.objects.filter(id=account_id).exists()


def email_of(account_id: int) -> str:
    """Return the account's confirmed address, empty when it has none or is not there."""
    found = models.Account.objects.filter(id=account_id).values_list("email", flat=True).first()
    return found or ""


def known_device(account_id: int, mark: str) -> bool:
    """Return whether the browser with this mark signed in to the account before."""
    return bool(mark) and models.Device.objects.filter(account_id=account_id, mark=rules.mark_hash(mark)).exists()


def accounts_known(mark: str) -> list[int]:
    """Return the accounts that the browser with this mark signed in to before."""
    if not mark:
        return []
    return list(models.Device.objects.filter(mark=rules.mark_hash(mark)).values_list("account_id", flat=True))


def waiting(challenge_id: UUID, purpose: str, now: datetime) -> Waiting:
    """Return the state of the browser's challenge, in one query; raise `NoSuchCode` when it is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select challenge.number, challenge.expires_at, challenge.spent_at, challenge.tries_left,
                      guard.sends, guard.failures, guard.failures_in_a_row,
                      challenge.channel, challenge.address, challenge.subject, challenge.bound
                 from identity_challenge challenge join identity_numberguard guard on guard.number = challenge.number
                where challenge.id = %s and challenge.purpose = %s""",
            [challenge_id, purpose],
        )
        row = cursor.fetchone()
    if row is None:
        raise NoSuchCode
    number, expires_at, spent_at, tries_left, sends, failures, in_a_row, channel, address, subject, bound = row
    return Waiting(
        number=number,
        request=rules.request_number(challenge_id),
        expires_at=expires_at,
        dead=rules.why_dead(spent_at=spent_at, expires_at=expires_at, tries_left=tries_left, now=now),
        refusal=rules.refusal_of(sends=sends, failures=failures, failures_in_a_row=in_a_row, now=now),
        channel=Channel(channel),
        address=address,
        subject=subject,
        bound=bound,
    )


def living(
    *, purpose: str, number: str, challenge_id: UUID | None, device: str, now: datetime, bound: str = ""
) -> UUID | None:
    """Return the newest challenge of the browser (the one it holds, or one asked by its mark) whose code is good."""
    asked_here = Q(id=challenge_id) | Q(device=device) if device else Q(id=challenge_id)
    living = models.Challenge.objects.filter(
        asked_here, purpose=purpose, number=number, bound=bound, spent_at=None, tries_left__gt=0, expires_at__gt=now
    )
    return living.order_by("-created_at").values_list("id", flat=True).first()


def why_dead(challenge_id: UUID, purpose: str, now: datetime) -> CodeError | None:
    """Return why the challenge's code is no good any more, or None."""
    challenge = models.Challenge.objects.filter(id=challenge_id, purpose=purpose).first()
    if challenge is None:
        return NoSuchCode()
    return rules.why_dead(
        spent_at=challenge.spent_at, expires_at=challenge.expires_at, tries_left=challenge.tries_left, now=now
    )


def code(challenge_id: UUID, purpose: str, number: str, bound: str = "") -> str:
    """Return the challenge's code; made anew each time, kept nowhere."""
    key = salted_hmac("abonent.identity.code", "", algorithm="sha256").digest()
    return rules.code_of(key, challenge_id, purpose, number, settings.POLICY.code_digits, bound)


def code_to_deliver(challenge_id: str, now: datetime) -> str | None:
    """Return the code for the message that carries it, or None when it is no good any more."""
    challenge = models.Challenge.objects.filter(id=challenge_id).first()
    if challenge is None or challenge.spent_at is not None or challenge.expires_at <= now or not challenge.tries_left:
        return None
    return code(challenge.id, challenge.purpose, challenge.number, challenge.bound)
