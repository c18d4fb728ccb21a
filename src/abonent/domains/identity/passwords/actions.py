"""The password of an account: set, offered, declined."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from abonent.domains.identity import actions, freezing, hashing, journal, leaked, models
from abonent.domains.identity.passwords import rules as rules_passwords
from abonent.domains.identity.passwords.rules import Problem
from abonent.domains.identity.rules import EventKind


class NotGood(Exception):
    """A new password has problems, in the order in which to say them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = list(problems)


def problems(password: str, own_words: Sequence[str]) -> list[Problem]:
    """Return what is wrong with a new password for somebody with these own words, by the operator's profile."""
    operator = [*settings.OPERATOR_NAME.values(), *rules_passwords.PRODUCT]
    return rules_passwords.problems(password, [*own_words, *operator], settings.POLICY, leaked.passwords())


def suggestion() -> str:
    """Return a good password that nobody had before."""
    return rules_passwords.generated(secrets.token_bytes(32))


def set_password(
    *,
    account_id: int,
    password: str,
    own_words: Sequence[str],
    at: datetime,
    keep_session: str | None,
    not_to: str = "",
) -> None:
    """Make `password` the account's, lift every lock of it, end all sessions but `keep_session`, tell the owner.

    Who calls has the proof. `not_to` is the number or address that the proof came by. Raises `NotGood`,
    `hashing.Busy`.
    """
    found = problems(password, own_words)
    if found:
        raise NotGood(found)
    keep(account_id=account_id, kept=hashing.made(password), at=at, keep_session=keep_session, not_to=not_to)


@transaction.atomic
def keep(*, account_id: int, kept: str, at: datetime, keep_session: str | None, not_to: str = "") -> None:
    """As `set_password`, for a password that was looked at and hashed before. Raises `freezing.Frozen`."""
    freezing.ensure_not_frozen(account_id)
    models.Account.objects.filter(id=account_id).update(password=kept, password_set_at=at, password_declined_at=None)
    actions.end_sessions(account_id=account_id, at=at, keep=keep_session)
    journal.note(account_id=account_id, kind=EventKind.PASSWORD_SET, at=at, not_to=not_to)


def put_off(*, account_id: int, at: datetime) -> None:
    """Note that a password was offered and may be offered again."""
    models.Account.objects.filter(id=account_id).update(password_offered_at=at)


def decline(*, account_id: int, at: datetime) -> None:
    """Note that the person wants no password, and wants to be asked no more."""
    models.Account.objects.filter(id=account_id).update(password_offered_at=at, password_declined_at=at)
