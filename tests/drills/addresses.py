"""Every address of the site with something in its places, as the site itself lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

# What stands in an address where it names a thing; of nobody that drills sign in as.
NAMES = {
    "service": "vk",
    "partner": "kometa",
    "name": "code",
    "extension": "pdf",
    "version": "0",
    "month": "2026-01",
    "condition": "busy",
    "direction": "out",
    "message_id": "00000000-0000-4000-8000-000000000000",
    "change_id": "00000000-0000-4000-8000-000000000000",
    "sheet": "style",
    "case_id": "1",
    "event_id": "1",
    "bill_id": "1",
    "act_id": "1",
    "registry_id": "1",
    "difference_id": "1",
    "line_id": "1",
    "share_id": "1",
    "visit_id": "1",
    "request_id": "1",
    "passkey_id": "1",
    "version_id": "1",
    "rule": "fee",
    "dispute_id": "1",
    "gift_id": "00000000-0000-4000-8000-000000000000",
    "file_id": "00000000-0000-4000-8000-000000000000",
    "kind": "question",
    "approval_id": "00000000-0000-4000-8000-000000000000",
    "charge_id": "00000000-0000-4000-8000-000000000000",
    "transfer_id": "00000000-0000-4000-8000-000000000000",
    "wish_id": "00000000-0000-4000-8000-000000000000",
    "promise_id": "00000000-0000-4000-8000-000000000000",
    "topup_id": "00000000-0000-4000-8000-000000000000",
    "payment_id": "00000000-0000-4000-8000-000000000000",
    "receipt_id": "00000000-0000-4000-8000-000000000000",
    "order_id": "00000000-0000-4000-8000-000000000000",
    "code": "roaming",
    "subscription_id": "00000000-0000-4000-8000-000000000000",
    "form": "esim",
    "invitation_id": "00000000-0000-4000-8000-000000000000",
    "member_id": "00000000-0000-4000-8000-000000000000",
    "draft_id": "1",
    "test_id": "00000000-0000-4000-8000-000000000000",
    "form_id": "00000000-0000-4000-8000-000000000000",
    "move_id": "00000000-0000-4000-8000-000000000000",
    "port_ref": "00000000-0000-4000-8000-000000000000",
    "port_id": "1",
    "pay_id": "00000000-0000-4000-8000-000000000000",
}


def patterns(inside: URLResolver | None = None, before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address and what answers there."""
    for one in (inside or get_resolver()).url_patterns:
        here = before + str(one.pattern).lstrip("^").rstrip("$")
        if isinstance(one, URLResolver):
            yield from patterns(one, here)
        else:
            yield filled(here), one


def filled(address: str) -> str:
    """Put names where the pattern has places for them."""
    named = re.sub(r"<(?:\w+:)?(\w+)>", lambda place: NAMES[place[1]], re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", address))
    return named.replace("\\", "")


def all_addresses() -> list[str]:
    return [address for address, _ in patterns()]


def without_token() -> set[str]:
    """Return the addresses whose forms need no token of the site."""
    return {address for address, pattern in patterns() if getattr(pattern.callback, "csrf_exempt", False)}
