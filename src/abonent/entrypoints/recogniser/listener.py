"""Hears the gateway and sends the browser back to the site with a signed ticket; knows no database and no pages.

It speaks ASGI, which hands headers over as they came: in WSGI `X_MSISDN`, which a gateway lets pass, and `X-MSISDN`,
which it alone may write, are the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlencode

from abonent.domains.identity import recognition_rules as rules
from abonent.foundation.clock import now

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

QUERY_LENGTH_MAX = 1000
BACK = "/login/network/back/"


@dataclass(frozen=True)
class Options:
    """What the listener goes by: the hosts it sends people back to, whom it believes, which numbers are ours."""

    key: bytes
    hosts: tuple[str, ...]
    https: bool
    number_header: str
    line_header: str
    ranges: tuple[str, ...]
    peers: tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True)
class Answer:
    """A status with an address to go to, or with plain words."""

    status: int
    location: str = ""
    words: str = ""


def listener(options: Options) -> Application:
    """Return the ASGI application."""

    async def application(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        peer = (scope.get("client") or ("",))[0]
        answer = recognise(
            options, method=scope["method"], peer=peer, query=scope["query_string"], headers=scope["headers"]
        )
        body = answer.words.encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            # What the network said of one phone is for that phone alone.
            (b"cache-control", b"no-store"),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if answer.location:
            headers.append((b"location", answer.location.encode("ascii")))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


def recognise(
    options: Options, *, method: str, peer: str, query: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> Answer:
    """Return the way back to the site: with a ticket for whom the gateway named, without one when it named nobody."""
    if not rules.is_peer(peer, options.peers):
        return Answer(403, words="Only the operator's gateway is heard here.\n")
    if method not in ("GET", "HEAD"):
        return Answer(405, words="Only GET.\n")
    asked = _asked(query)
    nonce, host = asked.get("nonce", ""), asked.get("host", "")
    origin = rules.origin_of(host, allowed=options.hosts, https=options.https)
    if origin is None or not rules.is_nonce(nonce):
        return Answer(400, words="This address is opened by the sign-in page.\n")
    seen = rules.seen(
        headers, number_header=options.number_header, line_header=options.line_header, ranges=options.ranges
    )
    if seen is None:
        return Answer(302, location=f"{origin}{BACK}")
    ticket = rules.Ticket(
        service=seen.service,
        name=seen.name,
        audience=host,
        nonce=nonce,
        made_at=int(now().timestamp()),
        id=token_hex(8),
    )
    return Answer(302, location=f"{origin}{BACK}?{urlencode({'ticket': rules.sign(ticket, options.key)})}")


def _asked(query: bytes) -> dict[str, str]:
    """Return what stands in the address, each name once; anything strange counts as nothing."""
    if len(query) > QUERY_LENGTH_MAX or not query.isascii():
        return {}
    try:
        found = parse_qs(query.decode("ascii"), max_num_fields=5)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items() if len(values) == 1}
