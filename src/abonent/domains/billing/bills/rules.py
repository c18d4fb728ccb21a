"""What a bill says, of which month, until when it is to be paid and how it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from abonent.domains.billing.bills.vat import percent_on, vat_in
from abonent.domains.billing.rules import CATEGORIES
from abonent.foundation.values import Period

# Charges of earlier months that became known, or changed, after the bill of their month.
LATE = "late"
ORDER = {name: place for place, name in enumerate((*CATEGORIES, LATE))}
# Nobody wants to hear of a bill at night.
FIRST_HOUR, LAST_HOUR = 10, 20


@dataclass(frozen=True, slots=True)
class BillLine:
    """What one line of the contract (None: the contract itself) cost under one heading, tax included.

    `month` is the first day of the month it was used in. `amount_minor` is negative for what is given back.
    """

    line_id: int | None
    service: str
    number: str
    category: str
    month: date
    count: int
    amount_minor: int
    vat_percent: int

    @property
    def vat_minor(self) -> int:
        return vat_in(self.amount_minor, self.vat_percent)


@dataclass(frozen=True, slots=True)
class BillPayment:
    """Money that came in; `late`: it belongs to an earlier month, whose bill did not know of it."""

    at: datetime
    amount_minor: int
    method: str
    detail: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom a bill is for, as things stood when it was made."""

    name: str
    contract_number: str
    account_number: str
    language: str


@dataclass(frozen=True, slots=True)
class Bill:
    """A monthly bill, never changed once issued. Balances are credits less debits: below zero is owed.

    `corrects` is the number of the document that this one replaces, with the `reason`; empty for the first one.
    """

    id: int
    number: str
    contract_id: int
    month: date
    revision: int
    corrects: str
    reason: str
    made_at: datetime
    due_on: date
    payer: Payer
    opening_minor: int
    lines: tuple[BillLine, ...]
    payments: tuple[BillPayment, ...]

    @property
    def charged_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def vat_minor(self) -> int:
        return sum(line.vat_minor for line in self.lines)

    @property
    def paid_minor(self) -> int:
        return sum(payment.amount_minor for payment in self.payments)

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.paid_minor - self.charged_minor

    @property
    def due_minor(self) -> int:
        """What is to be paid: all that is owed at the end of the month, what was owed before included."""
        return max(0, -self.closing_minor)

    def vat_by_rate(self) -> list[tuple[int, int, int]]:
        """Return rate in percent, sum with tax and tax of each rate, the lowest first."""
        rates = sorted({line.vat_percent for line in self.lines})
        return [
            (
                rate,
                sum(line.amount_minor for line in self.lines if line.vat_percent == rate),
                sum(line.vat_minor for line in self.lines if line.vat_percent == rate),
            )
            for rate in rates
        ]


class Standing(StrEnum):
    """How a bill stands now."""

    NOTHING = "nothing to pay"
    PAID = "paid"
    UNPAID = "unpaid"
    OVERDUE = "overdue"
    # A later bill asks for what was left of this one.
    CARRIED = "carried over"


@dataclass(frozen=True, slots=True)
class Stands:
    """`left_minor` is what is still to be paid of a bill that is unpaid or overdue."""

    standing: Standing
    left_minor: int = 0


def stands(due_minor: int, paid_since_minor: int, due_on: date, today: date, *, newest: bool) -> Stands:
    """Return how a bill stands after `paid_since_minor` came that it did not know of; it is due by the end of a day."""
    if due_minor <= 0:
        return Stands(Standing.NOTHING)
    left = due_minor - paid_since_minor
    if left <= 0:
        return Stands(Standing.PAID)
    if not newest:
        return Stands(Standing.CARRIED)
    return Stands(Standing.OVERDUE if today > due_on else Standing.UNPAID, left)


def month_before(day: date) -> date:
    """Return the first day of the month before that of `day`."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(day: date) -> date:
    """Return the first day of the month after that of `day`."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def period_of(month: date, zone: ZoneInfo) -> Period:
    """Return the calendar month that begins with the day `month`, cut at local midnights."""
    return Period.of_days(month, month_after(month) - timedelta(days=1), zone)


def months_due(newest: date | None, now: datetime, bill_day: int, zone: ZoneInfo) -> list[date]:
    """Return the months to bill now, the oldest first.

    A month is billed from `bill_day` of the next one on, when late records have come in. `newest` is the last month
    that anybody was billed for: a run of it may have been broken off, and months after it may have been slept through.
    """
    today = now.astimezone(zone).date()
    last = month_before(today)
    if today.day < bill_day:
        last = month_before(last)
    months = [last if newest is None else min(newest, last)]
    while months[-1] < last:
        months.append(month_after(months[-1]))
    return months


def may_tell(now: datetime, zone: ZoneInfo) -> bool:
    """Return whether it is an hour at which bills are sent out."""
    return FIRST_HOUR <= now.astimezone(zone).hour < LAST_HOUR


def due_on(month: date, due_day: int) -> date:
    """Return the last day to pay the bill of a month: the `due_day` (1..28) of the next month."""
    return month_after(month).replace(day=due_day)


def number_of(contract_number: str, month: date, revision: int) -> str:
    """Return the number of a bill, `100000001/2026-11`; that of a correction ends with `-2`, `-3`…"""
    return f"{contract_number}/{month:%Y-%m}" + (f"-{revision + 1}" if revision else "")


def ordered(lines: Iterable[BillLine]) -> tuple[BillLine, ...]:
    """Return lines in the order they are read in: by connection, by heading, by month."""
    return tuple(
        sorted(lines, key=lambda line: (line.line_id is None, line.line_id or 0, ORDER.get(line.category, len(ORDER)),
                                        line.category, line.month))
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """A line of the contract, as a bill names it."""

    line_id: int | None
    service: str
    number: str


def lines_of(month: date, sums: Iterable[tuple[int, str, int, int]], served: Mapping[int, Served]) -> list[BillLine]:
    """Return the lines for what was charged in a month: `sums` are line id, category, minor units, count."""
    rate = percent_on(month)
    return [
        BillLine(line_id, served[line_id].service, served[line_id].number, category, month, count, amount, rate)
        for line_id, category, amount, count in sums
        if amount
    ]


Billed = Mapping[tuple[int | None, date], int]


def late_lines(charged: Billed, billed: Billed, served: Mapping[int, Served]) -> list[BillLine]:
    """Return what was charged to a line in an earlier month (its first day) and is not billed yet, or given back.

    Each month has the tax rate of its time, whenever it is billed. Without a line: what is older than the first bill.
    """
    found = []
    for line_id, month in charged.keys() | billed.keys():
        difference = charged.get((line_id, month), 0) - billed.get((line_id, month), 0)
        if difference:
            of = served[line_id] if line_id is not None else Served(None, "", "")
            found.append(BillLine(line_id, of.service, of.number, LATE, month, 0, difference, percent_on(month)))
    return found


def billed_before(bills: Sequence[Bill]) -> dict[tuple[int | None, date], int]:
    """Return what bills asked for each line and month, in minor units; of a month's documents the newest counts."""
    newest = {bill.month: bill for bill in sorted(bills, key=lambda bill: bill.revision)}
    billed: dict[tuple[int | None, date], int] = {}
    for bill in newest.values():
        for line in bill.lines:
            key = (line.line_id, line.month)
            billed[key] = billed.get(key, 0) + line.amount_minor
    return billed
