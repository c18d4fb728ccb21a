"""Calls to other services: short, small, straight to the address that the settings or the service itself named."""

from __future__ import annotations

import time
from typing import Any

import requests

TIMEOUT_S = 5
WHOLE_CALL_MAX_S = 8
ANSWER_MAX = 256 * 1024


class Calls(requests.Session):
    """A session that follows no redirect and takes no answer that is too long, or too long on its way."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Return the whole answer, or raise `requests.RequestException`."""
        until = time.monotonic() + WHOLE_CALL_MAX_S
        options |= {"timeout": TIMEOUT_S, "allow_redirects": False, "stream": True}
        response = super().send(request, **options)
        taken = bytearray()
        with response:
            for piece in response.iter_content(16 * 1024):
                taken += piece
                if len(taken) > ANSWER_MAX or time.monotonic() > until:
                    raise requests.RequestException(f"the answer of {response.url} is too long")
        response._content = bytes(taken)
        return response
