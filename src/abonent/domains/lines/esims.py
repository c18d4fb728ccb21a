"""The server of eSIM profiles that the settings name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from abonent.domains.lines.ports import EsimServer

SETTING = "ABONENT_ESIM_SERVER"
CALLS = ("prepare", "state", "withdraw")


def server() -> EsimServer:
    """Return the server; raise `ImportError` when none is named or it cannot be loaded."""
    found: EsimServer = _load(settings.ESIM_SERVER)
    return found


def is_there() -> bool:
    """Return whether a server is named: without one no eSIM is offered."""
    return bool(settings.ESIM_SERVER)


def problem() -> str | None:
    """Return why no eSIM can be given, in one line, or None when the server loads or none is named."""
    if not is_there():
        return None
    named = f"{SETTING}={settings.ESIM_SERVER!r}"
    try:
        found = server()
    except (ImportError, TypeError, ValueError) as error:
        return f"{named} cannot be loaded: {error}"
    missing = [call for call in CALLS if not callable(getattr(found, call, None))]
    return f"{named} has no method {missing[0]}" if missing else None


@lru_cache
def _load(path: str) -> Any:
    if not path:
        raise ImportError("no server of eSIM profiles is named")
    return import_string(path)()
