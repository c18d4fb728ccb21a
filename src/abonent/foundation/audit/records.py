"""One record of the trail: what it holds, how it is sealed, how it is written.

The seal is an HMAC over the record and the seal before it, under a key that the database never sees: whoever rules the
database can break the chain, but cannot mend it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from abonent.foundation.audit import checkpoint

Detail = str | int | bool | None
NOTHING: Mapping[str, Detail] = MappingProxyType({})
FIRST_SEAL = bytes(32)
# A whole phone number or an e-mail address: ids and masked numbers stand here, people do not.
_PERSONAL = re.compile(r"\+\d{8,}|\S@\S+\.\S")


class NotForTheTrail(ValueError):
    """What was to be recorded names a person, or is no plain value."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `kind` is "agent", "system" or "command", `id` its own id there, `name` what colleagues call it."""

    kind: str
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as it stands in the table; `previous` is the seal of the one before it."""

    number: int
    at: datetime
    actor: Actor
    action: str
    subject: str
    on_behalf_of: str = ""
    origin: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)
    previous: bytes = FIRST_SEAL
    seal: bytes = b""

    def content(self) -> bytes:
        """Return what is sealed: every field in one unmistakable way of writing."""
        document = [
            self.number,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            [self.actor.kind, self.actor.id, self.actor.name],
            self.action,
            self.subject,
            self.on_behalf_of,
            self.origin,
            dict(self.details),
        ]
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def record(
    *,
    actor: Actor,
    action: str,
    subject: str,
    on_behalf_of: str = "",
    details: Mapping[str, Detail] = NOTHING,
    origin: str = "",
    at: datetime,
) -> int:
    """Add a record in the current transaction and return its number; it is gone when that is undone.

    `subject` and `on_behalf_of` are ids such as "case 12", "party 7"; `origin` is a network prefix. Writers wait for
    each other until they commit, so record last in a transaction. Raises `NotForTheTrail`.
    """
    check(action, subject, on_behalf_of, origin, *details.values())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select number, seal from audit_next()")
        number, previous = cursor.fetchone()
        entry = Entry(number, at, actor, action, subject, on_behalf_of, origin, details, bytes(previous))
        seal = seal_of(entry)
        cursor.execute(
            """insert into audit_entry
                      (number, at, actor_kind, actor_id, actor_name, action, subject, on_behalf_of, origin, details,
                       previous, seal)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                *(number, at, actor.kind, actor.id, actor.name, action, subject, on_behalf_of, origin),
                *(json.dumps(dict(details), ensure_ascii=False), previous, seal),
            ],
        )
    transaction.on_commit(lambda: checkpoint.keep(checkpoint.Head(number, seal)), robust=True)
    return int(number)


def check(*values: Detail) -> None:
    """Raise `NotForTheTrail` for a value that is not plain, or that holds a whole number or e-mail address."""
    for value in values:
        if not isinstance(value, str | int | None):
            raise NotForTheTrail(f"{type(value).__name__} is no plain value")
        if isinstance(value, str) and (_PERSONAL.search(value) or "\0" in value):
            raise NotForTheTrail("a whole number or address has no place here; mask it")


def seal_of(entry: Entry, key: bytes | None = None) -> bytes:
    """Return the seal that the record must carry after `entry.previous`."""
    return hmac.digest(key or keys()[0], entry.previous + entry.content(), hashlib.sha256)


def keys() -> list[bytes]:
    """Return the key that seals now, and those that sealed before."""
    return [
        salted_hmac("abonent.foundation.audit", "", secret=secret, algorithm="sha256").digest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
