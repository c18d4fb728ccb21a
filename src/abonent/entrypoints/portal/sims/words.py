"""How other SIMs, other numbers and what stands in their way are put into words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.orders.numbers.rules import ORDINARY, Terms
from abonent.domains.orders.sims.rules import Form, Refusal, Why
from abonent.entrypoints.portal.orders.words import spoken
from abonent.web import format as formats

Way = tuple[str, str]


def form(of: Form) -> str:
    """Return what a SIM in that form is called."""
    return {
        Form.ESIM: _("eSIM in this phone"),
        Form.SHOP: _("A card, picked up in a shop"),
        Form.CARD: _("A blank card that I have"),
    }[of]


def about(of: Form) -> str:
    """Return how one comes to it."""
    return {
        Form.ESIM: _("You get a code at once and install it yourself. The phone has to know eSIM"),
        Form.SHOP: _("It waits for you in the shop you choose; bring your identity document"),
        Form.CARD: _("It works within minutes: enter the number that is printed on it"),
    }[of]


def button(of: Form) -> str:
    """Return the act of the form, without its price."""
    return {
        Form.ESIM: _("Order the eSIM"),
        Form.SHOP: _("Order the card"),
        Form.CARD: _("Use this card"),
    }[of]


def paid(said: str, minor: int) -> str:
    """Return the words of a button, with what it costs."""
    return _("%(act)s for %(sum)s") % {"act": said, "sum": formats.money(minor)} if minor else said


def price(minor: int) -> str:
    return formats.money(minor) if minor else _("free of charge")


def beauty(terms: Terms, code: str) -> str:
    """Return what numbers of a kind are called; an unknown kind is one of before, and has its code."""
    if code == ORDINARY:
        return _("Ordinary")
    return next((spoken(one.names, code) for one in terms.beauties if one.code == code), code)


def region(terms: Terms, code: str) -> str:
    return spoken(terms.regions.get(code, {}), code)


def days(count: int) -> str:
    return ngettext("%(number)s day", "%(number)s days", count) % {"number": formats.number(count)}


def minutes(count: int) -> str:
    return ngettext("%(number)s minute", "%(number)s minutes", count) % {"number": formats.number(count)}


def refused(refusal: Refusal) -> str:
    """Return why it cannot be, and what to do first."""
    if refusal.why is Why.SHORT:
        said = _("There is too little on the balance: %(sum)s is missing. Top up, then come back.")
        return said % {"sum": formats.money(refusal.missing_minor)}
    if refusal.why is Why.LIMIT:
        said = _("Your spending limit leaves %(sum)s this month, and this costs more. Raise it first.")
        return said % {"sum": formats.money(refusal.left_minor)}
    return {
        Why.NOT_OFFERED: lambda: _("This is not offered here right now. A shop does it."),
        Why.NO_NETWORK: lambda: _("This cannot be done here right now. Try again later, or call us."),
        Why.NOT_MOBILE: lambda: _("Only mobile numbers have a SIM. Choose one above, if you have it."),
        Why.LOST: lambda: _("The phone of this number is lost. Prove first that it is you, by something else than it."),
        Why.BLOCKED: lambda: _("This number is blocked. Lift the block first."),
        Why.ON_THE_WAY: lambda: _("Another SIM or number is on its way already. Wait for it, or undo it."),
        Why.NO_ESIM: lambda: _("There are no eSIMs here right now. Choose a card."),
        Why.NO_CARD: lambda: _("This is no blank card of ours, or it is used already. Check the digits"),
        Why.NO_SHOP: lambda: _("Choose the shop where you will pick it up"),
        Why.NOT_HELD: lambda: _("The number is not held for you any more. Choose one again."),
    }[refusal.why]()


def way_out(refusal: Refusal) -> Way | None:
    """Return the address that leads on, and what it is called; None: there is none but to wait."""
    if refusal.why is Why.SHORT:
        said = _("Top up %(sum)s") % {"sum": formats.money(refusal.missing_minor)}
        return (f"/topup/?amount={formats.plain(refusal.missing_minor)}", said)
    if refusal.why is Why.ON_THE_WAY:
        return (f"/orders/{refusal.order}/", _("See the order"))
    return {
        Why.LIMIT: ("/limits/", _("Change the limit")),
        Why.BLOCKED: ("/lines/block/", _("How the block stands")),
        Why.NOT_OFFERED: ("/help/shops/", _("Shops")),
        Why.NO_NETWORK: ("/help/contacts/", _("How to reach us")),
        Why.NOT_HELD: ("/number/", _("Choose a number")),
        Why.NO_ESIM: ("/sim/", _("Choose a card")),
    }.get(refusal.why)
