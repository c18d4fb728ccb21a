"""Reads of payments; values, not tables. Sums in minor units, moments aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from abonent.domains.payments import models, rules
from abonent.domains.payments.gateway import methods, problem
from abonent.domains.payments.ports import Method, Reason
from abonent.domains.payments.states import FINAL, REFUND_FINAL, RefundState, State
from abonent.foundation.clock import now

__all__ = [
    "Card", "NoSuchPayment", "Payment", "Refund", "cards", "methods", "payment", "payments_of", "pending", "problem",
    "refund", "refundable_minor", "refunds_of", "to_look_at",
]  # fmt: skip

PAYMENTS_MAX = 200


class NoSuchPayment(LookupError):
    """There is no payment, or no refund, of that id."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it stands. `amount_minor` was asked for, `settled_minor` came, `refunded_minor` went back."""

    id: UUID
    purpose: str
    reference: str
    payer_id: int | None
    method: Method
    state: State
    amount_minor: int
    settled_minor: int | None
    refunded_minor: int
    currency: str
    description: str
    created_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    reason: Reason | None
    detail: str
    redirect_url: str
    qr_payload: str
    cash_code: str
    return_path: str
    off_session: bool
    problem: str

    @property
    def is_final(self) -> bool:
        return self.state in FINAL


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as it stands."""

    id: UUID
    payment_id: UUID
    amount_minor: int
    reason: str
    state: RefundState
    created_at: datetime
    ended_at: datetime | None
    refused_because: str

    @property
    def is_final(self) -> bool:
        return self.state in REFUND_FINAL


@dataclass(frozen=True, slots=True)
class Card:
    """A saved card: what may be shown of it. `expires_on` is its last day; `is_valid`: that is not over yet."""

    id: int
    brand: str
    last_four: str
    expires_on: date
    is_valid: bool


def payment(payment_id: UUID) -> Payment:
    """Return the payment; raise `NoSuchPayment`."""
    found = list(_payments(Q(id=payment_id)))
    if not found:
        raise NoSuchPayment(payment_id)
    return found[0]


def payments_of(
    *, payer_id: int | None = None, purpose: str | None = None, reference: str | None = None, limit: int = PAYMENTS_MAX
) -> tuple[Payment, ...]:
    """Return the payments of a payer, or for a reference, newest first; one of both must be given."""
    if payer_id is None and reference is None:
        raise ValueError("whose payments?")
    wanted = Q()
    for field, value in (("payer_id", payer_id), ("purpose", purpose), ("reference", reference)):
        if value is not None:
            wanted &= Q(**{field: value})
    return tuple(_payments(wanted, limit))


def pending(before: datetime, limit: int = PAYMENTS_MAX) -> tuple[Payment, ...]:
    """Return the payments begun before that moment of which nobody knows yet how they end, oldest first."""
    wanted = ~Q(state__in=FINAL) & Q(created_at__lt=before)
    return tuple(_payments(wanted, limit, order="created_at"))


def to_look_at(limit: int = PAYMENTS_MAX) -> tuple[Payment, ...]:
    """Return the payments of which the gateway says what cannot be: a person must look at them."""
    return tuple(_payments(~Q(problem=""), limit))


def cards(payer_id: int, today: date | None = None) -> tuple[Card, ...]:
    """Return the saved cards of a payer, the newest first; whether they are valid `today`, if not another day."""
    today = today or timezone.localdate(now())
    kept = models.Card.objects.filter(payer_id=payer_id, forgotten_at=None).order_by("-created_at", "-id")
    return tuple(
        Card(row.pk, row.brand, row.last_four, row.expires_on, rules.is_valid(row.expires_on, today)) for row in kept
    )


def refund(refund_id: UUID) -> Refund:
    """Return the refund; raise `NoSuchPayment`."""
    row = models.Refund.objects.filter(id=refund_id).first()
    if row is None:
        raise NoSuchPayment(refund_id)
    return _refund(row)


def refunds_of(payment_id: UUID) -> tuple[Refund, ...]:
    """Return the refunds of a payment, oldest first."""
    return tuple(_refund(row) for row in models.Refund.objects.filter(payment_id=payment_id).order_by("created_at"))


def refundable_minor(payment_id: UUID) -> int:
    """Return what of a payment can still go back; raise `NoSuchPayment`."""
    return sums(payment(payment_id)).refundable_minor


def sums(found: Payment) -> rules.Sums:
    """Return what came of a payment and what goes back of it."""
    rows = models.Refund.objects.filter(payment_id=found.id).values_list("state", "amount_minor")
    return rules.Sums(found.settled_minor or 0, tuple((RefundState(state), amount) for state, amount in rows))


def _payments(wanted: Q, limit: int = 1, order: str = "-created_at") -> list[Payment]:
    rows: QuerySet[models.Payment] = models.Payment.objects.filter(wanted).order_by(order, "id")[:limit]
    found = list(rows)
    settled = [row.pk for row in found if row.state == State.SETTLED]
    back = dict(
        models.Refund.objects.filter(payment_id__in=settled, state=RefundState.REFUNDED)
        .values_list("payment_id")
        .annotate(total=Sum("amount_minor"))
    )
    return [_payment(row, back.get(row.pk, 0)) for row in found]


def _payment(row: models.Payment, refunded_minor: int) -> Payment:
    return Payment(
        id=row.pk,
        purpose=row.purpose,
        reference=row.reference,
        payer_id=row.payer_id,
        method=Method(row.method),
        state=State(row.state),
        amount_minor=row.amount_minor,
        settled_minor=row.settled_minor,
        refunded_minor=refunded_minor,
        currency=row.currency,
        description=row.description,
        created_at=row.created_at,
        expires_at=row.expires_at,
        settled_at=row.settled_at,
        reason=Reason(row.reason) if row.reason else None,
        detail=row.detail,
        redirect_url=row.redirect_url,
        qr_payload=row.qr_payload,
        cash_code=row.cash_code,
        return_path=row.return_path,
        off_session=row.off_session,
        problem=row.problem,
    )


def _refund(row: models.Refund) -> Refund:
    return Refund(
        id=row.pk,
        payment_id=row.payment_id,
        amount_minor=row.amount_minor,
        reason=row.reason,
        state=RefundState(row.state),
        created_at=row.created_at,
        ended_at=row.ended_at,
        refused_because=row.refused_because,
    )
