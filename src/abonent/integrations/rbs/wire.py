"""One request to the gateway: by TLS to the one host that is named, with a deadline, a limit and no redirects."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

from abonent.domains.payments.ports import NoAnswer

TIMEOUT_S = 12.0
CONNECT_TIMEOUT_S = 5.0
ANSWER_MAX = 256 * 1024
CHUNK = 16 * 1024


class Wire:
    """Speaks to one gateway. Every request has a connection of its own: one that died idle would leave doubts."""

    def __init__(self, url: str, *, user: str, password: str, ca: str = "", timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path
        self._login = {"userName": user, "password": password}
        self._timeout_s = timeout_s
        self._trust: ssl.SSLContext | None = None
        if parts.scheme == "https":
            self._trust = ssl.create_default_context(cafile=ca or None)
            self._trust.minimum_version = ssl.TLSVersion.TLSv1_2

    def call(self, method: str, fields: Mapping[str, str | int]) -> dict[str, Any]:
        """Return the JSON object that the gateway answers to `method`.

        Raises `NoAnswer` for everything else, with words that hold neither fields nor login.
        """
        until = monotonic() + self._timeout_s
        body = urlencode(self._login | {name: str(value) for name, value in fields.items()}).encode()
        connection = self._connection()
        try:
            connection.connect()
            self._limit(connection, until)
            connection.request(
                "POST",
                f"{self._path}{method}",
                body,
                {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            )
            return self._read(method, connection, until)
        except (OSError, http.client.HTTPException) as error:
            # Only the kind: libraries like to quote what was sent.
            raise NoAnswer(f"{method}: {type(error).__name__}") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._trust is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=CONNECT_TIMEOUT_S, context=self._trust)
        return http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_TIMEOUT_S)

    def _read(self, method: str, connection: http.client.HTTPConnection, until: float) -> dict[str, Any]:
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise NoAnswer(f"{method}: HTTP {answer.status}")
        read = b""
        while chunk := answer.read1(CHUNK):
            read += chunk
            if len(read) > ANSWER_MAX:
                raise NoAnswer(f"{method}: the answer is too long")
            self._limit(connection, until)
        if answer.length:
            raise NoAnswer(f"{method}: the answer was cut off")
        try:
            found = json.loads(read)
        except (ValueError, RecursionError):
            raise NoAnswer(f"{method}: the answer is no JSON") from None
        if not isinstance(found, dict):
            raise NoAnswer(f"{method}: the answer is no object")
        return found

    @staticmethod
    def _limit(connection: http.client.HTTPConnection, until: float) -> None:
        """Let no single wait go beyond the deadline of the whole: a gateway that drips is as good as silent."""
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError
        held: socket.socket | None = connection.sock
        if held is not None:
            held.settimeout(left)
