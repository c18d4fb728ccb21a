"""Accounts with a password, and what opens them."""

from __future__ import annotations

from datetime import datetime, timedelta

from abonent.domains.identity import models, queries, temporary
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.identity.rules import Channel, mark_hash
from abonent.domains.lines import queries as lines
from abonent.domains.lines.actions import give_access
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories.lines import line as new_line

PASSWORD = "verbose otter 19"
HOME = Origin(address_prefix="198.51.100.0/24", device="the owner's phone")
STRANGER = Origin(address_prefix="203.0.113.0/24", device="somewhere else")


def account(line: Line | None = None, *, password: str = PASSWORD, device: str = "", email: str = "") -> Line:
    """Give the line (a new one unless given) an account with a password, known to `device`; return the line."""
    line = line or new_line()
    owner = models.Account(email=email or None)
    owner.set_unusable_password()
    owner.save()
    give_access(line_id=line.id, account_id=owner.pk, at=now())
    if device:
        models.Device.objects.create(account=owner, mark=mark_hash(device), first_seen_at=now(), last_seen_at=now())
    if password:
        passwords.set_password(
            account_id=owner.pk, password=password, own_words=(), at=now() - timedelta(hours=1), keep_session=None
        )
    return line


def account_of(line: Line) -> int:
    """Return the account's id."""
    found = lines.account_of(line.id)
    assert found
    return found


def temporary_password(line: Line, *, at: datetime | None = None, channel: Channel = Channel.SMS, **more: str) -> str:
    """Issue a temporary password of the line's account and return it as the owner reads it."""
    challenge_id = temporary.issue(
        account_id=account_of(line), number=line.number, channel=channel, recipient=line.number, origin=Origin(),
        life=timedelta(minutes=30), language="ru", host="abonent.test", at=at or now(), by="self", **more,
    )  # fmt: skip
    if channel is Channel.PAPER:
        made = temporary.on_paper(challenge_id, at or now())
        assert made
        return made.password
    found = temporary.to_deliver(str(challenge_id), at or now())
    assert found
    return found


def has_password(line: Line) -> bool:
    """Return whether the account has a password."""
    return queries.standing(account_of(line)).has_password
