"""What consoles and papers say of things that are handed out, come back and are exchanged. No I/O."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.lines.equipment.rules import Kind, No, Terms, Way
from abonent.domains.support.equipment.queries import Act
from abonent.domains.support.equipment.rules import WHY_LENGTH_MAX
from abonent.domains.support.equipment.rules import Kind as Done
from abonent.web import format as formats


def thing(kind: Kind) -> str:
    return {
        Kind.ROUTER: _("Router"),
        Kind.BOX: _("Set-top box"),
        Kind.MODULE: _("TV module"),
        Kind.CARD: _("Smart card"),
    }[kind]


def terms(of: Terms) -> str:
    """Return whose a thing is, and what is paid for it."""
    if of.held == "rented":
        return _("rented, %(sum)s a month") % {"sum": formats.money(of.month_minor)}
    if of.held == "own":
        return _("nothing is paid for it")
    if of.parts == 1:
        return _("sold for %(sum)s") % {"sum": formats.money(of.price_minor)}
    said = ngettext(
        "by instalments: %(sum)s in %(parts)s month", "by instalments: %(sum)s in %(parts)s months", of.parts
    )
    return said % {"sum": formats.money(of.price_minor), "parts": of.parts}


def way(of: Way, terms_of: Terms) -> str:
    """Return a way to hand a thing out, with its price."""
    first = formats.money(-(-terms_of.price_minor // max(terms_of.parts, 1)))
    return {
        Way.RENT: lambda: (
            _("Rent: %(sum)s a month, the first one today") % {"sum": formats.money(terms_of.month_minor)}
        ),
        Way.INSTALMENTS: lambda: (
            _("By instalments: %(sum)s, %(parts)s payments, the first of %(first)s today")
            % {"sum": formats.money(terms_of.price_minor), "parts": terms_of.parts, "first": first}
        ),
        Way.SALE: lambda: _("Sale: %(sum)s today") % {"sum": formats.money(terms_of.price_minor)},
        Way.FREE: lambda: _("Free of charge"),
    }[of]()


def done(kind: Done) -> str:
    return {
        Done.GIVEN: _("Was handed out"),
        Done.RETURNED: _("Was taken back"),
        Done.EXCHANGED: _("Was exchanged"),
    }[kind]


def in_short(act: Act) -> str:
    """Return an act in a line: what became of which thing."""
    return f"{done(act.kind)}: {thing(act.thing)} {act.model}, {act.serial}"


def title(kind: Done) -> str:
    """Return what an act on paper is of."""
    return {
        Done.GIVEN: _("of handing equipment over to the subscriber"),
        Done.RETURNED: _("of taking equipment back from the subscriber"),
        Done.EXCHANGED: _("of exchanging faulty equipment"),
    }[kind]


def said(act: Act) -> list[str]:
    """Return what both sign for."""
    if act.kind is Done.RETURNED:
        return [_("The operator has the equipment back. Nothing more is charged for it.")]
    whole = _("The equipment was shown to work; it is whole, and what belongs to it is complete.")
    if act.kind is Done.EXCHANGED:
        return [
            _("The operator has the faulty piece back; the exchange costs nothing."),
            _("What is paid for the equipment, and its warranty, go on as before."),
            whole,
        ]
    told = _("The subscriber knows what is paid for the equipment, and from when.")
    if act.terms.held == "rented":
        return [whole, told, _("The equipment is the operator’s and comes back when it is not needed any more.")]
    return [whole, told]


def no(why: No) -> str:
    """Return why a thing is not taken back or exchanged, and what can be done."""
    return {
        No.BACK_ALREADY: _("It came back already. Look at the list anew."),
        No.SOLD: _("It was sold to the customer: it is not taken back here. A refund is an application."),
        No.NO_WARRANTY: _("Its warranty is over: it is not exchanged free of charge. Hand another one out."),
    }[why]


def fault_asked() -> str:
    return _("Tell what is wrong with it, in 3 to %(most)s characters") % {"most": WHY_LENGTH_MAX}
