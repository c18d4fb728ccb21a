"""What bars a number, as staff read it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from abonent.domains.billing.idle.queries import Idle
from abonent.domains.lines.bars.queries import Bar
from abonent.domains.lines.bars.rules import Kind
from abonent.web import format as formats


def bar(kind: Kind) -> str:
    """Return what bars a number, and how much of it."""
    return {
        Kind.LOST: _("Lost or stolen: everything is off"),
        Kind.UNUSED: _("Not used for 183 days: everything is off"),
        Kind.VOLUNTARY: _("Blocked at the owner’s wish: everything is off"),
        Kind.UNPAID: _("Fee not paid: nothing goes out"),
        Kind.LIMIT: _("Spending limit reached: what costs money is off"),
    }[kind]


def idle(standing: Idle | None) -> list[tuple[str, str]]:
    """Return what becomes of a number that nobody uses, and when; nothing for one that is used."""
    if standing is None:
        return []
    if standing.release_on:
        return [(_("Not used: it is given away"), formats.day(standing.release_on))]
    return [(_("Not used: it will be blocked"), formats.day(standing.blocks_on))]


def since(bar: Bar) -> str:
    """Return since when it stands, and until when, if it has an end."""
    said = _("since %(day)s") % {"day": formats.day(bar.since)}
    return f"{said}, {_('until %(time)s') % {'time': formats.day(bar.ends_at)}}" if bar.ends_at else said
