"""Recognition by the operator's network: the ticket that carries the gateway's word to the site. Pure.

The recogniser alone hears the gateway. What it heard goes through the person's browser as a signed ticket: good once,
for a minute, for one host and for the one browser whose nonce it names.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address

TICKET_LIFE = timedelta(seconds=60)
# The two clocks need not agree to the second.
CLOCKS_APART = timedelta(seconds=5)
# A person who waits longer for the way there and back begins anew.
NONCE_LIFE = timedelta(minutes=3)
TICKET_LENGTH_MAX = 1000

_NUMBER = re.compile(r"\+?([1-9][0-9]{10,14})", re.ASCII)
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,39}", re.ASCII)
_NONCE = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HOST = re.compile(r"([a-z0-9.-]{1,253})(:[0-9]{1,5})?", re.ASCII)
_NEAR = ("localhost", "127.0.0.1")


class Fault(StrEnum):
    """Why nobody is recognised."""

    # The gateway named nobody: another network, or a phone that it does not know.
    UNKNOWN = "unknown"
    # No ticket of ours, or one of another key, host or browser.
    FORGED = "forged"
    EXPIRED = "expired"
    USED = "used"
    # The SIM was replaced lately.
    HELD = "held"


class NotRecognised(Exception):
    """The network's word is not there, or not to be believed."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Seen:
    """Whom the gateway saw: a `mobile` line by its number in E.164, an `internet` line by its login."""

    service: str
    name: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """The gateway's word, for the site at `audience` (host and port) and the browser that holds what `nonce` is of."""

    service: str
    name: str
    audience: str
    nonce: str
    made_at: int
    id: str


def ticket_key(secret: str) -> bytes:
    """Return the key that tickets are signed with."""
    return hmac.digest(secret.encode(), b"abonent.identity.recognition.ticket", hashlib.sha256)


def nonce_of(held: str) -> str:
    """Return what may be known of the random words a browser holds: who sees this cannot make those."""
    return hashlib.sha256(f"recognition|{held}".encode()).hexdigest()


def is_nonce(text: str) -> bool:
    """Return whether `text` can be what `nonce_of` returns."""
    return bool(_NONCE.fullmatch(text))


def seen(
    headers: Iterable[tuple[bytes, bytes]], *, number_header: str, line_header: str, ranges: tuple[str, ...]
) -> Seen | None:
    """Return whom the gateway named in the raw `headers`, or None when that is nobody, or not quite clear.

    A name with `_` for `-` is what somebody sends past a gateway that strips the right one; two headers, two values or
    both kinds at once come from no gateway either. Each of them makes the whole request worth nothing.
    """
    wanted = {_plain(number_header): "mobile", _plain(line_header): "internet"}
    found = [(name, value, wanted[_plain(name)]) for name, value in _readable(headers) if _plain(name) in wanted]
    if len(found) != 1:
        return None
    name, value, service = found[0]
    if name.lower() not in (number_header.lower(), line_header.lower()):
        return None
    if service == "internet":
        return Seen(service, value) if _LOGIN.fullmatch(value) else None
    number = _NUMBER.fullmatch(value)
    if number is None or not f"+{number[1]}".startswith(ranges):
        return None
    return Seen(service, f"+{number[1]}")


def sign(ticket: Ticket, key: bytes) -> str:
    """Return the ticket as it goes into an address."""
    body = base64.urlsafe_b64encode(json.dumps(asdict(ticket), separators=(",", ":")).encode()).rstrip(b"=")
    return f"{body.decode()}.{_signature(body, key)}"


def read(text: str, key: bytes) -> Ticket:
    """Return the ticket that `text` is, or raise `NotRecognised`: the signature is looked at before anything else."""
    body, _, signature = text.partition(".")
    if len(text) > TICKET_LENGTH_MAX or not text.isascii():
        raise NotRecognised(Fault.FORGED)
    if not hmac.compare_digest(_signature(body.encode(), key).encode(), signature.encode()):
        raise NotRecognised(Fault.FORGED)
    try:
        return Ticket(**json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (binascii.Error, ValueError, TypeError):
        # Signed by us, but by a version that says it in other words.
        raise NotRecognised(Fault.FORGED) from None


def check(ticket: Ticket, *, audience: str, nonce: str, now: datetime) -> None:
    """Raise `NotRecognised` unless the ticket is meant for this host and this browser, and still young."""
    mine = hmac.compare_digest(ticket.nonce.encode(), nonce.encode())
    if not mine or ticket.audience != audience:
        raise NotRecognised(Fault.FORGED)
    age = now - datetime.fromtimestamp(ticket.made_at, UTC)
    if not -CLOCKS_APART <= age <= TICKET_LIFE:
        raise NotRecognised(Fault.EXPIRED)


def origin_of(host: str, *, allowed: tuple[str, ...], https: bool) -> str | None:
    """Return where a ticket for `host` goes back to, or None: only to hosts of ours, and on their usual port.

    `*` among the `allowed` is a demo or a first look: then it is this machine, on any port.
    """
    parts = _HOST.fullmatch(host)
    if parts is None:
        return None
    name, port = parts[1], parts[2] or ""
    if "*" in allowed and name in _NEAR:
        return f"{'https' if https else 'http'}://{name}{port}"
    known = any(name == one or (one.startswith(".") and name.endswith(one)) for one in allowed)
    return f"{'https' if https else 'http'}://{name}" if known and not port else None


def is_peer(address: str, peers: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Return whether `address` is one that the gateway speaks from."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in peers)


def _plain(header: str) -> str:
    return header.lower().replace("-", "_")


def _readable(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        yield name.decode("latin-1"), value.decode("latin-1").strip(" \t")


def _signature(body: bytes, key: bytes) -> str:
    return hmac.new(key, body, hashlib.sha256).hexdigest()
