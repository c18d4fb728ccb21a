"""The e-mail address of an account: confirmed by a code that was sent to it, changed, removed, and a way in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from abonent.domains.identity import actions, journal, models, rules_email
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, CodeExpired, EventKind, Purpose
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging import preferences

TAKEN = "address_taken"


def account_with(address: str) -> int | None:
    """Return the account that confirmed the address (in lower case), if any."""
    return models.Account.objects.filter(email=address).values_list("id", flat=True).first()


def request_confirmation(
    *,
    account_id: int,
    address: str,
    again: UUID | None,
    origin: Origin,
    host: str,
    language: str,
    at: datetime,
    solved: bool = False,
) -> UUID:
    """Send a code to an address that is to become the account's; return the challenge. Raises `TooMany`.

    An address of another account gets a message that says so, instead of the code: the page looks the same.
    """
    taken = account_with(address) not in (None, account_id)
    return actions.send_code(
        purpose=Purpose.ADDRESS,
        number=address,
        subject=None if taken else account_id,
        again=again,
        origin=origin,
        host=host,
        language=language,
        at=at,
        channel=Channel.EMAIL,
        solved=solved,
        instead=TAKEN if taken else "",
    )


def set_address(*, account_id: int, challenge_id: UUID, typed: str, at: datetime) -> str:
    """Make the address the account's whose code `typed` is, and return it; until then the old one stands.

    Raises what `actions.check_code` raises. The old address hears of it, too.
    """
    right = actions.check_code(challenge_id=challenge_id, purpose=Purpose.ADDRESS, typed=typed, at=at)
    if right.subject != account_id:
        raise CodeExpired
    try:
        with transaction.atomic():
            actions.use_code(right, at=at)
            old = _change(account_id, right.number, at)
            if old is None:
                raise CodeExpired
            detail = {"address": rules_email.masked(right.number)}
            if old != right.number:
                journal.note(account_id=account_id, kind=EventKind.EMAIL_SET, at=at, detail=detail, not_to=right.number)
                _tell_old(old, EventKind.EMAIL_SET, account_id)
    except IntegrityError:
        # Somebody else confirmed it in the same moment: the next code to it says so, and only to it.
        raise CodeExpired from None
    return right.number


def remove_address(*, account_id: int, at: datetime) -> bool:
    """Take the address from the account; return whether it had one. The address itself hears of it."""
    with transaction.atomic():
        old = _change(account_id, None, at)
        if not old:
            return False
        journal.note(
            account_id=account_id, kind=EventKind.EMAIL_REMOVED, at=at, detail={"address": rules_email.masked(old)}
        )
        _tell_old(old, EventKind.EMAIL_REMOVED, account_id)
    return True


def enter(*, challenge_id: UUID, typed: str, at: datetime) -> int:
    """Return the account whose confirmed address got the code `typed`; raises what `actions.check_code` raises."""
    right = actions.check_code(challenge_id=challenge_id, purpose=Purpose.EMAIL, typed=typed, at=at)
    with transaction.atomic():
        actions.use_code(right, at=at)
        # Taken from the account while the code was on its way, it opens nothing any more.
        if account_with(right.number) != right.subject:
            raise CodeExpired
    return right.subject


def _change(account_id: int, address: str | None, at: datetime) -> str | None:
    """Write the address and return the one before (empty: none); None when the account is gone."""
    account = models.Account.objects.select_for_update(no_key=True).filter(id=account_id).first()
    if account is None:
        return None
    old, account.email, account.email_confirmed_at = account.email or "", address, at if address else None
    account.save(update_fields=["email", "email_confirmed_at"])
    if old:
        preferences.change_address(old=old, new=address or "")
    return old


def _tell_old(old: str, kind: EventKind, account_id: int) -> None:
    if old:
        language = models.Account.objects.values_list("language", flat=True).get(id=account_id)
        messaging.send(channel="email", recipient=old, template="security", params={"kind": kind}, language=language)
