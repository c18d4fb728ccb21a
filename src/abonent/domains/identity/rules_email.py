"""E-mail addresses as people type them. Pure."""

from __future__ import annotations

import re
import unicodedata

LENGTH_MAX = 254
# What mail servers take from each other without quoting; the name before the sign is at most 64 long.
_ADDRESS = re.compile(
    r"(?=.{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
    re.ASCII,
)


class InvalidAddress(ValueError):
    """What was typed is no e-mail address; `reason` is `empty`, `too_long`, `no_sign`, `letters` or `impossible`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def address_of(typed: str) -> str:
    """Return the address that a person means by `typed`, in lower case, or raise `InvalidAddress`."""
    text = unicodedata.normalize("NFKC", typed).strip().removeprefix("mailto:").strip("<>").lower()
    if not text:
        raise InvalidAddress("empty")
    if len(text) > LENGTH_MAX:
        raise InvalidAddress("too_long")
    if "@" not in text:
        raise InvalidAddress("no_sign")
    if not text.isascii():
        raise InvalidAddress("letters")
    if not _ADDRESS.fullmatch(text):
        raise InvalidAddress("impossible")
    return text


def masked(address: str) -> str:
    """Return the address as its owner recognises it and nobody else learns it: `a•••@example.org`."""
    name, _, host = address.partition("@")
    return f"{name[:1]}•••@{host}"
