"""What categories of spending and means of payment are called."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

_NAMES: dict[str, Callable[[], str]] = {
    "fee": lambda: _("Tariff fee"),
    "calls": lambda: _("Calls"),
    "messages": lambda: _("Messages"),
    "internet": lambda: _("Internet"),
    "roaming": lambda: _("Roaming"),
    "content": lambda: _("Subscriptions"),
    "promised": lambda: _("Fee for a promised payment"),
    "transfer": lambda: _("Transfers"),
    "service": lambda: _("Services"),
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
}
# What the statement calls otherwise.
_STATEMENT_TYPES = {"fee": "fees", "promised": "fees", "service": "fees"}


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
    return _("Top-up") if amount_minor > 0 else _("Given back")


def transfer_peer(rule: str, number: str) -> str:
    """Return what a charge of a transfer is about: whom the money, or the fee, was for; `number` is masked."""
    return _("Fee, %(number)s") % {"number": number} if rule == "transfer-fee" else number


def statement_type(category: str) -> str:
    """Return what the statement's filter calls the entries of a category."""
    return _STATEMENT_TYPES.get(category, category)
