"""Content providers hear by one signed request how a subscription stands, as docs/content-providers.md says."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
from urllib.parse import urlsplit

from abonent.domains.orders.ports import NoAnswer, Notice
from abonent.foundation.clock import now

TIMEOUT_S = 10.0


def signature(key: str, timestamp: str, path: str, body: bytes) -> str:
    """Return the hexadecimal signature of a request: HMAC-SHA256 of timestamp, path and body, a line each."""
    return hmac.new(key.encode(), f"{timestamp}\n{path}\n".encode() + body, hashlib.sha256).hexdigest()


def document(notice: Notice) -> dict[str, str]:
    """Return what is sent."""
    return {
        "subscription_id": str(notice.subscription_id),
        "id": notice.external_id,
        "service": notice.service,
        "number": notice.number,
        "state": notice.state,
        "why": notice.why,
        "at": notice.at.isoformat(),
        "works_until": notice.works_until.isoformat() if notice.works_until else "",
    }


class HttpProviders:
    """Implements `orders.ports.Providers`. Every request has a connection of its own; redirects are no answer."""

    def tell(self, *, url: str, key: str, notice: Notice) -> None:
        """Post the notice; any answer but 200 to 299 is none."""
        parts = urlsplit(url)
        path, body = parts.path or "/", json.dumps(document(notice)).encode()
        timestamp = str(int(now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Abonent-Timestamp": timestamp,
            "X-Abonent-Signature": signature(key, timestamp, path, body),
        }
        connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            # Only the kind: libraries like to quote what was sent.
            raise NoAnswer(f"{notice.provider}: {type(error).__name__}") from None
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise NoAnswer(f"{notice.provider}: HTTP {status}")

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            trust = ssl.create_default_context()
            trust.minimum_version = ssl.TLSVersion.TLSv1_2
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=trust)
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
