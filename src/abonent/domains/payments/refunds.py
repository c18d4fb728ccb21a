"""Money that goes back the way it came: one refund of a payment at a time, each done once by its id."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from abonent.domains.ledger import actions as ledger
from abonent.domains.ledger import queries_bulk as locked
from abonent.domains.payments import models, rules
from abonent.domains.payments.asking import BOOK
from abonent.domains.payments.events import PaymentRefunded
from abonent.domains.payments.gateway import gateway
from abonent.domains.payments.ports import NoAnswer, Outcome, Refused
from abonent.domains.payments.queries import NoSuchPayment
from abonent.domains.payments.states import REFUND_FINAL, RefundEvent, RefundState, State, after_refund
from abonent.foundation import outbox

log = logging.getLogger(__name__)

KIND = "refund"


class NotRefundable(Exception):
    """The payment did not settle, or less of it is left, or there on the account: `refundable_minor`."""

    def __init__(self, refundable_minor: int) -> None:
        super().__init__(refundable_minor)
        self.refundable_minor = refundable_minor


class RefundUnderWay(Exception):
    """Another refund of the payment has not ended yet; wait for it."""


class DifferentRefund(Exception):
    """The id is taken by a refund with other content."""


def refund(*, refund_id: UUID, payment_id: UUID, amount_minor: int, reason: str, at: datetime) -> RefundState:
    """Give `amount_minor` > 0 of a settled payment back the way it came; return the state as far as it is known.

    The same id again asks what became of the first time. The sum is held on the account it was credited to before the
    gateway is asked, and leaves it once the gateway has done it. Raises `NoSuchPayment`, `NotRefundable`,
    `RefundUnderWay`, `DifferentRefund`, `ValueError`.
    """
    if amount_minor <= 0:
        raise ValueError("a refund is of a positive sum")
    row, is_new = _write_down(
        models.Refund(id=refund_id, payment_id=payment_id, amount_minor=amount_minor, reason=reason[:200]), at
    )
    if row.state in REFUND_FINAL:
        return RefundState(row.state)
    return _send(row, at) if is_new else resolve(refund_id=refund_id, at=at)


@transaction.atomic(durable=True)
def _write_down(wanted: models.Refund, at: datetime) -> tuple[models.Refund, bool]:
    payment = models.Payment.objects.select_for_update().filter(id=wanted.payment_id).first()
    if payment is None:
        raise NoSuchPayment(wanted.payment_id)
    known = models.Refund.objects.filter(id=wanted.pk).first()
    if known is not None:
        if (known.payment_id, known.amount_minor) != (wanted.payment_id, wanted.amount_minor):
            raise DifferentRefund(wanted.pk)
        return known, False
    sums = sums_of(payment)
    if sums.under_way:
        raise RefundUnderWay(payment.pk)
    if payment.state != State.SETTLED or wanted.amount_minor > sums.refundable_minor:
        raise NotRefundable(sums.refundable_minor)
    # An account may be allowed to fall, by what was used; a payment goes back only out of what is there.
    there_minor = locked.locked_available([payment.ledger_account_id])[payment.ledger_account_id]
    if wanted.amount_minor > there_minor:
        raise NotRefundable(max(0, there_minor))
    wanted.returned_before_minor = sums.refunded_minor
    wanted.created_at, wanted.next_ask_at = at, at + rules.ABANDONED
    wanted.save(force_insert=True)
    ledger.hold(
        transfer_id=_hold_id(wanted.pk),
        debit=payment.ledger_account_id,
        credit=_house(payment),
        amount_minor=wanted.amount_minor,
        booked_at=at,
        kind=KIND,
    )
    return wanted, True


def _house(payment: models.Payment) -> int:
    return ledger.open_account(book=BOOK, code=payment.method, currency=payment.currency, house=True)


def _hold_id(refund_id: UUID) -> UUID:
    return uuid5(refund_id, "hold")


def sums_of(payment: models.Payment) -> rules.Sums:
    """Return what came of a payment and what goes back of it."""
    rows = models.Refund.objects.filter(payment=payment).values_list("state", "amount_minor")
    return rules.Sums(payment.settled_minor or 0, tuple((RefundState(state), amount) for state, amount in rows))


def _send(row: models.Refund, at: datetime) -> RefundState:
    payment = row.payment
    try:
        gateway().refund(
            row.pk,
            payment.gateway_order,
            amount_minor=row.amount_minor,
            left_before_minor=(payment.settled_minor or 0) - row.returned_before_minor,
        )
    except Refused as error:
        return _after_refusal(row, str(error), at)
    except NoAnswer as error:
        log.warning("refund %s: no answer (%s)", row.pk, error)
        return _note(row.pk, RefundEvent.UNANSWERED, at)
    return _note(row.pk, RefundEvent.DONE, at)


def _after_refusal(row: models.Refund, said: str, at: datetime) -> RefundState:
    """Believe a refusal only when the gateway's sums agree: it may refuse the repetition of what it did."""
    try:
        outcome = gateway().status(row.payment_id, row.payment.gateway_order)
    except (NoAnswer, Refused):
        return _note(row.pk, RefundEvent.UNANSWERED, at)
    return _note(row.pk, RefundEvent.DONE if is_done(row, outcome) else RefundEvent.REFUSED, at, said=said)


def resolve(*, refund_id: UUID, at: datetime) -> RefundState:
    """Find out what became of a refund; one that certainly was not done is asked for again, under the same id."""
    row = models.Refund.objects.select_related("payment").filter(id=refund_id).first()
    if row is None:
        raise NoSuchPayment(refund_id)
    if row.state in REFUND_FINAL:
        return RefundState(row.state)
    try:
        outcome = gateway().status(row.payment_id, row.payment.gateway_order)
    except (NoAnswer, Refused) as error:
        log.warning("refund %s: no answer (%s)", refund_id, error)
        return _note(refund_id, RefundEvent.UNANSWERED, at)
    if is_done(row, outcome):
        return _note(refund_id, RefundEvent.DONE, at)
    if at - row.created_at <= rules.ON_ITS_WAY:
        # Our request may still be on its way.
        return _note(refund_id, RefundEvent.UNANSWERED, at)
    return _send(row, at)


def claim(refund_id: UUID, at: datetime) -> bool:
    """Return whether it is to be asked what became of the refund, and by nobody else just now."""
    due = models.Refund.objects.filter(id=refund_id, next_ask_at__lte=at)
    return bool(due.update(next_ask_at=at + rules.LEASE))


def is_done(row: models.Refund, outcome: Outcome) -> bool:
    """Return whether the gateway's sum shows that this refund was done: there is only one at a time."""
    return outcome.returned_minor >= row.returned_before_minor + row.amount_minor


@transaction.atomic
def _note(refund_id: UUID, event: RefundEvent, at: datetime, *, said: str = "") -> RefundState:
    row = models.Refund.objects.select_for_update(of=("self",)).select_related("payment").get(id=refund_id)
    before, row.state = RefundState(row.state), after_refund(RefundState(row.state), event)
    if row.state == RefundState.UNKNOWN:
        row.next_ask_at = at + rules.pause(row.asks)
        row.asks = min(row.asks + 1, 1000)
    elif row.state != before:
        row.ended_at, row.next_ask_at = at, None
        row.refused_because = said[:100] if row.state == RefundState.REFUSED else ""
        _book(row, before, at)
    row.save()
    return RefundState(row.state)


def _book(row: models.Refund, before: RefundState, at: datetime) -> None:
    """Let the held sum go where it belongs: away when the gateway gave it back, else to its account."""
    payment, held = row.payment, _hold_id(row.pk)
    if row.state == RefundState.REFUSED:
        ledger.void_pending(transfer_id=uuid5(row.pk, "void"), pending_id=held, booked_at=at)
        return
    if before is RefundState.REFUSED:
        # Called refused, and done all the same: nothing is held for it any more.
        ledger.post(
            transfer_id=row.pk,
            debit=payment.ledger_account_id,
            credit=_house(payment),
            amount_minor=row.amount_minor,
            booked_at=at,
            kind=KIND,
        )
    else:
        ledger.post_pending(transfer_id=row.pk, pending_id=held, booked_at=at)
    outbox.announce(
        PaymentRefunded(
            refund_id=str(row.pk),
            payment_id=str(payment.pk),
            purpose=payment.purpose,
            reference=payment.reference,
            amount_minor=row.amount_minor,
            at=at.isoformat(),
        )
    )
