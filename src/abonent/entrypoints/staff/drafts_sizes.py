"""Amounts of minutes, data and messages as they are typed and shown in a form: nothing of them is lost either way."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from abonent.web.format import GIGABYTE, KILOBYTE, MEGABYTE

_TYPED = re.compile(r"(?P<figure>[0-9]+(?:[.,][0-9]{1,9})?)\s*(?P<unit>[^\W\d_]*)\.?")
# The unit that is meant when none is typed stands first.
_UNITS: dict[str, tuple[tuple[int, tuple[str, ...]], ...]] = {
    "data": (
        (GIGABYTE, ("gb", "гб")), (MEGABYTE, ("mb", "мб")), (KILOBYTE, ("kb", "кб")), (1, ("b", "б")),
    ),
    "voice": ((60, ("min", "мин")), (3600, ("h", "ч")), (1, ("s", "с"))),
    "sms": ((1, ("sms", "шт")),),
}  # fmt: skip
_ENDLESS = frozenset({"∞", "unlimited", "without limit", "без ограничений", "безлимит"})
AMOUNT_MAX = 10**15 - 1


class BadSize(ValueError):
    """What was typed is no amount of that kind."""


def read(bucket: str, typed: str) -> int | None:
    """Return the amount that was typed, in bytes, seconds or messages; None: without limit. Raises `BadSize`."""
    text = " ".join(typed.split()).casefold()
    if text in _ENDLESS:
        return None
    found = _TYPED.fullmatch(text.replace(" ", ""))
    units = _UNITS[bucket]
    size = next((size for size, names in units if found and found["unit"] in names), 0)
    if found and not found["unit"]:
        size = units[0][0]
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
    units = (
        ((GIGABYTE, _("GB")), (MEGABYTE, _("MB")), (KILOBYTE, _("KB")), (1, _("B")))
        if bucket == "data"
        else ((60, _("min")), (1, _("s")))
    )
    size, unit = next((size, unit) for size, unit in units if amount % size == 0)
    return f"{amount // size} {unit}"
