"""Sums of money as people type them."""

from __future__ import annotations

import re
import unicodedata

TYPED_LENGTH_MAX = 40
# Nobody pays a thousand million roubles by a form; far below what a 64-bit number of kopecks holds.
AMOUNT_MINOR_MAX = 10**11
_CURRENCY = re.compile(r"\s*(?:₽|руб(?:\.|лей|ля|ль)?|р\.?|rub|rur)\s*$", re.IGNORECASE)
_PLAIN = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,](?P<rest>[0-9]*))?")
_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<mark>[.,])[0-9]{3}(?:(?P=mark)[0-9]{3})*)(?!(?P=mark))[.,](?P<rest>[0-9]*)"
)


class InvalidAmount(ValueError):
    """What was typed is no sum: `reason` is `empty`, `unreadable`, `negative`, `zero`, `too_exact` or `too_large`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_amount(typed: str) -> int:
    """Return the minor units that a person means by `typed`, or raise `InvalidAmount`.

    Understood: `1 234,50`, `1234.5`, `1.234,50`, `500 ₽`, digits of any script. `1,234` is refused as `too_exact`: it
    may be a thousand or a little more than one.
    """
    text = _plain(typed)
    if not text:
        raise InvalidAmount("empty")
    if len(text) > TYPED_LENGTH_MAX:
        raise InvalidAmount("too_large" if text.isdecimal() else "unreadable")
    if re.fullmatch(r"-[ 0-9.,]*[0-9][ 0-9.,]*", text):
        raise InvalidAmount("negative")
    found = _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text)
    if found is None:
        raise InvalidAmount("unreadable")
    rest = found["rest"] or ""
    if len(rest) > 2:
        raise InvalidAmount("too_exact")
    amount_minor = int(re.sub("[ .,]", "", found["whole"])) * 100 + int(rest.ljust(2, "0"))
    if amount_minor == 0:
        raise InvalidAmount("zero")
    if amount_minor > AMOUNT_MINOR_MAX:
        raise InvalidAmount("too_large")
    return amount_minor


def _plain(typed: str) -> str:
    """Return the text with western digits, one kind of minus and single blanks, without the currency."""
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in typed)
    text = re.sub(r"\s+", " ", re.sub("[\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}]", "-", digits)).strip()
    return _CURRENCY.sub("", text)
