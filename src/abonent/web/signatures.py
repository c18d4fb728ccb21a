"""Who sent a request, told by its keyed signature: gateways and what else is ours. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

# A signature is good this long, before and after: the clocks of two machines differ, and one waits for the other.
GOOD_FOR_S = 300


def signature(key: str, timestamp: str, path: str, body: bytes) -> str:
    """Return the hexadecimal signature of a request to `path`: HMAC-SHA256 of timestamp, path and body, a line each."""
    return hmac.new(key.encode(), f"{timestamp}\n{path}\n".encode() + body, hashlib.sha256).hexdigest()


def is_signed(*, key: str, timestamp: str, given: str, path: str, body: bytes, now: datetime) -> bool:
    """Return whether the request is by somebody who has the key, made about now, and for this very address."""
    if not key or not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
        return False
    if abs(now.timestamp() - int(timestamp)) > GOOD_FOR_S:
        return False
    return hmac.compare_digest(signature(key, timestamp, path, body).encode(), given.strip().lower().encode())
