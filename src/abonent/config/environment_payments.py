"""The settings of payments: which gateway takes money, and how the one that banks share is reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

KEY_LENGTH_MIN = 16
RBS = "abonent.integrations.rbs.gateway.Rbs"
_NEAR = ("localhost", "127.0.0.1")
_METHODS = ("card", "saved card", "sbp", "cash")
# What the demo's own bank knows us by.
_DEMO = {"user": "orbita-api", "password": "orbita-demo", "key": "orbita-callbacks-of-the-demo"}


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    wrong: list[str]
    values: Mapping[str, str]

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str: ...

    def flag(self, name: str, default: bool) -> bool: ...


@dataclass(frozen=True)
class Rbs:
    """A merchant at a gateway of that kind: `url` ends with `/rest/`, `pages` are the origins people are led to.

    `key` signs its callbacks; `ca` is the file of the authority that vouches for it, empty: the system's.
    """

    url: str
    user: str
    password: str
    key: str
    ca: str
    pages: tuple[str, ...]
    methods: tuple[str, ...]
    two_phase: bool


@dataclass(frozen=True)
class Payments:
    """The dotted path of the gateway (empty: nothing can be paid) and the settings of ours."""

    gateway: str
    rbs: Rbs
    # Where the demo's bank plays, for links to its pages.
    demo_acquirer: str


def read(reader: Reader, *, demo: bool, production: bool) -> Payments:
    """Return the settings of payments; what is wrong stands in `reader.wrong`."""
    played = reader.text("ABONENT_DEMO_ACQUIRER", "", r"http://(localhost|127\.0\.0\.1):\d+", "give http://localhost:…")
    known = _DEMO if demo and played else {"user": "", "password": "", "key": ""}
    url = reader.text("ABONENT_RBS_URL", f"{played}/payment/rest/" if demo and played else "")
    gateway = reader.text("ABONENT_PAYMENT_GATEWAY", RBS if demo and played else "")
    rbs = Rbs(
        url=url,
        user=reader.text("ABONENT_RBS_USER", known["user"]),
        password=reader.values.get("ABONENT_RBS_PASSWORD", "") or known["password"],
        key=reader.values.get("ABONENT_RBS_CALLBACK_KEY", "").strip() or known["key"],
        ca=reader.text("ABONENT_RBS_CA"),
        pages=_pages(reader, url),
        methods=_methods(reader, everything=bool(demo and played)),
        two_phase=reader.flag("ABONENT_RBS_TWO_PHASE", default=False),
    )
    if production and gateway.startswith("abonent.demo."):
        reader.wrong.append("ABONENT_PAYMENT_GATEWAY: that bank is for the demo; name a real gateway")
    if gateway == RBS:
        _check(reader, rbs)
    return Payments(gateway, rbs, played)


def _check(reader: Reader, rbs: Rbs) -> None:
    parts = urlsplit(rbs.url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _NEAR)
    if not safe or not parts.hostname or not parts.path.endswith("/") or parts.query or parts.username:
        reader.wrong.append(
            "ABONENT_RBS_URL is missing or no address of a gateway; give for example "
            "https://pay.bank.example/payment/rest/"
        )
    if not rbs.user or not rbs.password:
        reader.wrong.append("ABONENT_RBS_USER, ABONENT_RBS_PASSWORD: give the login of the merchant's API user")
    if len(rbs.key) < KEY_LENGTH_MIN:
        reader.wrong.append(
            f"ABONENT_RBS_CALLBACK_KEY is missing or shorter than {KEY_LENGTH_MIN} characters: the key that the bank "
            "signs its callbacks with (symmetric, HMAC-SHA256)"
        )


def _pages(reader: Reader, url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    own = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    given = tuple(word for word in re.split(r"[,\s]+", reader.values.get("ABONENT_RBS_PAGES", "")) if word)
    for origin in given:
        said = urlsplit(origin)
        safe = said.scheme == "https" or (said.scheme == "http" and said.hostname in _NEAR)
        if not safe or said.path or said.query or not re.fullmatch(r"[a-z]+://[A-Za-z0-9.-]+(:\d+)?", origin):
            reader.wrong.append(
                f"ABONENT_RBS_PAGES: {origin!r} is no origin; give for example https://pay.bank.example"
            )
    return given or ((own,) if own else ())


def _methods(reader: Reader, *, everything: bool) -> tuple[str, ...]:
    default = ",".join(_METHODS if everything else _METHODS[:2])
    given = reader.text("ABONENT_RBS_METHODS", default)
    words = tuple(word.strip() for word in given.split(",") if word.strip())
    if not words or set(words) - set(_METHODS):
        reader.wrong.append(f"ABONENT_RBS_METHODS={given!r}: give some of {', '.join(_METHODS)}, separated by commas")
    return words
