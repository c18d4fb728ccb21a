"""What this browser is behind, as the demo plays it: the mobile internet of a phone, a home line, another network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from abonent.demo.phone import rules

COOKIE = "demo-internet"
TIMEOUT_S = 10
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}", re.ASCII)


class NoListener(Exception):
    """The listener behind the gateway does not answer."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A phone by its number in E.164, or a home line by its login."""

    number: str = ""
    login: str = ""

    def __str__(self) -> str:
        return self.number or self.login


def behind(typed: str) -> Behind | None:
    """Return what was meant, or None for another network."""
    text = typed.strip()
    if not text:
        return None
    try:
        return Behind(number=rules.handset(text))
    except rules.BadMessage:
        return Behind(login=text) if _LOGIN.fullmatch(text) and not text.isdecimal() else None


def ask(listener: str, query: str, who: Behind | None, *, number_header: str, line_header: str) -> str:
    """Pass the request on as a gateway does and return where the answer leads; raise `NoListener`.

    Nothing of the browser's own headers goes along: what it says of itself there, a gateway strips.
    """
    headers = {}
    if who is not None:
        # Networks write a number without the plus.
        headers = {number_header: who.number.removeprefix("+")} if who.number else {line_header: who.login}
    address = urlsplit(listener)
    line = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_S)
    try:
        line.request("GET", f"/?{query}", headers=headers)
        answer = line.getresponse()
        return answer.getheader("Location") or ""
    except (OSError, HTTPException) as error:
        raise NoListener from error
    finally:
        line.close()
