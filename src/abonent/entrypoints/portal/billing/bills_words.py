"""What stands on bills, on the page and on paper alike."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from abonent.domains.billing.bills.rules import LATE, Bill, BillLine, BillPayment, Standing, Stands
from abonent.entrypoints.portal.billing.words import category_name, method_name
from abonent.web import format as formats


def month_name(month: date) -> str:
    """Return `ноябрь 2026`."""
    return f"{formats.month(month)}{formats.NBSP}{month.year}"


def title(bill: Bill) -> str:
    """Return what the bill is called; a correction says that it is one."""
    words = {"month": month_name(bill.month)}
    return _("Corrected bill for %(month)s") % words if bill.corrects else _("Bill for %(month)s") % words


def line_of(line: BillLine) -> str:
    """Return what a line of the bill is for."""
    if line.category == LATE:
        return _("Recalculated for %(month)s") % {"month": month_name(line.month)}
    return category_name(line.category)


def place_of(service: str, number: str) -> str:
    """Return which of the contract's lines it is about."""
    named = {
        "internet": lambda: _("Home internet"),
        "tv": lambda: _("TV"),
        "satellite": lambda: _("Satellite TV"),
    }.get(service)
    if not number:
        return _("The contract as a whole")
    return f"{named()} {number}" if named else formats.phone(number)


def payment_of(payment: BillPayment) -> str:
    """Return how money came."""
    if payment.late:
        return _("Payments of earlier months that became known later")
    return " ".join(part for part in (method_name(payment.method), payment.detail) if part)


def standing(stands: Stands, due_on: date, today: date) -> str:
    """Return how a bill stands, in a few words."""
    if stands.standing is Standing.UNPAID and due_on == today:
        return _("To be paid today")
    return {
        Standing.NOTHING: _("Nothing to pay"),
        Standing.PAID: _("Paid"),
        Standing.UNPAID: _("Pay until %(day)s") % {"day": formats.day(due_on)},
        Standing.OVERDUE: _("Overdue since %(day)s") % {"day": formats.day(due_on)},
        Standing.CARRIED: _("Carried over to the next bill"),
    }[stands.standing]


def rounding() -> str:
    """Return the one rule by which tax is rounded."""
    return _("VAT is part of each sum; it is rounded to a kopeck in each line, and totals are sums of the lines.")


def pay_address(amount_minor: int) -> str:
    """Return the page that pays exactly this sum."""
    return f"/topup/?amount={amount_minor // 100}.{amount_minor % 100:02}"
