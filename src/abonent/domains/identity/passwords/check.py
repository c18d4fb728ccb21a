"""Passwords typed: checked against a bounded number of tries, used up before, at the same cost for nobody's login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from abonent.domains.identity import hashing, jobs, rules, temporary
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import guards as guards_passwords
from abonent.domains.identity.passwords.guards import Attempt
from abonent.foundation import prepared


class WrongPassword(Exception):
    """It is another password, or nobody's login; `closed`: entry by password is closed for this login, from now on."""

    def __init__(self, *, closed: bool) -> None:
        super().__init__("closed" if closed else "wrong")
        self.closed = closed


@dataclass(frozen=True, slots=True)
class Known:
    """What a check needs of an account; of nobody all is empty, and costs the same."""

    account_id: int | None
    kept: str | None
    set_at: datetime | None
    is_known_device: bool


_KNOWN = """
select password, password_set_at,
       exists (select from identity_device where account_id = account.id and mark = %s and mark <> '')
  from identity_account account where id = %s
"""


def known(account_id: int | None, device: str) -> Known:
    """Return what there is to check a password against, in one query."""
    found = prepared.row(_KNOWN, [rules.mark_hash(device), account_id or 0])
    kept, set_at, is_known_device = found or (None, None, False)
    return Known(account_id, kept if kept and kept[0] != "!" else None, set_at, is_known_device)


def check(
    *, account_id: int | None, login: str, typed: str, origin: Origin, at: datetime, solved: bool = False
) -> temporary.Right | None:
    """Check as `tried` does; a right password ends the row of wrong ones at once, and None is returned."""
    found = tried(account_id=account_id, login=login, typed=typed, origin=origin, at=at, solved=solved)
    if isinstance(found, Attempt):
        guards_passwords.forgive(found)
        return None
    return found


def tried(
    *, account_id: int | None, login: str, typed: str, origin: Origin, at: datetime, solved: bool = False
) -> temporary.Right | Attempt:
    """Check what was typed as the password of `login`, which stands for the account, or for nobody (None).

    Returns the try when it is the password, to be forgiven, or a temporary one to be used up. Raises `WrongPassword`,
    `hashing.Busy` (nothing was counted), `CaptchaNeeded` (nothing was counted). Must stand outside any transaction.
    Nobody costs the same work as somebody: the same queries, the same one hash.
    """
    with hashing.pool().place():
        account = known(account_id, origin.device)
        keys = guards_passwords.keys_of(account_id, login, origin.device, known=account.is_known_device)
        attempt = guards_passwords.take(keys, set_at=account.set_at, origin=origin, now=at, solved=solved)
        right = attempt.shown_open and hashing.is_right(typed, account.kept if attempt.open else None)
    if right:
        return attempt
    made = temporary.check(account_id=account_id, typed=typed, at=at)
    if made is not None:
        # It opens even where passwords are closed: it was sent to the owner.
        return made
    _note_lock(account_id, attempt)
    raise WrongPassword(closed=not attempt.shown_open or attempt.shown_last)


def check_old(*, account_id: int, typed: str, origin: Origin, at: datetime) -> None:
    """Check the present password of somebody who is signed in and wants another; raises as `check` does."""
    with hashing.pool().place():
        account = known(account_id, origin.device)
        keys = guards_passwords.keys_of(
            account_id, f"account {account_id}", origin.device, known=account.is_known_device
        )
        attempt = guards_passwords.take(keys, set_at=account.set_at, origin=origin, now=at, solved=True)
        if attempt.open and hashing.is_right(typed, account.kept):
            guards_passwords.forgive(attempt)
            return
    _note_lock(account_id, attempt)
    raise WrongPassword(closed=not attempt.open or attempt.last)


def _note_lock(account_id: int | None, attempt: Attempt) -> None:
    """Have a worker write down, once, that a password was locked; the work is the same when it is nobody's."""
    if attempt.last or attempt.shown_last:
        jobs.note_lock.defer(account_id=account_id if attempt.last else None, at=attempt.at.isoformat())
