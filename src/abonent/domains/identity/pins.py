"""The PIN of the app. It never leaves the device: there it opens a key, and the key answers what the server asks.

A wrong PIN opens another key and gives another answer, so what lies on a stolen device tells no right PIN from a wrong
one; only the server can, and it counts.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from abonent.domains.identity import journal, models
from abonent.domains.identity.factors.rules import PIN_TRIES, ChallengeGone, PinForgotten, WrongFactor
from abonent.domains.identity.rules import EventKind
from abonent.foundation import vault

PIN_PURPOSE = "pin"
KEY = re.compile(r"[0-9a-f]{64}")

# The question is used up together with a try: of any number of answers to it one is looked at.
_TAKE = """
update identity_devicekey
   set tries_left = tries_left - 1, challenge = ''
 where id = %(id)s and account_id = %(account)s and challenge = %(challenge)s and challenge <> '' and tries_left > 0
returning key, tries_left
"""


def keep_key(*, account_id: int, key: str, instead_of: UUID | None, at: datetime) -> UUID:
    """Keep the key (64 hex digits) that a PIN opens on this device; return its id for the device.

    `instead_of` is the device's key until now, of whoever. Raises `WrongFactor` for what is no key.
    """
    if not KEY.fullmatch(key):
        raise WrongFactor
    with transaction.atomic():
        if instead_of is not None:
            models.DeviceKey.objects.filter(id=instead_of).delete()
        kept = models.DeviceKey.objects.create(
            account_id=account_id,
            key=vault.seal(key, purpose=PIN_PURPOSE),
            tries_left=PIN_TRIES,
            made_at=at,
            last_used_at=at,
        )
        journal.note(account_id=account_id, kind=EventKind.PIN_SET, at=at)
    return kept.id


def has_key(*, account_id: int, device_key_id: UUID | None) -> bool:
    """Return whether this device has a key of this account."""
    return _kept(device_key_id).filter(account_id=account_id).exists()


def ask(*, account_id: int, device_key_id: UUID | None) -> str:
    """Return what the device is to answer next (64 hex digits); raise `PinForgotten` when it has no key."""
    challenge = secrets.token_hex(32)
    if not _kept(device_key_id).filter(account_id=account_id, tries_left__gt=0).update(challenge=challenge):
        raise PinForgotten
    return challenge


def prove(*, account_id: int, device_key_id: UUID | None, challenge: str, answer: str, at: datetime) -> None:
    """Take the device's answer; outside any transaction, since the try counts for good.

    Raises `ChallengeGone` (another question was asked since; no try is lost), `WrongFactor`, and `PinForgotten` after
    the fifth wrong one in a row: the key is gone.
    """
    values = {"id": device_key_id, "account": account_id, "challenge": challenge}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        row = cursor.fetchone()
    if row is None:
        if not has_key(account_id=account_id, device_key_id=device_key_id):
            raise PinForgotten
        raise ChallengeGone
    sealed, tries_left = row
    try:
        key = bytes.fromhex(vault.unseal(sealed, purpose=PIN_PURPOSE))
    except vault.CannotUnseal:
        # The server's key is lost: the person signs in anew.
        _kept(device_key_id).delete()
        raise PinForgotten from None
    right = hmac.new(key, challenge.encode(), hashlib.sha256).hexdigest()
    if hmac.compare_digest(right.encode(), answer.encode()):
        _kept(device_key_id).update(tries_left=PIN_TRIES, last_used_at=at)
        return
    if tries_left > 0:
        raise WrongFactor
    _kept(device_key_id).delete()
    raise PinForgotten


def tries_left(device_key_id: UUID | None) -> int:
    """Return how many wrong PINs the device may still give."""
    return _kept(device_key_id).values_list("tries_left", flat=True).first() or 0


def forget_key(*, device_key_id: UUID | None) -> None:
    """Forget the key of a device."""
    _kept(device_key_id).delete()


def seal_anew() -> int:
    """Seal with the present key what an earlier one sealed, so that the earlier may go; return how many."""
    sealed = models.DeviceKey.objects.exclude(key__startswith=vault.head()).values_list("id", "key")
    done = 0
    for device_key_id, key in list(sealed):
        with suppress(vault.CannotUnseal):
            again = vault.seal(vault.unseal(key, purpose=PIN_PURPOSE), purpose=PIN_PURPOSE)
            done += models.DeviceKey.objects.filter(id=device_key_id, key=key).update(key=again)
    return done


def forget(*, before: datetime) -> int:
    """Forget keys of devices not seen since `before`; return how many."""
    return models.DeviceKey.objects.filter(last_used_at__lt=before).delete()[0]


def _kept(device_key_id: UUID | None) -> QuerySet[models.DeviceKey]:
    return models.DeviceKey.objects.filter(id__in=[device_key_id] if device_key_id else [])
