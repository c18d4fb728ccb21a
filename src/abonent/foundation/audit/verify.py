"""Walks the trail from its first record, or from a head kept elsewhere, and names the first one that is broken."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from abonent.foundation.audit.checkpoint import BrokenHead, Head, kept_head
from abonent.foundation.audit.records import FIRST_SEAL, Actor, Entry, keys, seal_of

READ_AT_ONCE = 2000
_COLUMNS = (
    "number, at, actor_kind, actor_id, actor_name, action, subject, on_behalf_of, origin, details, previous, seal"
)


class Damage(StrEnum):
    """What is wrong with a record."""

    CHANGED = "changed"
    MISSING = "missing"
    MOVED = "moved"
    CUT_OFF = "cut off"
    HEAD_CHANGED = "head changed"
    UNGUARDED = "unguarded"


WORDS = {
    Damage.CHANGED: "its content is not what was sealed",
    Damage.MISSING: "it is not there, later ones are",
    Damage.MOVED: "it does not follow the record before it: records were swapped, put in or taken out",
    Damage.CUT_OFF: "it was written and is not there any more, nor is any after it",
    Damage.HEAD_CHANGED: "the head kept outside the database names another record there, or was changed",
    Damage.UNGUARDED: "the table lets records be changed: its triggers are off or gone",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The first broken record; 0 when it is not about one."""

    number: int
    damage: Damage

    def __str__(self) -> str:
        return f"record {self.number}: {WORDS[self.damage]}" if self.number else WORDS[self.damage]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many records were looked at, where the trail ends, and the first thing wrong (None: nothing)."""

    looked_at: int
    head: Head | None
    broken: Finding | None

    def to_json(self) -> dict[str, object]:
        """Return it for machines."""
        broken = self.broken and {
            "number": self.broken.number,
            "damage": self.broken.damage,
            "words": WORDS[self.broken.damage],
        }
        return {
            "sound": broken is None,
            "records": self.looked_at,
            "head": str(self.head) if self.head else None,
            "broken": broken,
        }


def head() -> Head | None:
    """Return where the trail ends now, None while it is empty."""
    with connection.cursor() as cursor:
        cursor.execute("select number, seal from audit_entry order by number desc limit 1")
        row = cursor.fetchone()
    return Head(row[0], bytes(row[1])) if row else None


def newest(limit: int) -> list[Entry]:
    """Return the newest records, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {_COLUMNS} from audit_entry order by number desc limit %s", [limit])
        return [_entry(row) for row in cursor.fetchall()]


def verify(begin: Head | None = None) -> Verdict:
    """Look at every record in flat memory.

    Without `begin`, from the first one, up to the head kept in `var` at least. With it, that record must be there as
    it was, and all after it are looked at.
    """
    try:
        kept = begin or kept_head()
    except BrokenHead:
        return Verdict(0, head(), Finding(0, Damage.HEAD_CHANGED))
    looked_at, last, broken = _walk(begin, kept)
    if broken is None and kept is not None and (last is None or last.number < kept.number):
        broken = Finding(last.number + 1 if last else 1, Damage.CUT_OFF)
    if broken is None and not _is_guarded():
        broken = Finding(0, Damage.UNGUARDED)
    return Verdict(looked_at, last, broken)


def _walk(begin: Head | None, kept: Head | None) -> tuple[int, Head | None, Finding | None]:
    number = begin.number - 1 if begin else 0
    previous: bytes | None = None if begin else FIRST_SEAL
    looked_at, last = 0, None
    for entry in _entries(after=number):
        number += 1
        broken = _broken(entry, number, previous, kept)
        if broken is not None:
            return looked_at, last, Finding(number, broken)
        previous, looked_at, last = entry.seal, looked_at + 1, Head(entry.number, entry.seal)
    return looked_at, last, None


def _broken(entry: Entry, number: int, previous: bytes | None, kept: Head | None) -> Damage | None:
    """Return what is wrong with the record that stands where `number` should; `previous` None is not known."""
    if entry.number != number:
        return Damage.MISSING
    if kept is not None and kept.number == number and kept.seal != entry.seal:
        return Damage.HEAD_CHANGED
    if not any(hmac.compare_digest(seal_of(entry, key), entry.seal) for key in keys()):
        return Damage.CHANGED
    if previous is not None and entry.previous != previous:
        return Damage.MOVED
    return None


def _entries(after: int) -> Iterator[Entry]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select {_COLUMNS} from audit_entry where number > %s order by number limit %s", [after, READ_AT_ONCE]
            )
            rows = cursor.fetchall()
        yield from (_entry(row) for row in rows)
        if len(rows) < READ_AT_ONCE:
            return
        after = rows[-1][0]


def _entry(row: tuple[Any, ...]) -> Entry:
    number, at, kind, actor_id, name, action, subject, on_behalf_of, origin, details, previous, seal = row
    return Entry(
        number=number,
        at=at,
        actor=Actor(kind, actor_id, name),
        action=action,
        subject=subject,
        on_behalf_of=on_behalf_of,
        origin=origin,
        details=json.loads(details),
        previous=bytes(previous),
        seal=bytes(seal),
    )


def _is_guarded() -> bool:
    """Return whether the triggers that refuse every change are there and on."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select count(*) from pg_trigger
                where tgrelid = 'audit_entry'::regclass and tgname in ('audit_no_change', 'audit_no_truncate')
                  and tgenabled = 'A'"""
        )
        return bool(cursor.fetchone()[0] == 2)
