"""What categories of spending and means of payment are called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts.words import of_line

_NAMES: dict[str, Callable[[], str]] = {
    "fee": lambda: _("Tariff fee"),
    "calls": lambda: _("Calls"),
    "messages": lambda: _("Messages"),
    "internet": lambda: _("Internet"),
    "roaming": lambda: _("Roaming"),
    "content": lambda: _("Subscriptions"),
    "promised": lambda: _("Fee for a promised payment"),
    "transfer": lambda: _("Transfers"),
    "correction": lambda: _("Corrections"),
    "service": lambda: _("Services"),
    "equipment": lambda: _("Equipment"),
    "partner": lambda: _("Subscriptions of partners"),
}
_METHODS: dict[str, Callable[[], str]] = {
    "card": lambda: _("Bank card"),
    "saved card": lambda: _("Saved card"),
    "cash": lambda: _("Cash"),
    "terminal": lambda: _("Terminal"),
    "sbp": lambda: _("Faster payments"),
    "bank": lambda: _("Bank"),
    "shop": lambda: _("Shop"),
    "autopay": lambda: _("Autopay"),
    "promised": lambda: _("Promised payment"),
    "transfer in": lambda: _("Transfer from"),
    "transfer back": lambda: _("Transfer given back by"),
    "family": lambda: _("Paid for you by"),
    "cashback": lambda: _("Cashback"),
    "content": lambda: _("Content account"),
}
# What the statement calls otherwise.
_STATEMENT_TYPES = {
    "fee": "fees", "promised": "fees", "correction": "fees", "service": "fees", "partner": "fees", "equipment": "fees",
}  # fmt: skip


def paid_for(number: str) -> str:
    """Return what stands before the line that money is for."""
    return of_line(number, phone=_("For the number"), wire=_("For the connection"))


def category_name(category: str) -> str:
    """Return the name of a category; an unknown one is named by its code, which is better than nothing."""
    named = _NAMES.get(category)
    return named() if named else category


def method_name(method: str) -> str:
    """Return the name of a means of payment; an unknown one is named by its code."""
    named = _METHODS.get(method)
    return named() if named else method


def payment_title(method: str, amount_minor: int) -> str:
    """Return what a payment is called: money that came, or that went back."""
    if method == "promised":
        return _("Promised payment") if amount_minor > 0 else _("Promised payment repaid")
    if method == "cashback":
        return _("Cashback") if amount_minor > 0 else _("Cashback taken back")
    if method == "content":
        return _("From the content account") if amount_minor > 0 else _("To the content account")
    return _("Top-up") if amount_minor > 0 else _("Given back")


def transfer_peer(rule: str, number: str) -> str:
    """Return what a charge of a transfer is about: whom the money, or the fee, was for; `number` is masked."""
    return _("Fee, %(number)s") % {"number": number} if rule in ("transfer-fee", "gift-fee") else number


def correction_title(amount_minor: int) -> str:
    """Return what a correction is called; above zero it came to the customer."""
    return _("Correction in your favour") if amount_minor > 0 else _("Correction")


def statement_type(category: str) -> str:
    """Return what the statement's filter calls the entries of a category."""
    return _STATEMENT_TYPES.get(category, category)


def statement_address(first: date, last: date, category: str = "") -> str:
    """Return where the entries stand that a sum of these days, of a category or of all, is made of."""
    kind = {"type": statement_type(category)} if category else {}
    return "/statement/?" + urlencode({"from": first, "to": last} | kind)


def price_address(version_id: int | None, rule: str) -> str:
    """Return where a price of a tariff version is explained; empty for a rule whose name fits into no address."""
    return f"/changes/{version_id}/{quote(rule, safe='')}/" if version_id and rule and "/" not in rule else ""
