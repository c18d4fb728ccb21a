"""Everything about money in one list: the balance, the ways to pay, what was paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonent.domains.billing import queries as billing
from abonent.domains.billing.topups.rules import can_be_paid
from abonent.domains.payments import queries as paid
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that the hub leads to."""

    address: str
    icon: str
    title: str
    about: str


# Each page about money is a line here, in the order of the page.
ENTRIES: tuple[Callable[[], Entry], ...] = (
    lambda: Entry("/charges/", "calendar", _("Coming charges"), _("What will be taken when, and what will be missing")),
    lambda: Entry("/promised/", "clock", _("Promised payment"), _("Money for some days, when there is too little")),
    lambda: Entry("/transfer/", "outgoing", _("Transfer to a subscriber"), _("From your balance, confirmed by a code")),
    lambda: Entry("/family/", "person", _("Pay for the family"), _("Whose balance yours fills up, and up to what sum")),
    lambda: Entry("/autopay/", "clock", _("Autopay"), _("By balance or by day, from a saved card")),
    lambda: Entry("/payments/", "history", _("Payment history"), _("Search, receipts, files")),
    lambda: Entry("/bills/", "statement", _("Bills"), _("By month, as a page and PDF")),
    lambda: Entry("/account/", "contract", _("State of the account"), _("On any day, and the act of reconciliation")),
    lambda: Entry("/cards/", "card", _("Saved cards"), _("Which one is offered first, remove")),
    lambda: Entry(
        "/limits/", "shield", _("Spending limits"), _("To be told, or to refuse purchases, at a sum of the month")
    ),
    lambda: Entry("/cashback/", "wallet", _("Cashback"), _("Money from partners’ shops to your account")),
    lambda: Entry("/disputes/", "message", _("Charges you do not agree with"), _("Our answers to what you wrote")),
    lambda: Entry("/expenses/", "expenses", _("Expenses"), _("What the money went on, by category")),
)


@dataclass(frozen=True, slots=True)
class Page:
    """The balance, what is due next and what is missing for it (both may be empty), and where to go."""

    balance: formats.MoneyParts
    fee: str
    missing: str
    missing_value: str
    entries: list[Entry]


@require_safe
@signed_in
def pay(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show how the selected line stands, and everything that can be done about it."""
    standing = billing.standing(visitor.line, now())
    fee = standing.next_fee
    words = ""
    if fee.amount_minor:
        words = _("%(fee)s will be charged on %(day)s.") % {
            "fee": formats.money(fee.amount_minor),
            "day": formats.day(fee.at),
        }
    missing = fee.shortfall_minor
    page = Page(
        balance=formats.money_parts(standing.balance_minor),
        fee=words,
        missing=formats.money(missing) if missing else "",
        missing_value=formats.plain(missing) if can_be_paid(missing) else "",
        entries=[entry for entry in (make() for make in ENTRIES) if visitor.opens(entry.address)],
    )
    offered = bool(paid.methods())
    return render(request, "portal/billing/pay.html", {"visitor": visitor, "page": page, "offered": offered})
