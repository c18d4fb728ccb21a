"""The network that the settings name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from abonent.domains.lines.ports import Network

SETTING = "ABONENT_NETWORK"
CALLS = ("carry_out", "features")


def network() -> Network:
    """Return the network; raise `ImportError` when none is named or it cannot be loaded."""
    found: Network = _load(settings.NETWORK)
    return found


def is_there() -> bool:
    """Return whether a network is named: without one nothing can be switched."""
    return bool(settings.NETWORK)


def problem() -> str | None:
    """Return why nothing can be switched, in one line, or None when the network loads: for `abonent check`."""
    named = f"{SETTING}={settings.NETWORK!r}"
    try:
        found = network()
    except (ImportError, TypeError, ValueError) as error:
        return f"{named} cannot be loaded: {error}"
    missing = [call for call in CALLS if not callable(getattr(found, call, None))]
    return f"{named} has no method {missing[0]}" if missing else None


@lru_cache
def _load(path: str) -> Any:
    if not path:
        raise ImportError("no network is named")
    return import_string(path)()
