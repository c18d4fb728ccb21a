"""The network that speaks the protocol of docs/gateways.md: one signed request for each command or question."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from abonent.domains.lines.ports import Answer, Command, NoAnswer, Told
from abonent.foundation.clock import now

# Less than a command is taken for (`provisioning_rules.LEASE`).
TIMEOUT_S = 10.0
ANSWER_MAX = 4 * 1024 * 1024
REASON_MAX = 100


def signature(key: str, timestamp: str, path: str, body: bytes) -> str:
    """Return the hexadecimal signature of a request: HMAC-SHA256 of timestamp, path and body, a line each."""
    return hmac.new(key.encode(), f"{timestamp}\n{path}\n".encode() + body, hashlib.sha256).hexdigest()


def _plain(said: str) -> str:
    """Return what can be stored and read of a text of theirs."""
    return "".join(character for character in said if character.isprintable())


class SignedClient:
    """Asks at `url`, signed with `key`. Every request has a connection of its own."""

    def __init__(self, *, url: str, key: str, ca: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path, self._key = parts.hostname or "", parts.port, parts.path, key
        self._trust: ssl.SSLContext | None = None
        if parts.scheme == "https":
            self._trust = ssl.create_default_context(cafile=ca or None)
            self._trust.minimum_version = ssl.TLSVersion.TLSv1_2

    def _ask(self, what: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON object answered; raise `NoAnswer` for everything else, in words that hold no number."""
        path, body = f"{self._path}{what}", json.dumps(said).encode()
        timestamp = str(int(now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Abonent-Timestamp": timestamp,
            "X-Abonent-Signature": signature(self._key, timestamp, path, body),
        }
        connection = self._connection()
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise NoAnswer(f"HTTP {answer.status}")
            read = answer.read(ANSWER_MAX + 1)
            if len(read) > ANSWER_MAX:
                raise NoAnswer("the answer is too long")
            found = json.loads(read)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(type(error).__name__) from None
        except (ValueError, RecursionError):
            raise NoAnswer("the answer is no JSON") from None
        finally:
            connection.close()
        if not isinstance(found, dict):
            raise NoAnswer("the answer is no object")
        return found

    def _connection(self) -> http.client.HTTPConnection:
        if self._trust is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=self._trust)
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)


class HttpNetwork(SignedClient):
    """Implements `lines.ports.Network`."""

    def __init__(self) -> None:
        known = settings.NETWORK_ADAPTER
        if not known.url:
            raise ValueError("ABONENT_NETWORK_URL is missing")
        super().__init__(url=known.url, key=known.key, ca=known.ca)

    def carry_out(self, command: Command) -> Told:
        """Ask for a command. That its id has another content there (409) is no answer: nothing is known of this one."""
        said = self._ask(
            f"commands/{command.id}", {"line": command.line, "on": list(command.on), "off": list(command.off)}
        )
        try:
            answer = Answer(said.get("state", ""))
        except ValueError:
            raise NoAnswer("commands: the answer has no state that we know") from None
        reason = said.get("reason", "")
        return Told(answer, _plain(reason)[:REASON_MAX] if isinstance(reason, str) else "")

    def features(self, lines: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Ask what is on; a line that is missing in the answer was not answered for, rather than without anything."""
        said = self._ask("features", {"lines": list(lines)}).get("features")
        if not isinstance(said, dict):
            raise NoAnswer("features: the answer has none")
        found: dict[str, frozenset[str]] = {}
        for line in lines:
            on = said.get(line)
            if not isinstance(on, list) or not all(isinstance(feature, str) for feature in on):
                raise NoAnswer("features: the answer leaves a line out")
            found[line] = frozenset(on)
        return found
