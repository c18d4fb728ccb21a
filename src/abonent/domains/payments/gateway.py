"""The gateway that the settings name, and what of it others may know."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from abonent.domains.payments.ports import Method, PaymentGateway

SETTING = "ABONENT_PAYMENT_GATEWAY"
CALLS = ("register", "charge", "status", "cancel", "capture", "release", "refund", "cards", "forget", "notice")


def gateway() -> PaymentGateway:
    """Return the gateway; raise `ImportError` when none is named or it cannot be loaded."""
    found: PaymentGateway = _load(settings.PAYMENT_GATEWAY)
    return found


def methods() -> tuple[Method, ...]:
    """Return the ways of paying that pages may offer; none without a gateway."""
    return tuple(gateway().methods) if settings.PAYMENT_GATEWAY else ()


def problem() -> str | None:
    """Return why nothing can be paid, in one line, or None when the gateway loads: for `abonent check`."""
    named = f"{SETTING}={settings.PAYMENT_GATEWAY!r}"
    try:
        found = gateway()
    except (ImportError, TypeError, ValueError) as error:
        return f"{named} cannot be loaded: {error}"
    missing = [call for call in CALLS if not callable(getattr(found, call, None))]
    return f"{named} has no method {missing[0]}" if missing else None


@lru_cache
def _load(path: str) -> Any:
    if not path:
        raise ImportError("no payment gateway is named")
    return import_string(path)()
