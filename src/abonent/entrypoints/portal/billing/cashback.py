"""Cashback: partners with their terms, what waits, what came, what went back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from abonent.domains.billing.cashback import queries as billing
from abonent.domains.billing.cashback.queries import Partner, Purchase
from abonent.domains.billing.cashback.rules import FULL_BP, State, Terms
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Shop:
    """A partner as text: what it brings, up to what, when."""

    name: str
    rate: str
    about: list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A purchase: `amount` is its cashback, `income`: it is on the account."""

    title: str
    about: str
    amount: str
    income: bool
    steps: list[tuple[str, str]]


@require_safe
@signed_in
def cashback(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show partners and purchases of the selected line's contract."""
    found = billing.purchases(visitor.line.contract_id)
    sums = billing.totals(found)
    facts = [
        (_("Came to the account"), sums.accrued_minor),
        (_("Expected"), sums.waiting_minor),
        (_("Went back for returns"), sums.reversed_minor),
        (_("To be set off against later cashback"), sums.owed_minor),
    ]
    context = {
        "visitor": visitor,
        "shops": [_shop(one) for one in billing.partners(localdate(now()))],
        "rows": [_row(one) for one in found],
        "facts": [(name, formats.money(minor)) for name, minor in facts if minor],
    }
    return render(request, "portal/billing/cashback.html", context)


def _shop(one: Partner) -> Shop:
    terms = one.terms
    about = [
        _("up to %(sum)s for a purchase") % {"sum": formats.money(terms.purchase_cap_minor)},
        _("up to %(sum)s a month") % {"sum": formats.money(terms.month_cap_minor)},
        ngettext("comes %(num)s day after the purchase", "comes %(num)s days after the purchase", terms.hold_days)
        % {"num": terms.hold_days},
    ]
    if terms.excluded:
        about.append(_("not for: %(goods)s") % {"goods": ", ".join(f"«{name}»" for name in terms.excluded)})
    about += [_later(day, later) for day, later in one.coming]
    return Shop(one.name, _rate(terms), about)


def _later(day: date, terms: Terms) -> str:
    return _("from %(day)s on %(rate)s") % {"day": formats.day(day, year=True), "rate": _rate(terms)}


def _rate(terms: Terms) -> str:
    percent, rest = divmod(terms.rate_bp * 100, FULL_BP)
    mark = "," if formats.money(1)[1:2] == "," else "."
    return f"{percent}{f'{mark}{rest:04}'.rstrip('0') if rest else ''}{formats.NBSP}%"


def _nothing(why: str) -> str:
    return {
        "excluded": _("these goods bring no cashback"),
        "returned": _("all of it is returned, so nothing comes"),
        "limit": _("the limit of the month is used up"),
        "closed": _("the number was closed by then"),
    }[why]


def _row(one: Purchase) -> Row:
    about = _("%(sum)s on %(day)s, %(number)s") % {
        "sum": formats.money(one.amount_minor),
        "day": formats.day(one.bought_on),
        "number": formats.phone(one.number),
    }
    steps = [
        (formats.day(move.at), _("came %(sum)s") % {"sum": formats.money(move.amount_minor)})
        if move.amount_minor > 0
        else (formats.day(move.at), _("went back %(sum)s") % {"sum": formats.money(-move.amount_minor)})
        for move in one.moves
    ]
    if one.returned_minor:
        steps.insert(0, ("", _("returned goods for %(sum)s") % {"sum": formats.money(one.returned_minor)}))
    if one.owed_minor:
        steps.append(("", _("%(sum)s are set off against later cashback") % {"sum": formats.money(one.owed_minor)}))
    if one.why_nothing:
        steps.append(("", _nothing(one.why_nothing)))
    elif one.state is State.WAITING:
        steps.append((formats.day(one.due_at), _("comes, unless the goods are returned")))
    net = one.accrued_minor - one.reversed_minor
    waits = one.state is State.WAITING
    return Row(
        title=one.partner,
        about=about,
        amount=formats.money(one.expected_minor if waits else net, sign=bool(one.expected_minor if waits else net)),
        income=not waits and net > 0,
        steps=steps,
    )
