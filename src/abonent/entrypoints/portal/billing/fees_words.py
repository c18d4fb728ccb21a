"""How fees, by month, day and part, are put into words."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing.fees.rules import BLOCK_DAY, DAY, PART, RETURN
from abonent.domains.catalog.rules import FeeTerms
from abonent.web import format as formats


def days(count: int) -> str:
    """Return `12 days`."""
    return ngettext("%(number)s day", "%(number)s days", count) % {"number": formats.number(count)}


def of_days(count: int, whole: int) -> str:
    """Return `12 of 31 days`; a whole period by nothing."""
    if count == whole:
        return ""
    return ngettext("%(count)s of %(number)s day", "%(count)s of %(number)s days", whole) % {
        "count": formats.number(count),
        "number": formats.number(whole),
    }


def span(first: date | None, end: date | None) -> str:
    """Return the days from `first` to before `end`; nothing when they are not known."""
    return formats.days(first, end - timedelta(days=1)) if first and end else ""


def formula(rule: str, price_minor: int, count: int, whole: int, amount_minor: int, *, service: bool = False) -> str:
    """Return how the sum of a fee came about, of a tariff or a `service`.

    See `billing.fees.rules.Fee` and `billing.models.Charge`.
    """
    price, amount = formats.money(price_minor), formats.money(abs(amount_minor))
    if rule == BLOCK_DAY:
        parts = {"price": price, "days": days(count), "sum": amount}
        return (
            _("A day of the block you wished for: %(price)s") % parts
            if count == 1
            else _("The block you wished for: %(price)s a day × %(days)s = %(sum)s") % parts
        )
    if rule == DAY:
        parts = {"price": price, "days": days(count), "sum": amount}
        day = _("The fee for a day") if service else _("The fee of the tariff for a day")
        return _("%(price)s a day × %(days)s = %(sum)s") % parts if count > 1 else day
    if rule not in (PART, RETURN) or (count == whole and rule == PART):
        return _("The fee for a month") if service else _("The fee of the tariff for a month")
    parts = {"price": price, "days": of_days(count, whole) or days(whole), "sum": amount}
    if rule == RETURN and count == whole:
        return _("The whole fee comes back: %(sum)s") % {"sum": amount}
    if rule == RETURN:
        return _("%(price)s a month × %(days)s not used = %(sum)s back") % parts
    return _("%(price)s a month × %(days)s = %(sum)s") % parts


def without_money(terms: FeeTerms, *, prepaid: bool) -> str:
    """Return what happens when there is not enough for the fee."""
    if not prepaid:
        return _("You pay by bill afterwards.")
    if terms.shortage == "charge":
        return _("It is charged even when there is not enough: the balance goes below zero.")
    if terms.shortage == "daily":
        return _("When there is not enough for the month, it is charged day by day as long as the money lasts.")
    if terms.per == "day":
        return _("When there is not enough, nothing is charged: the service rests, and such days cost nothing.")
    if terms.resumes == "payment":
        return _(
            "When there is not enough, nothing is charged and the service rests; later you pay only the days left."
        )
    return _("When there is not enough, nothing is charged and the service rests; later the whole period is paid.")


def service_without_money(*, prepaid: bool) -> str:
    """Return what happens when there is not enough for the fee of a service."""
    if not prepaid:
        return _("You pay by bill afterwards.")
    return _("When there is not enough, nothing is charged and the service is off; later you pay only the days left.")
