"""Second factors: the authenticator app and recovery codes, and whether one is asked for at signing in."""

from __future__ import annotations

import base64
import secrets
from contextlib import suppress
from datetime import datetime

from django.db import transaction

from abonent.domains.identity import hashing, journal, models
from abonent.domains.identity.factors import guard as factor_guard
from abonent.domains.identity.factors import rules
from abonent.domains.identity.factors.rules import Factor, WrongFactor
from abonent.domains.identity.rules import EventKind
from abonent.foundation import vault

TOTP_PURPOSE = "totp"


def start_totp(*, account_id: int, at: datetime) -> None:
    """Make the secret of an authenticator app; it counts for nothing until its first code proved right.

    One that counts already stays as it is.
    """
    secret = base64.b32encode(secrets.token_bytes(rules.TOTP_SECRET_BYTES)).decode()
    with transaction.atomic():
        _locked(account_id)
        begun = models.Totp.objects.filter(account_id=account_id).first()
        if begun is None or begun.confirmed_at is None:
            models.Totp.objects.update_or_create(
                account_id=account_id,
                defaults={"secret": vault.seal(secret, purpose=TOTP_PURPOSE), "made_at": at},
            )


def totp_begun(account_id: int) -> str | None:
    """Return the secret (base32) of an authenticator app that no code has proved yet, or None."""
    begun = models.Totp.objects.filter(account_id=account_id, confirmed_at=None).first()
    if begun is None:
        return None
    try:
        return vault.unseal(begun.secret, purpose=TOTP_PURPOSE)
    except vault.CannotUnseal:
        return None


def confirm_totp(*, account_id: int, typed: str, at: datetime) -> None:
    """Let the authenticator app count from now on: `typed` (6 digits) is its code. Raise `WrongFactor`."""
    with transaction.atomic():
        account = _locked(account_id)
        begun = models.Totp.objects.filter(account_id=account_id, confirmed_at=None).first()
        step = rules.step_proven(_secret(begun.secret), typed, at) if begun else None
        if begun is None or step is None:
            raise WrongFactor
        models.Totp.objects.filter(account_id=account_id).update(confirmed_at=at, last_step=step)
        account.has_second_factor = True
        account.save(update_fields=["has_second_factor"])
        journal.note(account_id=account_id, kind=EventKind.FACTOR_ADDED, at=at, detail={"factor": Factor.TOTP})


def prove_totp(*, account_id: int, typed: str, mark: str, at: datetime) -> None:
    """Use up the code `typed` (6 digits); `mark` is the browser's own.

    It stands outside any transaction, since the try counts for good.

    Raises `WrongFactor` (another code, or one of a step taken before) and `FactorPaused`.
    """
    taken = factor_guard.take(account_id=account_id, factor=Factor.TOTP, mark=mark, at=at)
    held = models.Totp.objects.filter(account_id=account_id).exclude(confirmed_at=None)
    totp = held.first()
    step = rules.step_proven(_secret(totp.secret), typed, at) if totp else None
    if step is None:
        raise WrongFactor
    with transaction.atomic():
        # Of any number of requests with the same code one moves the step.
        if not held.filter(last_step__lt=step).update(last_step=step):
            raise WrongFactor
        factor_guard.forgive(taken)


def remove_totp(*, account_id: int, at: datetime) -> None:
    """Take the authenticator app away; nothing happens when there is none."""
    with transaction.atomic():
        account = _locked(account_id)
        confirmed = models.Totp.objects.filter(account_id=account_id).exclude(confirmed_at=None).exists()
        models.Totp.objects.filter(account_id=account_id).delete()
        if confirmed:
            journal.note(account_id=account_id, kind=EventKind.FACTOR_REMOVED, at=at, detail={"factor": Factor.TOTP})
            keep_true(account)


def make_codes(*, account_id: int, at: datetime) -> list[str]:
    """Make ten recovery codes in place of all earlier ones; return them: nobody can read them again."""
    codes = [_drawn() for _ in range(rules.RECOVERY_CODES)]
    salt = secrets.token_bytes(hashing.CODE_SALT_BYTES)
    kept = [hashing.of_code(code, salt) for code in codes]
    with transaction.atomic():
        _locked(account_id)
        models.RecoveryCode.objects.filter(account_id=account_id).delete()
        models.RecoveryCode.objects.bulk_create(
            models.RecoveryCode(account_id=account_id, hash=hashed, made_at=at) for hashed in kept
        )
        journal.note(account_id=account_id, kind=EventKind.CODES_MADE, at=at)
    return codes


def _drawn() -> str:
    return "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.RECOVERY_CODE_LENGTH))


def prove_recovery_code(*, account_id: int, code: str, mark: str, at: datetime) -> int:
    """Use up a recovery code (as `factors.rules.recovery_code_typed` gives it); return how many are left.

    Raises `WrongFactor` and `FactorPaused`; outside any transaction, as `prove_totp`.
    """
    taken = factor_guard.take(account_id=account_id, factor=Factor.RECOVERY, mark=mark, at=at)
    unused = models.RecoveryCode.objects.filter(account_id=account_id, used_at=None)
    first = unused.values_list("hash", flat=True).first()
    if first is None:
        raise WrongFactor
    # All codes of an account are made together, with one salt.
    hashed = hashing.of_code(code, hashing.salt_of(first))
    with transaction.atomic():
        if not unused.filter(hash=hashed).update(used_at=at):
            raise WrongFactor
        factor_guard.forgive(taken)
        return unused.count()


def ask_for_second(*, account_id: int, at: datetime) -> None:
    """Ask for a second factor at each sign-in from now on; nothing happens when there is none to ask for."""
    with transaction.atomic():
        account = _locked(account_id)
        if not account.has_second_factor and (account.has_passkey or _has_totp(account_id)):
            account.has_second_factor = True
            account.save(update_fields=["has_second_factor"])
            journal.note(account_id=account_id, kind=EventKind.FACTOR_ADDED, at=at, detail={"factor": "second step"})


def stop_asking(*, account_id: int, at: datetime) -> None:
    """Ask for no second factor any more: the authenticator app and the recovery codes go, passkeys stay for entry."""
    with transaction.atomic():
        account = _locked(account_id)
        if account.has_second_factor:
            _end_second(account)
            journal.note(account_id=account_id, kind=EventKind.FACTOR_REMOVED, at=at, detail={"factor": "second step"})


def remove_all(*, account_id: int, at: datetime, by: str) -> None:
    """Take every factor away: for who lost all of them and proved in a shop, with the document, to be the owner.

    `by` is the agent, as `journal.note` wants it.
    """
    with transaction.atomic():
        account = _locked(account_id)
        if account.has_second_factor or account.has_passkey:
            models.Passkey.objects.filter(account_id=account_id).delete()
            account.has_passkey = False
            account.save(update_fields=["has_passkey"])
            _end_second(account)
            journal.note(account_id=account_id, kind=EventKind.FACTOR_REMOVED, at=at, by=by, detail={"factor": "all"})


def seal_anew() -> int:
    """Seal with the present key what an earlier one sealed, so that the earlier may go; return how many."""
    sealed = models.Totp.objects.exclude(secret__startswith=vault.head()).values_list("account_id", "secret")
    done = 0
    for account_id, secret in list(sealed):
        # One whose key is lost stays as it is: it proves nothing, and the key may be found.
        with suppress(vault.CannotUnseal):
            again = vault.seal(vault.unseal(secret, purpose=TOTP_PURPOSE), purpose=TOTP_PURPOSE)
            done += models.Totp.objects.filter(account_id=account_id, secret=secret).update(secret=again)
    return done


def keep_true(account: models.Account) -> None:
    """Write what the account (locked) has after a factor went: without any, no second one is asked for."""
    account.has_passkey = models.Passkey.objects.filter(account_id=account.pk).exists()
    account.save(update_fields=["has_passkey"])
    if account.has_second_factor and not account.has_passkey and not _has_totp(account.pk):
        _end_second(account)


def _end_second(account: models.Account) -> None:
    models.Totp.objects.filter(account_id=account.pk).delete()
    models.RecoveryCode.objects.filter(account_id=account.pk).delete()
    account.has_second_factor = False
    account.save(update_fields=["has_second_factor"])


def _locked(account_id: int) -> models.Account:
    """Return the account; whoever else changes its factors waits."""
    return models.Account.objects.select_for_update(no_key=True).get(id=account_id)


def _has_totp(account_id: int) -> bool:
    return models.Totp.objects.filter(account_id=account_id).exclude(confirmed_at=None).exists()


def _secret(sealed: str) -> bytes:
    """Return the secret; one whose key is lost proves nothing: raise `WrongFactor`."""
    try:
        return base64.b32decode(vault.unseal(sealed, purpose=TOTP_PURPOSE))
    except vault.CannotUnseal:
        raise WrongFactor from None
