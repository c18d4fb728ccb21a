"""Bills as their pages show them: everything as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing.bills.queries import Listed, Seen
from abonent.domains.billing.bills.rules import Bill, Standing
from abonent.entrypoints.portal.billing import bills_words as words
from abonent.web import format as formats

# How a standing looks; the words say it, too.
TONES = {
    Standing.NOTHING: "done",
    Standing.PAID: "done",
    Standing.UNPAID: "open",
    Standing.OVERDUE: "late",
    Standing.CARRIED: "gone",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A bill in the list."""

    id: int
    month: str
    number: str
    charged: str
    due: str
    standing: str
    tone: str


@dataclass(frozen=True, slots=True)
class ToPay:
    """What is still to be paid: words over the sum, the sum in parts, and where exactly that is paid."""

    words: str
    sum: formats.MoneyParts
    button: str
    address: str
    late: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of bills; `to_pay` None when nothing is."""

    rows: list[Row]
    to_pay: ToPay | None


@dataclass(frozen=True, slots=True)
class Group:
    """What one line of the contract cost: what for, how often, sum, tax."""

    name: str
    rows: list[tuple[str, str, str, str]]
    total: str


@dataclass(frozen=True, slots=True)
class Page:
    """One bill."""

    id: int
    title: str
    number: str
    corrects: str
    reason: str
    corrected_by: str
    newer_id: int | None
    standing: str
    tone: str
    to_pay: ToPay | None
    facts: list[tuple[str, str]]
    groups: list[Group]
    total: str
    vat: str
    vat_rates: list[tuple[str, str, str]]
    payments: list[tuple[str, str, str]]
    payer: list[tuple[str, str]]
    rounding: str


def listing(bills: Sequence[Listed], today: date) -> Listing:
    """Return the list: newest first, as it comes."""
    rows = [
        Row(
            id=bill.id,
            month=words.month_name(bill.month).capitalize(),
            number=bill.number,
            charged=formats.money(bill.charged_minor),
            due=formats.money(bill.due_minor),
            standing=_("Replaced by %(number)s") % {"number": bill.corrected_by}
            if bill.corrected_by
            else words.standing(bill.stands, bill.due_on, today),
            tone="gone" if bill.corrected_by else TONES[bill.stands.standing],
        )
        for bill in bills
    ]
    newest = bills[0] if bills else None
    to_pay = _to_pay(newest.stands.left_minor, newest.stands.standing, newest.due_on, today) if newest else None
    return Listing(rows, to_pay)


def page(seen: Seen, today: date) -> Page:
    """Return one bill with how it stands."""
    bill = seen.bill
    return Page(
        id=bill.id,
        title=words.title(bill),
        number=bill.number,
        corrects=bill.corrects,
        reason=bill.reason,
        corrected_by=seen.corrected_by,
        newer_id=seen.newer_id,
        standing=words.standing(seen.stands, bill.due_on, today),
        tone=TONES[seen.stands.standing],
        to_pay=_to_pay(seen.stands.left_minor, seen.stands.standing, bill.due_on, today),
        facts=facts(bill),
        groups=groups(bill),
        total=formats.money(bill.charged_minor),
        vat=formats.money(bill.vat_minor),
        vat_rates=vat_rates(bill),
        payments=payments(bill),
        payer=payer(bill),
        rounding=words.rounding(),
    )


def facts(bill: Bill) -> list[tuple[str, str]]:
    """Return the bill in five sums."""
    return [
        (_("Balance when the month began"), formats.money(bill.opening_minor)),
        (_("Charged, with VAT"), formats.money(bill.charged_minor)),
        (_("Paid in"), formats.money(bill.paid_minor)),
        (_("Balance when the month ended"), formats.money(bill.closing_minor)),
        (
            _("To be paid until %(day)s") % {"day": formats.day(bill.due_on, year=True)}
            if bill.due_minor
            else _("To be paid"),
            formats.money(bill.due_minor),
        ),
    ]


def payer(bill: Bill) -> list[tuple[str, str]]:
    """Return whom the bill is for."""
    found = [(_("Subscriber"), bill.payer.name), (_("Contract"), bill.payer.contract_number)]
    if bill.payer.account_number:
        found.append((_("Account number"), bill.payer.account_number))
    found.append((_("Made on"), formats.day(bill.made_at, year=True)))
    return found


def groups(bill: Bill) -> list[Group]:
    """Return what was charged, by line of the contract."""
    found = []
    for place in dict.fromkeys((line.service, line.number) for line in bill.lines):
        own = [line for line in bill.lines if (line.service, line.number) == place]
        rows = [
            (words.line_of(line), _times(line.count), formats.money(line.amount_minor), formats.money(line.vat_minor))
            for line in own
        ]
        found.append(Group(words.place_of(*place), rows, formats.money(sum(line.amount_minor for line in own))))
    return found


def vat_rates(bill: Bill) -> list[tuple[str, str, str]]:
    """Return rate, sum with tax, and tax, for each rate."""
    return [
        (f"{rate}{formats.NBSP}%", formats.money(amount), formats.money(vat))
        for rate, amount, vat in bill.vat_by_rate()
    ]


def payments(bill: Bill) -> list[tuple[str, str, str]]:
    """Return day, means and sum of each payment."""
    return [
        (
            "" if payment.late else formats.day(payment.at, year=True),
            words.payment_of(payment),
            formats.money(payment.amount_minor, sign=True),
        )
        for payment in bill.payments
    ]


def _to_pay(left_minor: int, standing: Standing, due_on: date, today: date) -> ToPay | None:
    if not left_minor:
        return None
    late = standing is Standing.OVERDUE
    days = (today - due_on).days
    said = ngettext("Overdue by %(days)s day", "Overdue by %(days)s days", days) % {"days": days}
    if not late:
        said = _("To be paid until %(day)s") % {"day": formats.day(due_on)}
    return ToPay(
        words=said,
        sum=formats.money_parts(left_minor),
        button=_("Pay %(sum)s") % {"sum": formats.money(left_minor)},
        address=words.pay_address(left_minor),
        late=late,
    )


def _times(count: int) -> str:
    return formats.number(count) if count else ""
