"""Answers to money that came or went through the gateway: a fiscal receipt each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.fiscal.rules import Operation
from abonent.domains.billing.jobs import register_receipt
from abonent.domains.payments import queries as payments

# Purposes of payments whose reference is a contract.
PURPOSES = frozenset({"top-up", "autopay"})


def receipt_of_payment(
    payment_id: str,
    purpose: str,
    reference: str,
    amount_minor: int,
    currency: str,  # noqa: ARG001 - cash registers know roubles alone
    method: str,
    detail: str,  # noqa: ARG001 - no receipt names the card
    at: str,
) -> None:
    """Money came: queue its receipt."""
    if purpose in PURPOSES:
        _queue(UUID(payment_id), int(reference), Operation.INCOME, amount_minor, method, at)


def receipt_of_refund(
    refund_id: str, payment_id: str, purpose: str, reference: str, amount_minor: int, at: str
) -> None:
    """Money went back: queue its receipt."""
    if purpose in PURPOSES:
        method = payments.payment(UUID(payment_id)).method
        _queue(UUID(refund_id), int(reference), Operation.RETURN, amount_minor, method, at)


@transaction.atomic
def _queue(receipt_id: UUID, contract_id: int, operation: Operation, amount_minor: int, method: str, at: str) -> None:
    waits = fiscal.queue(
        receipt_id=receipt_id,
        contract_id=contract_id,
        operation=operation,
        amount_minor=amount_minor,
        method=method,
        at=datetime.fromisoformat(at),
    )
    if waits:
        register_receipt.defer(receipt_id=str(receipt_id))
