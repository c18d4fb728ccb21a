"""Why a number is barred, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from abonent.domains.lines.bars.rules import Kind
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in the way of using the number, what works still, and the way out: an address with words."""

    words: str
    address: str
    act: str


def why(kind: Kind, ends_at: datetime | None, service: str = "mobile") -> Said:
    """Return what to say of a bar of a line of that kind; `ends_at` is when it ends by itself, if it does."""
    until = formats.day(ends_at) if ends_at else ""
    if service != "mobile" and kind in (Kind.VOLUNTARY, Kind.UNPAID, Kind.UNUSED):
        return _of_wire(kind, until)
    if kind is Kind.VOLUNTARY:
        words = _("This number is blocked until %(day)s, as you wished.") % {"day": until}
        return Said(words, "/lines/block/", _("Look or lift"))
    return {
        Kind.LOST: lambda: Said(
            _("This number is blocked as lost or stolen: nothing works on it, and no codes go there."),
            "/lines/block/",
            _("What to do next"),
        ),
        Kind.UNUSED: lambda: Said(
            _("This number is blocked: nobody used it for 183 days."), "/lines/unused/", _("Have it back")
        ),
        Kind.UNPAID: lambda: Said(
            _("The fee is not paid: calls, messages and internet are off, and you can only be called."),
            "/topup/",
            _("Top up"),
        ),
        Kind.LIMIT: lambda: Said(
            _("The spending limit is reached: what costs money beyond the packages is off."),
            "/limits/",
            _("Limits"),
        ),
    }[kind]()


def _of_wire(kind: Kind, until: str) -> Said:
    """Return what to say of what comes by wire or dish, where nobody calls."""
    if kind is Kind.VOLUNTARY:
        words = _("This connection rests until %(day)s, as you wished.") % {"day": until}
        return Said(words, "/lines/block/", _("Look or lift"))
    if kind is Kind.UNUSED:
        return Said(_("This connection is blocked: nobody used it for 183 days."), "/lines/unused/", _("Have it back"))
    return Said(_("The fee is not paid: the connection is off until there is enough money."), "/topup/", _("Top up"))
