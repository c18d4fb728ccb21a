"""Fiscal receipts: one for each payment and refund, queued when the money moved, registered by a worker.

The row is written once by the payment's id; the register knows that id too, so asking it again makes no second receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from abonent.domains.billing import models
from abonent.domains.billing.bills.telling import reached
from abonent.domains.billing.fiscal import rules
from abonent.domains.billing.fiscal.rules import Operation, Receipt, Seller
from abonent.domains.billing.ports import Fiscal, FiscalRegister, NotTaken
from abonent.domains.customers import queries as customers

CASH = "cash"
WAITING_AT_ONCE = 200


class NoSuchReceipt(LookupError):
    """There is no receipt of that payment or refund of these contracts."""


class NotYet(Exception):
    """The register has not registered the receipt; it will be asked again."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A receipt and what became of it: `fiscal` None while it is on its way, `problem` when it is refused."""

    receipt: Receipt
    fiscal: Fiscal | None
    problem: str


def is_queued(receipt_id: UUID) -> bool:
    """Return whether there is a fiscal receipt of the payment or refund, registered or on its way."""
    return bool(settings.FISCAL_REGISTER) and models.FiscalReceipt.objects.filter(id=receipt_id).exists()


def queue(
    *, receipt_id: UUID, contract_id: int, operation: Operation, amount_minor: int, method: str, at: datetime
) -> bool:
    """Write the receipt of a payment or refund down once by its id; return whether there is one to register now.

    Without a register none is made. Raises `LookupError` for a contract that is not there.
    """
    if not settings.FISCAL_REGISTER:
        return False
    found = customers.signed([contract_id])
    if not found:
        raise LookupError(contract_id)
    payer = reached(contract_id)
    with translation.override(settings.LANGUAGE_CODE):
        name = _("Communication services, contract %(number)s") % {"number": found[0].number}
    value = rules.receipt(
        id=receipt_id,
        operation=operation,
        name=name,
        amount_minor=amount_minor,
        cash=method == CASH,
        advance=found[0].prepaid,
        seller=Seller(settings.SELLER.seller_name, settings.SELLER.seller_tax_number, settings.ADDRESS),
        customer=payer.email or payer.number,
        made_at=at,
        day=timezone.localdate(at),
    )
    row, _is_new = models.FiscalReceipt.objects.get_or_create(
        id=receipt_id, defaults={"contract_id": contract_id, "made_at": at, "content": rules.packed(value)}
    )
    return row.registered_at is None and not row.problem


def register(*, receipt_id: UUID, at: datetime) -> None:
    """Hand the receipt to the register unless it is registered; raises `NotYet`, and what the register raises."""
    row = models.FiscalReceipt.objects.filter(id=receipt_id, registered_at=None, problem="").first()
    if row is None:
        return
    # Noted before it is asked, and outside any transaction: a register that hangs is not asked at once again.
    mine = models.FiscalReceipt.objects.filter(id=receipt_id, registered_at=None)
    mine.update(attempts=row.attempts + 1, asked_at=at)
    made: FiscalRegister = import_string(settings.FISCAL_REGISTER)()
    try:
        fiscal = made.register(rules.unpacked(row.content))
    except NotTaken as refused:
        mine.update(problem=str(refused)[:200])
        return
    if fiscal is None:
        raise NotYet(receipt_id)
    mine.update(
        registered_at=fiscal.registered_at,
        fiscal_drive=fiscal.fiscal_drive,
        fiscal_document=fiscal.fiscal_document,
        fiscal_sign=fiscal.fiscal_sign,
        check_address=fiscal.check_address,
    )


def waiting(at: datetime) -> list[UUID]:
    """Return receipts whose register may be asked again by now, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select id from billing_fiscalreceipt
                where registered_at is null and problem = ''
                  and (asked_at is null
                       or asked_at <= %s - least(%s * 2 ^ least(attempts, 10), %s) * interval '1 second')
                order by made_at limit %s""",
            [at, rules.WAIT_FIRST_S, rules.WAIT_MAX_S, WAITING_AT_ONCE],
        )
        return [receipt_id for (receipt_id,) in cursor.fetchall()]


def receipt(receipt_id: UUID, contract_ids: list[int]) -> Registered:
    """Return the receipt of a payment or refund of these contracts; raise `NoSuchReceipt`."""
    row = models.FiscalReceipt.objects.filter(id=receipt_id, contract_id__in=contract_ids).first()
    if row is None:
        raise NoSuchReceipt(receipt_id)
    return _registered(row)


def refused() -> list[Registered]:
    """Return the receipts that the register does not take, newest first: staff must look at them."""
    rows = models.FiscalReceipt.objects.exclude(problem="").filter(registered_at=None).order_by("-made_at")
    return [_registered(row) for row in rows[:WAITING_AT_ONCE]]


def try_again(*, receipt_id: UUID) -> bool:
    """Let a refused receipt be handed to the register again; return whether it was refused."""
    found = models.FiscalReceipt.objects.filter(id=receipt_id, registered_at=None).exclude(problem="")
    return bool(found.update(problem="", asked_at=None))


def _registered(row: models.FiscalReceipt) -> Registered:
    fiscal = None
    if row.registered_at and row.fiscal_document is not None and row.fiscal_sign is not None:
        fiscal = Fiscal(row.registered_at, row.fiscal_drive, row.fiscal_document, row.fiscal_sign, row.check_address)
    return Registered(rules.unpacked(row.content), fiscal, row.problem)
