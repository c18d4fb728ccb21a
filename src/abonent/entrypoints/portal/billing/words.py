"""What categories of spending and means of payment are called."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

_NAMES: dict[str, Callable[[], str]] = {
    "fee": lambda: _("Monthly fee"),
    "calls": lambda: _("Calls"),
    "messages": lambda: _("Messages"),
    "internet": lambda: _("Internet"),
    "roaming": lambda: _("Roaming"),
    "content": lambda: _("Subscriptions"),
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
}
# What the statement calls otherwise.
_STATEMENT_TYPES = {"fee": "fees"}


def category_name(category: str) -> str:
    """Return the name of a category; an unknown one is named by its code, which is better than nothing."""
    named = _NAMES.get(category)
    return named() if named else category


def method_name(method: str) -> str:
    """Return the name of a means of payment; an unknown one is named by its code."""
    named = _METHODS.get(method)
    return named() if named else method


def statement_type(category: str) -> str:
    """Return what the statement's filter calls the entries of a category."""
    return _STATEMENT_TYPES.get(category, category)
