"""A number that is brought, on the one lasting address of its request: where it stands, what is next, the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from abonent.domains.billing.transfers.rules import masked
from abonent.domains.catalog import queries as catalog
from abonent.domains.help import queries as help_queries
from abonent.domains.porting import queries
from abonent.domains.porting.queries import PortIn
from abonent.domains.porting.rules import Form
from abonent.domains.porting.states import IN_OPEN, State
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.orders.words import spoken
from abonent.entrypoints.portal.porting import words
from abonent.entrypoints.portal.tariffs import words as tariff_words
from abonent.foundation.clock import now
from abonent.web import format as formats

LOOKS_AGAIN_S = 15
# Good, bad, or on the way: the stamp and its drawing.
STAMPS = {
    State.PORTED: ("good", "check"), State.REFUSED: ("bad", "alert"), State.FAILED: ("bad", "alert"),
    State.CANCELLED: ("waits", "refresh"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of a request shows; `esim`: the code of an eSIM can be asked for; `again`: where to ask anew."""

    ref: UUID
    state: str
    title: str
    said: tuple[str, ...]
    stamp: str
    icon: str
    facts: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, str], ...]
    draft: bool
    esim: bool
    may_be_called_off: bool
    signs_in: bool
    again: str
    looks_again_s: int


def show(request: HttpRequest, ref: UUID, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Return the page of the request; raise 404 for one that is not there."""
    try:
        found = queries.port_in(ref)
    except queries.NoSuchPort:
        raise Http404 from None
    address = f"/port-in/{ref}/"
    context = {"page": page(found), "problem": problem, "captcha": captcha.question(request, address)}
    response = render(request, "portal/porting/one.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def page(found: PortIn) -> Page:
    """Return what the page of a request shows."""
    at = now()
    stamp, icon = STAMPS.get(found.state, ("waits", "clock"))
    again = f"/port-in/{'' if found.newcomer else 'new/'}?again={found.ref}"
    return Page(
        ref=found.ref,
        state=found.state,
        title=_TITLES[found.state](),
        said=_said(found),
        stamp=stamp,
        icon=icon,
        facts=_facts(found),
        steps=tuple((words.state_in(state), formats.moment(moment)) for state, moment in found.steps),
        draft=found.state is State.DRAFT,
        esim=found.has_code and found.state in (State.ACCEPTED, State.PORTED),
        may_be_called_off=found.may_be_called_off(at),
        signs_in=found.state is State.PORTED,
        again=again if found.state in (State.REFUSED, State.FAILED, State.CANCELLED) else "",
        looks_again_s=LOOKS_AGAIN_S if found.state in IN_OPEN else 0,
    )


_TITLES: dict[State, Callable[[], str]] = {
    State.DRAFT: lambda: _("Confirm that the number is yours"),
    State.REQUESTED: lambda: _("The request is written down"),
    State.CHECKING: lambda: _("Your operator checks the data"),
    State.ACCEPTED: lambda: _("The number is coming"),
    State.REFUSED: lambda: _("Your operator did not let the number go"),
    State.CANCELLING: lambda: _("The request is being called off"),
    State.CANCELLED: lambda: _("The request was called off"),
    State.FAILED: lambda: _("The number did not come"),
    State.PORTED: lambda: _("The number is with us"),
}


def _said(found: PortIn) -> tuple[str, ...]:
    free = _("Nothing was charged.")
    if found.state is State.REFUSED:
        return (*words.reason_in(found.reason), free)
    if found.state is State.ACCEPTED:
        window = words.hours(found.window_from, found.window_until) if found.window_from else ""
        told = [_("It moves to us on %(window)s, and for some minutes of that it may not work.") % {"window": window}]
        if found.form is Form.SHOP and not found.iccid:
            told.append(_("Pick the SIM up in the shop before that, with your identity document."))
        elif found.form is Form.ESIM:
            told.append(_("Install the eSIM before that. It works from the moment the number moves."))
        told.append(_("Until then keep the old SIM in the phone, and do not end the contract there."))
        return tuple(told)
    return {
        State.DRAFT: (
            _("We send a code to the number. Nothing is asked for before you enter it."),
            _("What you typed is kept for a day."),
        ),
        State.REQUESTED: (_("Within minutes it goes to the operator you are with. We send an SMS about it."),),
        State.CHECKING: (
            _("It takes a day or two: whether the owner is right, and whether something is owed there."),
            _("We send an SMS when it has answered."),
        ),
        State.CANCELLING: (_("The central database of numbers is being told. That takes a few minutes."),),
        State.CANCELLED: (_("The number stays where it is."), free),
        State.FAILED: (_("The number stays where it is."), free),
        State.PORTED: (_("Put the new SIM in, if you have not yet. You sign in by this number."),),
    }[found.state]  # fmt: skip


def _facts(found: PortIn) -> tuple[tuple[str, str], ...]:
    version = catalog.tariff_version(found.tariff_version_id)
    facts = [
        (_("Number"), masked(found.number)),
        (_("Tariff"), tariff_words.name(version)),
        ("SIM", words.form(found.form)),
    ]
    if found.form is Form.SHOP and found.shop:
        shop = next((one for one in help_queries.shops() if one.code == found.shop), None)
        facts.append((_("Where"), spoken(shop.addresses, found.shop) if shop else found.shop))
    if found.operator:
        facts.append((_("From the operator"), found.operator))
    facts.append((_("Day you wished"), formats.day(found.day, year=True)))
    if found.window_from and found.state in IN_OPEN:
        facts.append((_("It moves"), words.hours(found.window_from, found.window_until)))
    if found.stops_at and found.state is State.ACCEPTED:
        facts.append((_("You can call it off until"), formats.moment(found.stops_at)))
    price = formats.money(found.price_minor) if found.price_minor else _("free of charge")
    facts.append((_("Price, once"), price))
    return tuple(facts)
