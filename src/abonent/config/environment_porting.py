"""The settings of the central database of numbers: which one, how it is reached, and what it signs with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

KEY_LENGTH_MIN = 32
ADAPTER = "abonent.integrations.porting.central.HttpCentralDatabase"
_NEAR = ("localhost", "127.0.0.1")
# What the demo's own central database knows us by.
_DEMO_KEY = "orbita-porting-of-the-demo-000000001"


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    wrong: list[str]
    values: Mapping[str, str]

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str: ...


@dataclass(frozen=True)
class Porting:
    """The dotted path of the central database (empty: no number changes its operator), and the one by HTTP.

    `key` signs what we ask and what it tells us; `ca` is the file of the authority that vouches for it.
    """

    path: str
    url: str
    key: str
    ca: str


def read(reader: Reader, *, played: str) -> Porting:
    """Return the settings; what is wrong stands in `reader.wrong`. `played` is where the demo's network listens."""
    porting = Porting(
        path=reader.text("ABONENT_PORTING", ADAPTER if played else ""),
        url=reader.text("ABONENT_PORTING_URL", f"{played}/central/" if played else ""),
        key=reader.values.get("ABONENT_PORTING_KEY", "").strip() or (_DEMO_KEY if played else ""),
        ca=reader.text("ABONENT_PORTING_CA"),
    )
    if porting.path == ADAPTER:
        _check(reader, porting)
    return porting


def _check(reader: Reader, porting: Porting) -> None:
    parts = urlsplit(porting.url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _NEAR)
    if not safe or not parts.hostname or not parts.path.endswith("/") or parts.query or parts.username:
        reader.wrong.append(
            "ABONENT_PORTING_URL is missing or no address of a central database; give for example "
            "https://numbers.example/v1/"
        )
    if len(porting.key) < KEY_LENGTH_MIN:
        reader.wrong.append(
            f"ABONENT_PORTING_KEY is missing or shorter than {KEY_LENGTH_MIN} characters: requests are signed with it"
        )
