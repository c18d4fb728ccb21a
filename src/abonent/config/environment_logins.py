"""The settings of logins at other services: which there are, and how we are known to them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

# Under their local law personal data must not leave the country: off unless an operator says otherwise.
FOREIGN = ("facebook", "microsoft")
NAMES = {"vk": "VK", "odnoklassniki": "Odnoklassniki", "facebook": "Facebook", "microsoft": "Microsoft"}
_NEAR = ("localhost", "127.0.0.1")
_FIELDS = {"id", "name", "issuer", "client_id", "secret"}


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    wrong: list[str]
    values: Mapping[str, str]

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str: ...

    def flag(self, name: str, default: bool) -> bool: ...


@dataclass(frozen=True)
class Login:
    """One service whose logins open cabinets: `id` in addresses and tables, `protocol` as the library names it.

    `issuer` is an OpenID Connect provider's, `key` the public key that Odnoklassniki wants besides; `address` is
    where a demo plays the service.
    """

    id: str
    protocol: str
    name: str
    client_id: str
    secret: str
    key: str = ""
    issuer: str = ""
    address: str = ""


def read(reader: Reader, *, demo: bool) -> tuple[Login, ...]:
    """Return the services that are on, in the order of their buttons; what is wrong stands in `reader.wrong`."""
    played = reader.text("ABONENT_DEMO_SERVICES", "", r"http://(localhost|127\.0\.0\.1):\d+", "give http://localhost:…")
    foreign = reader.flag("ABONENT_FOREIGN_LOGINS", default=False)
    given = {
        "vk": _pair(reader, "ABONENT_LOGIN_VK", 2),
        "odnoklassniki": _pair(reader, "ABONENT_LOGIN_ODNOKLASSNIKI", 3),
        "facebook": _pair(reader, "ABONENT_LOGIN_FACEBOOK", 2),
        "microsoft": _pair(reader, "ABONENT_LOGIN_MICROSOFT", 2),
    }
    logins = [
        Login(service, service, NAMES[service], *parts)
        for service, parts in given.items()
        if parts and (foreign or service not in FOREIGN)
    ]
    logins += _openid(reader)
    if demo and played:
        logins += _of_the_demo(played, {login.id for login in logins})
    return tuple(logins)


def _pair(reader: Reader, name: str, parts: int) -> list[str]:
    value = reader.values.get(name, "").strip()
    if not value:
        return []
    found = [part.strip() for part in value.split(":")]
    if len(found) != parts or not all(found):
        shape = "client_id:secret" if parts == 2 else "client_id:secret:public_key"
        # The value holds a secret, so it is not repeated.
        reader.wrong.append(f"{name}: give {shape}")
        return []
    return found


def _openid(reader: Reader) -> list[Login]:
    value = reader.values.get("ABONENT_LOGINS_OPENID", "").strip()
    if not value:
        return []
    try:
        listed = json.loads(value)
    except ValueError:
        listed = None
    if not isinstance(listed, list) or not all(_is_provider(one) for one in listed):
        shape = ", ".join(f'"{name}": "…"' for name in ("id", "name", "issuer", "client_id", "secret"))
        reader.wrong.append(f"ABONENT_LOGINS_OPENID: give a JSON list of {{{shape}}}")
        return []
    ids = [one["id"] for one in listed if re.fullmatch("[a-z0-9-]{1,40}", one["id"])]
    if len(set(ids) - set(NAMES)) < len(listed):
        reader.wrong.append("ABONENT_LOGINS_OPENID: an id is small letters, digits and hyphens, each its own")
    if wrong := [one["issuer"] for one in listed if not _is_safe(one["issuer"])]:
        reader.wrong.append(f"ABONENT_LOGINS_OPENID: {wrong[0]!r} is no issuer; give its https:// address")
    return [
        Login(one["id"], "openid_connect", one["name"], one["client_id"], one["secret"], issuer=one["issuer"])
        for one in listed
    ]


def _is_provider(one: object) -> bool:
    return isinstance(one, dict) and set(one) == _FIELDS and all(isinstance(v, str) and v for v in one.values())


def _is_safe(issuer: str) -> bool:
    try:
        parts = urlsplit(issuer)
    except ValueError:
        return False
    if parts.query or parts.fragment or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _NEAR)


def _of_the_demo(played: str, taken: set[str]) -> list[Login]:
    """Return the services that the demo plays itself: an OpenID Connect one, and the shapes of two real ones."""
    found = [
        Login("vk", "vk", NAMES["vk"], "demo-vk", "demo-vk-secret", address=f"{played}/vk"),
        Login("odnoklassniki", "odnoklassniki", NAMES["odnoklassniki"], "demo-ok", "demo-ok-secret", "demo-ok-key",
              address=f"{played}/ok"),
        Login("other", "openid_connect", "Another service", "demo-other", "demo-other-secret",
              issuer=f"{played}/openid"),
    ]  # fmt: skip
    return [login for login in found if login.id not in taken]
