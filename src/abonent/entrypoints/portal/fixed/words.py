"""What things, payments for them, refusals and visits are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from abonent.domains.lines.activations.rules import Refusal, Why
from abonent.domains.lines.equipment.queries import Device
from abonent.domains.lines.equipment.rules import Kind
from abonent.domains.support.visits.rules import State
from abonent.domains.support.visits.rules import Why as NoVisit
from abonent.web import format as formats

_KINDS: Mapping[Kind, Callable[[], str]] = {
    Kind.ROUTER: lambda: _("Router"),
    Kind.BOX: lambda: _("Set-top box"),
    Kind.MODULE: lambda: _("TV module"),
    Kind.CARD: lambda: _("Smart card"),
}
ICONS: Mapping[Kind, str] = {Kind.ROUTER: "router", Kind.BOX: "tv", Kind.MODULE: "tv", Kind.CARD: "card"}
_STATES: Mapping[State, Callable[[], str]] = {
    State.PLANNED: lambda: pgettext("visit", "Planned"),
    State.ON_THE_WAY: lambda: pgettext("visit", "On the way"),
    State.DONE: lambda: pgettext("visit", "Done"),
    State.MISSED: lambda: pgettext("visit", "Not done"),
    State.CANCELLED: lambda: pgettext("visit", "Called off"),
}
TONES: Mapping[State, str] = {
    State.PLANNED: "open", State.ON_THE_WAY: "open", State.DONE: "done", State.MISSED: "late", State.CANCELLED: "gone",
}  # fmt: skip


def kind(of: Kind) -> str:
    return _KINDS[of]()


def short(device: Device, today: date) -> str:
    """Return whose a thing is in a few words: `rented, 99,00 ₽ a month`."""
    if device.terms.held == "rented":
        return _("rented, %(sum)s a month") % {"sum": formats.money(device.terms.month_minor)}
    if device.terms.held == "own":
        return _("yours")
    left = device.plan(today).left_minor
    return _("by instalments, %(sum)s left") % {"sum": formats.money(left)} if left else _("yours, paid off")


def parts(count: int) -> str:
    return ngettext("%(number)s payment", "%(number)s payments", count) % {"number": formats.number(count)}


def no_activation(refusal: Refusal) -> str:
    """Return why nothing is sent to the card, and the way out."""
    again = formats.clock(refusal.again_at) if refusal.again_at else ""
    return {
        Why.NOT_SATELLITE: lambda: _("Cards are activated for satellite TV only. Choose it above, if you have it."),
        Why.NO_NETWORK: lambda: _("Cards cannot be activated here right now. Try again later, or call us."),
        Why.NO_CARD: lambda: _("We do not know the number of your card. Write to us, and we enter it."),
        Why.BARRED: lambda: _("The connection is off: activation alone brings no channels back."),
        Why.ON_THE_WAY: lambda: _("The card is being activated already: it takes up to 10 minutes."),
        Why.TOO_OFTEN: lambda: _(
            "It was sent twice within an hour. Look at the hints below; it can be sent again at %(time)s."
        ) % {"time": again},
    }[refusal.why]()  # fmt: skip


def state(of: State) -> str:
    return _STATES[of]()


def no_visit(why: NoVisit) -> str:
    """Return why a visit is not booked or changed, and what to do."""
    return {
        NoVisit.NO_ADDRESS: lambda: _("We do not know the address of this connection. Write to us, and we enter it."),
        NoVisit.NO_DISTRICT: lambda: _("Nobody can be booked for this address here. Call us to agree on a day."),
        NoVisit.ALREADY: lambda: _("Somebody comes for this connection already. Move that visit, if you like."),
        NoVisit.GONE: lambda: _("Somebody else has just taken the last place at that time. Choose another one."),
        NoVisit.TOO_LATE: lambda: _("It is too late to change it here: the technician is being sent. Call us."),
    }[why]()  # fmt: skip
