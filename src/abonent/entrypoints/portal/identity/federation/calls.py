"""Calls to other services: short, small, few at once, straight to the address that settings or service named."""

from __future__ import annotations

import threading
import time
from typing import Any

import requests
from django.conf import settings

TIMEOUT_S = 5
WHOLE_CALL_MAX_S = 8
ANSWER_MAX = 256 * 1024
# Of the threads that answer people only some may wait for somebody else's server: the rest stays for everybody else.
AT_ONCE = max(1, settings.SERVER_THREADS // 3)
WAIT_FOR_TURN_S = 1

_turns = threading.BoundedSemaphore(AT_ONCE)


class Calls(requests.Session):
    """A session that follows no redirect and takes no answer that is too long, or too long on its way."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Return the whole answer, or raise `requests.RequestException`."""
        if not _turns.acquire(timeout=WAIT_FOR_TURN_S):
            raise requests.RequestException("too many calls wait already")
        try:
            return self._send(request, options)
        finally:
            _turns.release()

    def _send(self, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        until = time.monotonic() + WHOLE_CALL_MAX_S
        response = super().send(request, **options | {"timeout": TIMEOUT_S, "allow_redirects": False, "stream": True})
        taken = bytearray()
        with response:
            for piece in response.iter_content(16 * 1024):
                taken += piece
                if len(taken) > ANSWER_MAX or time.monotonic() > until:
                    raise requests.RequestException(f"the answer of {response.url} is too long")
        response._content = bytes(taken)
        return response
