"""Sessions in the database, deaf to cookies that no session of ours ever had, each known by its account.

The account and the sign-in stand beside the data, so that all sessions of somebody can be listed and ended at once.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, SessionBase, UpdateError
from django.core import signing
from django.db import connection

from abonent.foundation import prepared
from abonent.foundation.clock import now

KEY_LENGTH = 32
SIGN_IN = "sign_in"
# As the account stands at this very request, whatever was true when the session was written: nothing dangerous is
# done (`FROZEN`), nothing at all is shown (`OFF`).
FROZEN = "frozen"
OFF = "off"


class SessionStore(SessionBase):
    """Named by `SESSION_ENGINE`.

    A forged key never reaches the database, which knows no NUL and would fail loudly. Every page begins with reading
    its session: plain SQL costs a third of what the ORM takes. A new session is written once, with all it holds, at
    the end of the request that began it.
    """

    _is_new = False
    # What stands in its row already, when that was written before the end of the request.
    _written: dict[str, Any] | None = None

    def load(self) -> dict[str, Any]:
        row = None
        if self.session_key is not None:
            row = prepared.row(_LOAD, [self.session_key, now()])
        if row is None:
            self._session_key = None
            return {}
        data, account_id, sign_in_id, frozen, off = row
        held = self.decode(data)
        if sign_in_id is not None:
            held[SIGN_IN] = sign_in_id
        return held if account_id is None else held | {FROZEN: frozen, OFF: off}

    def encode(self, session_dict: dict[str, Any]) -> str:
        # A row is too small to be worth packing.
        return signing.dumps(session_dict, salt=self.key_salt, serializer=self.serializer)

    def create(self) -> None:
        # Nobody has to be asked whether the key is free: of 36^32 none comes twice.
        self._session_key = _drawn()
        self._session_cache = getattr(self, "_session_cache", {})
        self._is_new = self.modified = True
        self._written = None

    def cycle_key(self) -> None:
        """Give the session a new id at once, in its one row; one that somebody has ended meanwhile stays ended."""
        held, old_key, was_new = dict(self.items()), self.session_key, self._is_new
        self.create()
        self._session_cache = held
        if old_key is not None and not was_new:
            with connection.cursor() as cursor:
                cursor.execute("update identity_session set key = %s where key = %s", [self.session_key, old_key])
            self._is_new = False

    def save(self, must_create: bool = False) -> None:
        """Write the session; raise `UpdateError` when somebody has ended it meanwhile."""
        if self._written is not None and self._written == dict(self.items()):
            return
        data, account_id, expires_at, key = self.row()
        new = must_create or self._is_new
        if not prepared.count(_INSERT if new else _UPDATE, [data, account_id, self.get(SIGN_IN), expires_at, key]):
            raise CreateError if new else UpdateError
        self._is_new, self._written = False, None

    def row(self) -> tuple[str, int | None, datetime, str]:
        """Return what is kept of it: its data, the account, when it ends, its key."""
        if self.session_key is None:
            self.create()
        account, key = self.get(SESSION_KEY), str(self.session_key)
        return self.encode(dict(self.items())), int(account) if account else None, self.get_expiry_date(), key

    def note_written(self, sign_in_id: int) -> None:
        """Know that its row was written with the entry into the account's history that it belongs to."""
        self[SIGN_IN] = sign_in_id
        self._is_new, self._written = False, dict(self.items())

    def exists(self, session_key: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from identity_session where key = %s", [session_key])
            return cursor.fetchone() is not None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            with connection.cursor() as cursor:
                cursor.execute("delete from identity_session where key = %s", [key])

    @classmethod
    def clear_expired(cls) -> None:
        with connection.cursor() as cursor:
            cursor.execute("delete from identity_session where expires_at < %s", [now()])

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) >= 8 and key.isascii() and key.isalnum()


def _drawn() -> str:
    """Return a new session key: 36^32 are possible."""
    number, characters = secrets.randbelow(len(VALID_KEY_CHARS) ** KEY_LENGTH), []
    for _ in range(KEY_LENGTH):
        number, place = divmod(number, len(VALID_KEY_CHARS))
        characters.append(VALID_KEY_CHARS[place])
    return "".join(characters)


# An entry may be ended while its session is still being written: then the session never lives.
_LOAD = """
    select session.data, account.id, session.sign_in_id, account.frozen_at is not null, account.off_at is not null
      from identity_session session
      left join identity_account account on account.id = session.account_id
      left join identity_signin entry on entry.id = session.sign_in_id
     where session.key = %s and session.expires_at > %s and entry.ended_at is null
"""
_INSERT = """
    insert into identity_session (data, account_id, sign_in_id, expires_at, key)
    values (%s, %s, %s, %s, %s) on conflict do nothing
"""
_UPDATE = """
    update identity_session set data = %s, account_id = %s, sign_in_id = %s, expires_at = %s where key = %s
"""
