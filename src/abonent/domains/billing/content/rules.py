"""Subscriptions of content providers as money: which days a fee is for, and what of it comes back. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from abonent.domains.billing.rules import Category
from abonent.domains.catalog.providers.rules import Per

CATEGORY: Category = "partner"
# What a charge was for: its days; days that were left over and given back.
FEE_RULE, RETURN_RULE = "partner-fee", "partner-return"
# How money that goes between the main balance and the content account is called among payments.
METHOD = "content"
MOVED_MAX_MINOR = 15_000_00


def end_day(first: date, per: Per) -> date:
    """Return the day before which a period ends that begins with `first`: a month later, on its last day at most."""
    if per == "day":
        return first + timedelta(days=1)
    if per == "week":
        return first + timedelta(days=7)
    year, month = (first.year, first.month + 1) if first.month < 12 else (first.year + 1, 1)
    return date(year, month, min(first.day, monthrange(year, month)[1]))


def left_over_minor(paid_minor: int, first: date, end: date, today: date) -> int:
    """Return what of a period's price is for whole days after `today`; a day that was begun counts as used."""
    length = (end - first).days
    used = min(max((today - first).days + 1, 0), length)
    return paid_minor * (length - used) // length


def missing_minor(price_minor: int, available_minor: int, *, may_owe: bool) -> int:
    """Return how much is lacking for a fee; who pays the main account by bill may owe, a content account never does."""
    return 0 if may_owe else max(0, price_minor - max(available_minor, 0))
