"""Monthly bills of contracts that pay afterwards: one per contract and month, never changed once issued.

A bill begins where the one before ended and is made of the rows that say why; it must end with the ledger's balance, or
it is not issued. What became known after a bill stands in the next one, with its own month and that month's tax.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from abonent.domains.billing import models
from abonent.domains.billing.bills import rules
from abonent.domains.billing.bills.content import packed
from abonent.domains.billing.bills.facts import Facts, charged_before, charged_by_month, facts_of
from abonent.domains.billing.bills.queries import bill_of_row
from abonent.domains.billing.bills.rules import Bill, BillLine, BillPayment, Payer, Served
from abonent.domains.billing.bills.telling import tell
from abonent.domains.customers import queries as customers
from abonent.domains.customers.queries import Signed
from abonent.domains.lines import queries_bulk as lines
from abonent.foundation.values import Period

CONTRACTS_AT_ONCE = 500
REASON_LENGTH_MAX = 300
_TURN = 0x62696C6C


class Unexplained(Exception):
    """The ledger has money of these contracts that no row explains, or lacks some: no bill was made of them."""

    def __init__(self, contract_ids: Sequence[int]) -> None:
        super().__init__(f"no bill for contracts {', '.join(map(str, contract_ids))}: ledger and charges disagree")
        self.contract_ids = tuple(contract_ids)


class NotCorrected(Exception):
    """A bill is not replaced; `reason` is `not there`, `not the newest`, `no reason` or `nothing changed`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A bill before it is stored: everything it says but its id."""

    contract_id: int
    payer: Payer
    opening_minor: int
    lines: tuple[BillLine, ...]
    payments: tuple[BillPayment, ...]
    paid_total_minor: int
    # Of the first bill alone: all that was charged before its month.
    charged_before_minor: int | None
    explained: bool

    @property
    def says_nothing(self) -> bool:
        return self.explained and not (self.opening_minor or self.lines or self.payments)


def issue_due(*, at: datetime) -> int:
    """Issue the bills of every closed month that are not there yet and tell whom they are for; return how many.

    Raises `Unexplained` as `issue`, when every month was gone through.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    newest = models.Bill.objects.aggregate(newest=Max("month"))["newest"]
    issued, unexplained = 0, set[int]()
    for month in rules.months_due(newest, at, settings.BILL_DAY, zone):
        try:
            issued += issue(month=month, at=at)
        except Unexplained as left:
            unexplained.update(left.contract_ids)
    if unexplained:
        raise Unexplained(sorted(unexplained))
    return issued


def issue(*, month: date, at: datetime, told: bool = True) -> int:
    """Issue the bills of the month that begins with the day `month`; return how many were not there yet.

    Some contracts are one transaction: whoever comes again goes on. Raises `ValueError` for a month not over yet, and
    in the end, when all others are done, `Unexplained`; a payment on its way explains itself by the next run.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    if month.day != 1 or rules.period_of(month, zone).end > at:
        raise ValueError("a bill is made of a month that is over")
    issued, after = 0, 0
    unexplained: list[int] = []
    while some := customers.postpaid(after=after, limit=CONTRACTS_AT_ONCE):
        made, left = _issue_some(some, month, at, told)
        issued += made
        unexplained += left
        after = some[-1].id
    if unexplained:
        raise Unexplained(unexplained)
    return issued


@transaction.atomic
def _issue_some(some: Sequence[Signed], month: date, at: datetime, told: bool) -> tuple[int, list[int]]:
    _take_turn()
    period = rules.period_of(month, ZoneInfo(settings.TIME_ZONE))
    # A month before one that is billed already stays without a bill: what it cost is in the opening balance.
    billed = models.Bill.objects.filter(contract_id__in=[signed.id for signed in some], month__gte=month)
    there = set(billed.values_list("contract", flat=True))
    waiting = [signed for signed in some if signed.id not in there]
    if not waiting:
        return 0, []
    drawn = [one for one in _draw(waiting, month, period) if not one.says_nothing]
    rows = models.Bill.objects.bulk_create([_row(one, month, at) for one in drawn if one.explained])
    if told:
        for row in rows:
            tell(bill_of_row(row))
    return len(rows), [one.contract_id for one in drawn if not one.explained]


@transaction.atomic
def correct(*, number: str, reason: str, at: datetime) -> Bill:
    """Issue a bill anew in place of the contract's newest one, which stays as it is.

    Older ones are not replaced: whatever changed in their months stands in the next bill by itself. Raises
    `NotCorrected`, `Unexplained`.
    """
    _take_turn()
    old = models.Bill.objects.filter(number=number).first()
    if old is None:
        raise NotCorrected("not there")
    if not reason.strip():
        raise NotCorrected("no reason")
    newest = models.Bill.objects.filter(contract_id=old.contract_id).order_by("-month", "-revision").first()
    if newest != old:
        raise NotCorrected("not the newest")
    [signed] = customers.signed([old.contract_id])
    period = rules.period_of(old.month, ZoneInfo(settings.TIME_ZONE))
    [drawn] = _draw([signed], old.month, period)
    if not drawn.explained:
        raise Unexplained([old.contract_id])
    row = _row(drawn, old.month, at, old=old, reason=reason.strip()[:REASON_LENGTH_MAX])
    if row.content == old.content:
        raise NotCorrected("nothing changed")
    row.save(force_insert=True)
    bill = bill_of_row(row)
    tell(bill)
    return bill


def _draw(waiting: Sequence[Signed], month: date, period: Period) -> list[_Drawn]:
    served = lines.named_of_contracts([signed.id for signed in waiting])
    contract_of = {line.line_id: line.contract_id for line in served}
    facts = facts_of([signed.id for signed in waiting], contract_of, period)
    last = _last_before([signed.id for signed in waiting], month)
    named = {line.line_id: Served(line.line_id, line.service, line.number) for line in served}
    drawn = []
    for signed in waiting:
        own = {line_id: named[line_id] for line_id, contract_id in contract_of.items() if contract_id == signed.id}
        drawn.append(_drawn(signed, month, period, facts[signed.id], last.get(signed.id), own))
    return drawn


def _drawn(
    signed: Signed, month: date, period: Period, facts: Facts, last: models.Bill | None, own: dict[int, Served]
) -> _Drawn:
    """Put the bill together from its rows; late ones are looked for only when the ledger says that there are some."""
    late_paid_minor = facts.paid_before_minor - last.paid_total_minor if last else 0
    payments = list(facts.payments)
    if late_paid_minor:
        payments.insert(0, BillPayment(period.start, late_paid_minor, "", late=True))
    charged_before_minor = None if last else charged_before(own, period.start)
    opening_minor = last.closing_minor if last else facts.paid_before_minor - (charged_before_minor or 0)
    paid_minor = facts.paid_minor + late_paid_minor
    charged = rules.lines_of(month, facts.charges, own)
    closing_minor = opening_minor + paid_minor - sum(line.amount_minor for line in charged)
    if last and closing_minor != facts.end_minor:
        charged += _late(signed.id, month, period, own)
        closing_minor = opening_minor + paid_minor - sum(line.amount_minor for line in charged)
    return _Drawn(
        contract_id=signed.id,
        payer=Payer(signed.name, signed.number, signed.account_number or "", signed.language),
        opening_minor=opening_minor,
        lines=rules.ordered(charged),
        payments=tuple(payments),
        paid_total_minor=facts.paid_total_minor,
        charged_before_minor=charged_before_minor,
        explained=closing_minor == facts.end_minor,
    )


def _late(contract_id: int, month: date, period: Period, own: dict[int, Served]) -> list[BillLine]:
    """Return what the months before cost by now, less what bills asked for them."""
    rows = models.Bill.objects.filter(contract_id=contract_id, month__lt=month).select_related("corrects")
    before = [bill_of_row(row) for row in rows.order_by("month", "revision")]
    zone = ZoneInfo(settings.TIME_ZONE)
    first = rules.period_of(before[0].month, zone).start
    charged = charged_by_month(own, Period(first, period.start), zone)
    older = charged_before(own, first) - (rows.filter(revision=0).earliest("month").charged_before_minor or 0)
    charged[None, rules.month_before(before[0].month)] = older
    return rules.late_lines(charged, rules.billed_before(before), own)


def _last_before(contract_ids: Sequence[int], month: date) -> dict[int, models.Bill]:
    """Return each contract's bill before the month that counts: the newest document of the newest month."""
    rows = models.Bill.objects.filter(contract_id__in=contract_ids, month__lt=month).defer("content")
    return {row.contract_id: row for row in rows.order_by("contract", "-month", "-revision").distinct("contract")}


def _row(drawn: _Drawn, month: date, at: datetime, *, old: models.Bill | None = None, reason: str = "") -> models.Bill:
    revision = old.revision + 1 if old else 0
    charged_minor = sum(line.amount_minor for line in drawn.lines)
    paid_minor = sum(payment.amount_minor for payment in drawn.payments)
    return models.Bill(
        number=rules.number_of(drawn.payer.contract_number, month, revision),
        contract_id=drawn.contract_id,
        month=month,
        revision=revision,
        corrects=old,
        reason=reason,
        made_at=at,
        due_on=old.due_on if old else rules.due_on(month, settings.BILL_DUE_DAY),
        opening_minor=drawn.opening_minor,
        charged_minor=charged_minor,
        vat_minor=sum(line.vat_minor for line in drawn.lines),
        paid_minor=paid_minor,
        closing_minor=drawn.opening_minor + paid_minor - charged_minor,
        paid_total_minor=drawn.paid_total_minor,
        charged_before_minor=drawn.charged_before_minor,
        content=packed(drawn.payer, drawn.lines, drawn.payments),
    )


def _take_turn() -> None:
    """Wait for another run until it has committed: two at once issue one bill."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_TURN])
