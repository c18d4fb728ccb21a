"""Facts about payments; sums in minor units, moments as ISO 8601 with their offset."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaymentSettled:
    """The money came and stands in the ledger, under the payment's id and at `at`: `amount_minor` is what came."""

    payment_id: str
    purpose: str
    reference: str
    amount_minor: int
    currency: str
    method: str
    detail: str
    at: str


@dataclass(frozen=True)
class PaymentDeclined:
    """No money comes of it, as far as is known: declined (`reason` is a `rules.Reason`) or expired."""

    payment_id: str
    purpose: str
    reference: str
    amount_minor: int
    reason: str


@dataclass(frozen=True)
class PaymentRefunded:
    """Money went back the way it came, and stands in the ledger under the refund's id."""

    refund_id: str
    payment_id: str
    purpose: str
    reference: str
    amount_minor: int
    at: str
