"""How numbers that change their operator are called in the consoles."""

from __future__ import annotations

from django.utils.translation import gettext as _

from abonent.domains.porting.queries import PortIn
from abonent.domains.porting.rules import Form, Reason
from abonent.domains.porting.states import State
from abonent.web import format as formats


def state(of: State) -> str:
    """Return where a request stands."""
    return {
        State.REQUESTED: _("not asked yet"),
        State.CHECKING: _("being checked"),
        State.ASKED: _("waits for our answer"),
        State.ACCEPTED: _("let go, the day is fixed"),
        State.REFUSED: _("not let go"),
        State.CANCELLING: _("being called off"),
        State.FAILED: _("failed"),
    }.get(of, str(of))


def reason(of: Reason | None) -> str:
    """Return why the other operator did not let the number go."""
    return {
        Reason.DEBT: _("a debt there"),
        Reason.OTHER_OWNER: _("another owner there"),
        Reason.NOT_SERVED: _("not served there"),
        Reason.BLOCKED: _("blocked there"),
        Reason.LATELY: _("ported lately"),
        Reason.OBJECTED: _("its owner said no"),
    }.get(of or Reason.OTHER) or _("no reason given")


def facts(found: PortIn) -> list[tuple[str, str]]:
    """Return what staff see of a number that is brought; who its owner is, they are told by the owner."""
    facts = [
        (_("State"), state(found.state) + (f": {reason(found.reason)}" if found.reason else "")),
        (_("From the operator"), found.operator or "—"),
        (_("Asked"), formats.moment(found.asked_at)),
        (_("Day you wished"), formats.day(found.day, year=True)),
        ("SIM", _("card from a shop") if found.form is Form.SHOP else "eSIM"),
    ]
    if found.window_from:
        facts.append((_("It moves"), formats.moment(found.window_from)))
    if found.form is Form.SHOP:
        facts.append((_("Card handed out"), found.iccid[-4:] if found.iccid else _("not yet")))
    facts.append((_("Who asked"), _("from outside") if found.newcomer else _("in a cabinet")))
    return facts
