"""The central database of numbers that the settings name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from abonent.domains.porting.ports import CentralDatabase

SETTING = "ABONENT_PORTING"
CALLS = ("bring", "cancel", "standing", "taking", "waiting", "answer")


def central() -> CentralDatabase:
    """Return the central database; raise `ImportError` when none is named or it cannot be loaded."""
    found: CentralDatabase = _load(settings.PORTING)
    return found


def is_there() -> bool:
    """Return whether one is named: without it no number is brought, and none is taken."""
    return bool(settings.PORTING)


def problem() -> str | None:
    """Return why no number can change its operator, in one line, or None when the gateway loads."""
    named = f"{SETTING}={settings.PORTING!r}"
    try:
        found = central()
    except (ImportError, TypeError, ValueError) as error:
        return f"{named} cannot be loaded: {error}"
    missing = [call for call in CALLS if not callable(getattr(found, call, None))]
    return f"{named} has no method {missing[0]}" if missing else None


@lru_cache
def _load(path: str) -> Any:
    if not path:
        raise ImportError("no central database is named")
    return import_string(path)()
