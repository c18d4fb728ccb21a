"""Reads of bills; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum
from django.utils import timezone

from abonent.domains.billing import models
from abonent.domains.billing.bills import rules
from abonent.domains.billing.bills.content import unpacked
from abonent.domains.billing.bills.rules import Bill, Stands

BILLS_SHOWN = 36


class NoSuchBill(LookupError):
    """There is no such bill of these contracts: the same answer to missing and another's."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A bill in a list; `corrected_by` is the number of the document in its place, empty for the one that counts."""

    id: int
    number: str
    month: date
    due_on: date
    due_minor: int
    charged_minor: int
    corrected_by: str
    stands: Stands


@dataclass(frozen=True, slots=True)
class Seen:
    """A bill as it stands now; `newer_id` is the document in its place (`corrected_by`) or the bill that carries it."""

    bill: Bill
    stands: Stands
    corrected_by: str
    newer_id: int | None


def bills(contract_id: int, now: datetime) -> list[Listed]:
    """Return the newest bills of the contract, newest first, in three queries at most."""
    rows = list(models.Bill.objects.filter(contract_id=contract_id).order_by("-month", "-revision")[:BILLS_SHOWN])
    if not rows:
        return []
    replaced = {row.corrects_id: row.number for row in rows if row.corrects_id}
    paid_minor = _paid(contract_id)
    return [
        Listed(
            row.pk,
            row.number,
            row.month,
            row.due_on,
            max(0, -row.closing_minor),
            row.charged_minor,
            replaced.get(row.pk, ""),
            _stands(row, paid_minor, now, newest=row is rows[0]),
        )
        for row in rows
    ]


def bill(bill_id: int, contract_ids: Collection[int], now: datetime) -> Seen:
    """Return one bill of the contracts and how it stands; raise `NoSuchBill`."""
    row = models.Bill.objects.filter(id=bill_id, contract_id__in=contract_ids).select_related("corrects").first()
    if row is None:
        raise NoSuchBill(bill_id)
    newer = (
        models.Bill.objects.filter(contract_id=row.contract_id, month__gte=row.month)
        .exclude(id=row.pk)
        .exclude(month=row.month, revision__lt=row.revision)
        .order_by("-month", "-revision")
        .values_list("id", "month", "number")
        .first()
    )
    corrected_by = newer[2] if newer and newer[1] == row.month else ""
    if newer and newer[1] > row.month:
        corrected_by = models.Bill.objects.filter(corrects_id=row.pk).values_list("number", flat=True).first() or ""
    stands = _stands(row, _paid(row.contract_id), now, newest=newer is None)
    return Seen(bill_of_row(row), stands, corrected_by, newer[0] if newer else None)


def bill_of_row(row: models.Bill) -> Bill:
    """Return the value of a stored bill."""
    payer, lines, payments = unpacked(row.content)
    return Bill(
        id=row.pk,
        number=row.number,
        contract_id=row.contract_id,
        month=row.month,
        revision=row.revision,
        corrects=row.corrects.number if row.corrects else "",
        reason=row.reason,
        made_at=row.made_at,
        due_on=row.due_on,
        payer=payer,
        opening_minor=row.opening_minor,
        lines=lines,
        payments=payments,
    )


def _paid(contract_id: int) -> int:
    """Return everything that was ever paid on the contract."""
    account = models.Account.objects.filter(contract_id=contract_id).values("id")
    paid = models.Payment.objects.filter(account_id__in=account).aggregate(paid=Sum("amount_minor"))["paid"]
    return paid or 0


def _stands(row: models.Bill, paid_minor: int, now: datetime, *, newest: bool) -> Stands:
    today = timezone.localdate(now)
    return rules.stands(-row.closing_minor, paid_minor - row.paid_total_minor, row.due_on, today, newest=newest)
