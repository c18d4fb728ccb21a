"""Passkeys: made, used to sign in, as a second factor and as a fresh proof, renamed, removed. WebAuthn, level 3."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import webauthn
from django.db import connection, transaction
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from abonent.domains.identity import journal, models
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors.rules import (
    CHALLENGE_LIFE,
    PASSKEY_NAME_LENGTH_MAX,
    PASSKEYS_MAX,
    ChallengeGone,
    Factor,
    PasskeyCopied,
    TooManyPasskeys,
    WrongFactor,
)
from abonent.domains.identity.rules import EventKind

CHALLENGE_BYTES = 32
ANSWER_LENGTH_MAX = 20_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are good: the domain they belong to, the address the person opened, the operator's name."""

    domain: str
    origin: str
    name: str


def new_challenge() -> bytes:
    """Return something nobody signed before."""
    return secrets.token_bytes(CHALLENGE_BYTES)


def making(*, account_id: int, site: Site, person: str, challenge: bytes) -> str:
    """Return what the browser needs to make a passkey (JSON); `person` is the name its list of passkeys will show."""
    held = list(models.Passkey.objects.filter(account_id=account_id).order_by("id"))
    options = webauthn.generate_registration_options(
        rp_id=site.domain,
        rp_name=site.name,
        user_name=person,
        user_id=base64url_to_bytes(_handle(held, challenge)),
        challenge=challenge,
        timeout=int(CHALLENGE_LIFE.total_seconds() * 1000),
        exclude_credentials=[_descriptor(passkey) for passkey in held],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json(options)


def asking(*, site: Site, challenge: bytes, account_id: int | None = None) -> str:
    """Return what the browser needs to use a passkey (JSON): one of the account's, or any that it holds for us."""
    held = models.Passkey.objects.filter(account_id=account_id).order_by("id") if account_id else []
    options = webauthn.generate_authentication_options(
        rp_id=site.domain,
        challenge=challenge,
        timeout=int(CHALLENGE_LIFE.total_seconds() * 1000),
        allow_credentials=[_descriptor(passkey) for passkey in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def add(*, account_id: int, answer: str, challenge: bytes, site: Site, name: str, at: datetime) -> int:
    """Keep the passkey that the browser made (`answer`, JSON); return its id.

    Raises `WrongFactor`, `ChallengeGone`, `TooManyPasskeys`.
    """
    made = _checked_registration(answer, challenge, site)
    with transaction.atomic():
        account = models.Account.objects.select_for_update(no_key=True).get(id=account_id)
        _spend(challenge, at)
        held = list(models.Passkey.objects.filter(account_id=account_id).order_by("id"))
        if len(held) >= PASSKEYS_MAX:
            raise TooManyPasskeys
        credential_id = bytes_to_base64url(made.credential_id)
        if models.Passkey.objects.filter(credential_id=credential_id).exists():
            raise WrongFactor
        passkey = models.Passkey.objects.create(
            account_id=account_id,
            credential_id=credential_id,
            user_handle=_handle(held, challenge),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name[:PASSKEY_NAME_LENGTH_MAX],
            transports=_transports(answer),
            created_at=at,
        )
        account.has_passkey = True
        account.save(update_fields=["has_passkey"])
        detail = {"factor": Factor.PASSKEY, "name": passkey.name}
        journal.note(account_id=account_id, kind=EventKind.FACTOR_ADDED, at=at, detail=detail)
    return passkey.pk


def prove(*, answer: str, challenge: bytes, site: Site, at: datetime, account_id: int | None = None) -> int:
    """Return whose passkey answered (`answer`, JSON) the challenge, which is used up with it.

    With `account_id` only that account's own count. Raises `WrongFactor`, `PasskeyCopied`, `ChallengeGone`.
    """
    passkey = models.Passkey.objects.filter(credential_id=_credential_id(answer)).first()
    if passkey is None or (account_id is not None and passkey.account_id != account_id):
        raise WrongFactor
    proven = _checked_answer(answer, challenge, site, passkey)
    with transaction.atomic():
        _spend(challenge, at)
        # A counter that did not move is one of a copy; devices that do not count stay at nought.
        moved = models.Passkey.objects.filter(id=passkey.pk)
        if proven.new_sign_count:
            moved = moved.filter(sign_count__lt=proven.new_sign_count)
        if not moved.update(sign_count=proven.new_sign_count, last_used_at=at):
            raise PasskeyCopied
    return passkey.account_id


def rename(*, account_id: int, passkey_id: int, name: str) -> None:
    """Give the passkey another name; raise `LookupError` when the account has none of that id."""
    found = models.Passkey.objects.filter(account_id=account_id, id=passkey_id)
    if not found.update(name=name[:PASSKEY_NAME_LENGTH_MAX]):
        raise LookupError(passkey_id)


def remove(*, account_id: int, passkey_id: int, at: datetime) -> None:
    """Forget the passkey; raise `LookupError` when the account has none of that id."""
    with transaction.atomic():
        account = models.Account.objects.select_for_update(no_key=True).get(id=account_id)
        passkey = models.Passkey.objects.filter(account_id=account_id, id=passkey_id).first()
        if passkey is None:
            raise LookupError(passkey_id)
        passkey.delete()
        detail = {"factor": Factor.PASSKEY, "name": passkey.name}
        journal.note(account_id=account_id, kind=EventKind.FACTOR_REMOVED, at=at, detail=detail)
        factors.keep_true(account)


def forget(*, before: datetime) -> int:
    """Forget used challenges that nobody could answer any more; return how many."""
    return models.SpentChallenge.objects.filter(expires_at__lt=before).delete()[0]


def _handle(held: Sequence[models.Passkey], challenge: bytes) -> str:
    """Return what passkeys know the account by: that of the first one, or a new one that says nothing of anybody."""
    return held[0].user_handle if held else bytes_to_base64url(hashlib.sha256(b"handle|" + challenge).digest())


def _spend(challenge: bytes, at: datetime) -> None:
    """Use the challenge up in the transaction of what it proves; raise `ChallengeGone` when another was faster."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into identity_spentchallenge (hash, expires_at) values (%s, %s) on conflict do nothing",
            [hashlib.sha256(challenge).hexdigest(), at + CHALLENGE_LIFE],
        )
        if not cursor.rowcount:
            raise ChallengeGone


def _checked_registration(answer: str, challenge: bytes, site: Site) -> Any:
    try:
        return webauthn.verify_registration_response(
            credential=_loaded(answer),
            expected_challenge=challenge,
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:
        raise WrongFactor from error


def _checked_answer(answer: str, challenge: bytes, site: Site, passkey: models.Passkey) -> VerifiedAuthentication:
    given = _loaded(answer)
    handle = given.get("response", {}).get("userHandle") if isinstance(given.get("response"), dict) else None
    if handle and not hmac.compare_digest(str(handle).rstrip("=").encode(), passkey.user_handle.encode()):
        raise WrongFactor
    try:
        proven = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            credential_public_key=bytes(passkey.public_key),
            # Compared by ourselves, when the new one is written.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:
        raise WrongFactor from error
    if (proven.new_sign_count or passkey.sign_count) and proven.new_sign_count <= passkey.sign_count:
        log.warning("a passkey counted back: %s", passkey.pk)
        raise PasskeyCopied
    return proven


def _loaded(answer: str) -> dict[str, Any]:
    """Return the browser's answer as it was written; an empty one when it is none."""
    try:
        given = json.loads(answer) if len(answer) <= ANSWER_LENGTH_MAX else None
    except (ValueError, RecursionError):
        given = None
    return given if isinstance(given, dict) else {}


def _credential_id(answer: str) -> str:
    held = _loaded(answer).get("id")
    return held if isinstance(held, str) and held.isascii() and held.isprintable() else ""


def _transports(answer: str) -> list[str]:
    response = _loaded(answer).get("response")
    given = response.get("transports") if isinstance(response, dict) else None
    known = {str(transport.value) for transport in AuthenticatorTransport}
    return sorted({str(name) for name in given} & known) if isinstance(given, list) else []


def _descriptor(passkey: models.Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=base64url_to_bytes(passkey.credential_id),
        transports=[AuthenticatorTransport(name) for name in passkey.transports] or None,
    )
