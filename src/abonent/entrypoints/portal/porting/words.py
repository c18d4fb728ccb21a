"""How numbers that change their operator are put into words."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.porting.bringing.actions import Refused
from abonent.domains.porting.rules import Form, Reason, Why
from abonent.domains.porting.states import State
from abonent.web import format as formats


def form(of: Form) -> str:
    """Return how the SIM is taken."""
    return {Form.ESIM: _("eSIM in this phone"), Form.SHOP: _("A card, picked up in a shop")}[of]


def state_in(of: State) -> str:
    """Return where a number that is brought stands, in a few words."""
    return {
        State.DRAFT: _("Not confirmed yet"),
        State.REQUESTED: _("Written down"),
        State.CHECKING: _("Your operator checks the data"),
        State.ACCEPTED: _("The day is fixed"),
        State.REFUSED: _("Not let go"),
        State.CANCELLING: _("Being called off"),
        State.CANCELLED: _("Called off"),
        State.FAILED: _("Did not come"),
        State.PORTED: _("With us"),
    }[of]


def state_out(of: State) -> str:
    """Return where a number that is taken stands, in a few words."""
    return {
        State.ASKED: _("Asked for"),
        State.ACCEPTED: _("Let go"),
        State.REFUSED: _("Not let go"),
        State.STOPPED: _("Stopped by its owner"),
        State.CANCELLED: _("Given up by who asked"),
        State.FAILED: _("Did not leave"),
        State.PORTED: _("With the other operator"),
        State.RETURNED: _("Back with us"),
    }[of]


def reason_in(of: Reason | None) -> tuple[str, str]:
    """Return why another operator did not let a number go, and what to do about it."""
    found = {
        Reason.DEBT: (
            _("There is a debt at your operator."), _("Pay it there, wait a day, and ask again."),
        ),
        Reason.OTHER_OWNER: (
            _("Your operator knows other data of the owner."),
            _("Compare name and document with your contract there, and ask again with the same."),
        ),
        Reason.NOT_SERVED: (
            _("Your operator does not serve this number."), _("Check the number, or call the operator that serves it."),
        ),
        Reason.BLOCKED: (
            _("The number is blocked at your operator."), _("Have the block lifted there, and ask again."),
        ),
        Reason.LATELY: (
            _("The number has changed its operator lately."), _("Ask again two months after that."),
        ),
        Reason.OBJECTED: (
            _("The owner of the number said no."), _("If that was not you, call your operator."),
        ),
        Reason.OTHER: (_("Your operator did not say why."), _("Ask it, or call us: we look into it.")),
    }  # fmt: skip
    return found.get(of or Reason.OTHER, found[Reason.OTHER])


def reason_out(of: Reason | None, until: datetime | None = None) -> str:
    """Return what keeps a number with us, and what to do about it."""
    when = formats.moment(until) if until else ""
    said = {
        Reason.DEBT: _("Something is owed: see below what, and pay it."),
        Reason.OTHER_OWNER: _("The other operator named another owner. Show your document in a shop of ours."),
        Reason.NOT_SERVED: _("The number is not served by us."),
        Reason.BLOCKED: _("The number is blocked. Lift the block first."),
        Reason.LATELY: _("The number came to us lately. It can leave from %(when)s on.") % {"when": when}
        if when
        else _("The number came to us lately."),
        Reason.OBJECTED: _("You said no."),
        Reason.PROTECTED: _("Your cabinet is protected. Lift the protection first."),
        Reason.FRESH_SIM: _("The SIM is new. The number can leave from %(when)s on.") % {"when": when}
        if when
        else _("The SIM was new."),
    }
    return said.get(of or Reason.OTHER) or _("Another request for this number is under way.")


def refused(error: Refused) -> str:
    """Return why a number cannot be brought, and what to do first."""
    return {
        Why.NOT_OFFERED: lambda: _("Numbers cannot be brought here right now. Try again later, or call us."),
        Why.OURS: lambda: _("This number is with us already. Sign in by it"),
        Why.UNREACHABLE: lambda: _("No code of ours reaches this number. A shop of ours takes it over"),
        Why.NO_TARIFF: lambda: _("This tariff is not on sale any more. Choose another one"),
        Why.NO_ESIM: lambda: _("There are no eSIMs here right now. Choose a card from a shop"),
        Why.NO_SHOP: lambda: _("Choose the shop where you will pick it up"),
        Why.BAD_DAY: lambda: _("The number cannot come on this day. Choose another one"),
        Why.BAD_OWNER: lambda: _("Check the data of the owner"),
        Why.ON_THE_WAY: lambda: _("This number is being brought already. Look at the address that came to it by SMS"),
        Why.CHANGED: lambda: _("The price has changed since. Look at it and send the form again"),
        Why.SHORT: lambda: _("There is too little on the balance: %(sum)s is missing. Top up, then ask again.")
        % {"sum": formats.money(error.missing_minor)},
        Why.LIMIT: lambda: _("Your spending limit leaves %(sum)s this month, and this costs more. Raise it first.")
        % {"sum": formats.money(error.left_minor)},
    }[error.why]()  # fmt: skip


# At which field of the form that is said.
FIELD_OF = {
    Why.OURS: "number", Why.UNREACHABLE: "number", Why.ON_THE_WAY: "number", Why.NO_TARIFF: "tariff",
    Why.NO_ESIM: "form", Why.NO_SHOP: "shop", Why.BAD_DAY: "day", Why.BAD_OWNER: "document",
}  # fmt: skip


def debt(kind: str) -> str:
    """Return what a part of a debt is for."""
    if kind == "promise":
        return _("Promised payment")
    return pgettext("of a debt", "Transfers and corrections") if kind == "other" else ""


def hours(first: datetime, last: datetime | None) -> str:
    """Return when a number moves: `20 March, 0:00–6:00`."""
    if last is None:
        return formats.moment(first)
    return f"{formats.moment(first)}–{formats.clock(last)}"
