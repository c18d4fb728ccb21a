"""Reads of corrections; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from abonent.domains.billing import models
from abonent.domains.billing.corrections.rules import Facts, Kind
from abonent.domains.billing.topups import queries as queries_topups
from abonent.domains.billing.transfers.queries import promised_minor
from abonent.domains.ledger import queries as ledger
from abonent.domains.payments import queries as payments

PAYMENTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Correction:
    """Money that staff moved, and why; `at` is when it was decided."""

    id: UUID
    kind: Kind
    amount_minor: int
    reason: str
    charge_id: UUID | None
    payment_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Corrected:
    """A charge that can be put right: what it was, and what of it was not given back so far."""

    id: UUID
    line_id: int
    contract_id: int
    at: datetime
    category: str
    amount_minor: int
    left_minor: int


@dataclass(frozen=True, slots=True)
class Money:
    """What a contract has: its balance, and what of it can be taken away."""

    balance_minor: int
    available_minor: int
    prepaid: bool


def money(contract_id: int) -> Money:
    """Return what the contract has; what is held, and what a promise lent, is not there to be taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select account.ledger_account_id, contract.payment = 'prepaid'
                 from customers_contract contract
                 left join billing_account account on account.contract_id = contract.id
                where contract.id = %s""",
            [contract_id],
        )
        ledger_account, prepaid = cursor.fetchone() or (None, True)
    if ledger_account is None:
        return Money(0, 0, prepaid)
    held = ledger.standing(ledger_account)
    return Money(held.balance_minor, held.available_minor - promised_minor(contract_id), prepaid)


def facts(*, contract_id: int, charge_id: UUID | None, payment_id: UUID | None) -> Facts:
    """Return what decides about a correction of the contract's money now; raise `LookupError` for what is not its."""
    has = money(contract_id)
    charge = corrected(charge_id, contract_id) if charge_id else None
    sums = None
    if payment_id is not None:
        if not _is_of(payment_id, contract_id):
            raise LookupError(payment_id)
        sums = payments.sums(payments.payment(payment_id))
    return Facts(
        available_minor=has.available_minor,
        prepaid=has.prepaid,
        charge_left_minor=charge.left_minor if charge else None,
        refundable_minor=sums.refundable_minor if sums else 0,
        under_way=sums.under_way if sums else False,
    )


# What was sent to another subscriber comes back by its receiver only; a correction is put right by another.
_CHARGES = """
    select charge.id, charge.line_id, account.contract_id, charge.booked_at, charge.category, charge.amount_minor,
           charge.amount_minor - coalesce((select sum(amount_minor) from billing_correction given
                                            where given.charge_id = charge.id and given.kind = 'credit'), 0)::bigint
           - coalesce((select returned_minor from billing_partner_charge partner where partner.id = charge.id), 0)
      from billing_charge charge join billing_account account on account.id = charge.account_id
     where charge.category not in ('correction', 'transfer')
"""


def corrected(charge_id: UUID, contract_id: int) -> Corrected:
    """Return a charge of the contract with what of it is left to give back; raise `LookupError`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_CHARGES} and charge.id = %s and account.contract_id = %s", [charge_id, contract_id])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(charge_id)
    return Corrected(*row)


def correctable(line_id: int, limit: int) -> list[Corrected]:
    """Return the newest charges of the line that cost something and were not given back wholly."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{_CHARGES} and charge.line_id = %s and charge.amount_minor > 0
                 order by charge.booked_at desc, charge.id desc limit %s""",
            [line_id, limit],
        )
        return [found for found in (Corrected(*row) for row in cursor.fetchall()) if found.left_minor > 0]


def refundable(contract_id: int) -> list[tuple[payments.Payment, int]]:
    """Return the contract's payments of which something can go back, the newest first, with how much."""
    found: list[payments.Payment] = []
    for purpose in queries_topups.PURPOSES:
        found += payments.payments_of(purpose=purpose, reference=str(contract_id), limit=PAYMENTS_SHOWN)
    found.sort(key=lambda payment: payment.created_at, reverse=True)
    with_left = [(payment, payments.sums(payment).refundable_minor) for payment in found if payment.settled_at]
    return [(payment, left) for payment, left in with_left if left > 0]


def correction(correction_id: UUID) -> Correction | None:
    """Return why staff moved the sum of that charge or payment; None: they did not."""
    row = models.Correction.objects.filter(id=correction_id).first()
    return _value(row) if row else None


def of_charge(charge_id: UUID) -> list[Correction]:
    """Return what was given back of a charge, the oldest first."""
    return [_value(row) for row in models.Correction.objects.filter(charge_id=charge_id).order_by("booked_at")]


def of_contracts(contract_ids: Collection[int], since: datetime) -> list[Correction]:
    """Return what staff moved on the contracts since then, the newest first; no refund that has not gone back."""
    accounts = models.Account.objects.filter(contract_id__in=contract_ids).values_list("id", flat=True)
    rows = models.Correction.objects.filter(account_id__in=list(accounts), booked_at__gte=since)
    rows = rows.exclude(~Exists(models.Payment.objects.filter(id=OuterRef("id"))), kind=Kind.REFUND)
    return [_value(row) for row in rows.order_by("-booked_at", "-id")]


def _is_of(payment_id: UUID, contract_id: int) -> bool:
    """Return whether the payment came through a gateway for the contract."""
    try:
        found = payments.payment(payment_id)
    except payments.NoSuchPayment:
        return False
    return found.purpose in queries_topups.PURPOSES and found.reference == str(contract_id)


def _value(row: models.Correction) -> Correction:
    return Correction(
        id=row.id,
        kind=Kind(row.kind),
        amount_minor=row.amount_minor,
        reason=row.reason,
        charge_id=row.charge_id,
        payment_id=row.payment_id,
        at=row.booked_at,
    )
