"""Amounts of minutes, data and messages as they are typed and shown in a form: nothing of them is lost either way."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from abonent.web.format import GIGABYTE, KILOBYTE, MEGABYTE

_TYPED = re.compile(r"(?P<figure>[0-9]+(?:[.,][0-9]{1,9})?)\s*(?P<unit>[^\W\d_]*)\.?")
_HOUR = 3600
AMOUNT_MAX = 10**15 - 1


class BadSize(ValueError):
    """What was typed is no amount of that kind."""


def read(bucket: str, typed: str) -> int | None:
    """Return the amount that was typed, in bytes, seconds or messages; None: without limit. Raises `BadSize`."""
    text = " ".join(typed.split()).casefold()
    if text in _in_every_language(lambda: _("unlimited")):
        return None
    found = _TYPED.fullmatch(text.replace(" ", ""))
    size = _sizes(bucket).get(found["unit"], 0) if found else 0
    amount = Decimal(found["figure"].replace(",", ".")) * size if found else Decimal(0)
    if amount != amount.to_integral_value() or not 1 <= amount <= AMOUNT_MAX:
        raise BadSize(typed)
    return int(amount)


def told(bucket: str, amount: int | None) -> str:
    """Return an amount as `read` takes it, in the largest unit that it is whole in."""
    if amount is None:
        return _("unlimited")
    if bucket == "sms":
        return f"{amount}"
    # Packages are told in minutes, however many.
    size, unit = next((size, unit) for size, unit in _units(bucket) if size != _HOUR and amount % size == 0)
    return f"{amount // size} {unit}"


def _units(bucket: str) -> tuple[tuple[int, str], ...]:
    """Return the units in the language of the page; the first is the one that is meant when none is typed."""
    if bucket == "sms":
        return ((1, "SMS"),)
    if bucket == "data":
        return ((GIGABYTE, _("GB")), (MEGABYTE, _("MB")), (KILOBYTE, _("KB")), (1, _("B")))
    return ((60, _("min")), (1, _("s")), (_HOUR, _("h")))


def _sizes(bucket: str) -> dict[str, int]:
    """Return how much each unit is, by its name in any language; nothing is the usual one."""
    named = {name: size for size, name in _in_every_language(lambda: _units(bucket))}
    return {"": _units(bucket)[0][0], **{name.casefold(): size for name, size in named.items()}}


def _in_every_language(words: Callable[[], Any]) -> set[Any]:
    found: set[Any] = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said = words()
            found |= {said} if isinstance(said, str) else set(said)
    return found
