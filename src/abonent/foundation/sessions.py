"""Sessions in the database, deaf to cookies that no session of ours ever had."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions


class SessionStore(DatabaseSessions):
    """Django's own, but a forged key never reaches the database, which knows no NUL and would fail loudly."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) >= 8 and key.isascii() and key.isalnum()
