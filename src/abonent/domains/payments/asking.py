"""What became of a payment: asked of the gateway, believed from nobody else, written down once.

The gateway is asked outside any transaction. What it said is applied under the lock of the payment's row, to what the
row says by then: answers may come twice, late and in any order.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.ledger import actions as ledger
from abonent.domains.payments import cards, models, rules
from abonent.domains.payments.events import PaymentDeclined, PaymentSettled
from abonent.domains.payments.gateway import gateway
from abonent.domains.payments.ports import NoAnswer, Outcome, Reason, Refused
from abonent.domains.payments.queries import NoSuchPayment
from abonent.domains.payments.rules import Do, Step
from abonent.domains.payments.states import FINAL, Event, State, after
from abonent.foundation import outbox

log = logging.getLogger(__name__)

BOOK = "payments"
KIND = "payment"
# The gateway is asked again after something was done there: its word counts, not ours.
ROUNDS = 3


def ask(*, payment_id: UUID, at: datetime) -> State:
    """Ask the gateway what became of the payment and do what follows; return the state then. Safe at any time.

    Raises `NoSuchPayment`. A gateway that does not answer changes nothing: it is asked again later.
    """
    for _ in range(ROUNDS):
        row = models.Payment.objects.filter(id=payment_id).first()
        if row is None:
            raise NoSuchPayment(payment_id)
        if row.state == State.SETTLED:
            return State.SETTLED
        try:
            outcome = gateway().status(row.pk, row.gateway_order)
            step = rules.step_after(known(row), outcome, at)
            if not _act(row, step, outcome):
                return apply(payment_id=payment_id, outcome=outcome, at=at)
            if step.do is Do.CLOSE:
                return _end(payment_id=payment_id, reason=step.reason, at=at)
        except NoAnswer as error:
            log.warning("payment %s: no answer (%s)", payment_id, error)
            break
        except Refused as error:
            # Paid while we wanted to close it, or the like: what is true now is asked once more.
            log.info("payment %s: %s", payment_id, error)
    return _wait(payment_id=payment_id, at=at)


def _act(row: models.Payment, step: Step, outcome: Outcome) -> bool:
    """Do at the gateway what the step asks for there; return False when it asks for nothing there."""
    order = outcome.gateway_order or row.gateway_order
    if step.do is Do.CAPTURE:
        gateway().capture(order, step.amount_minor)
    elif step.do is Do.RELEASE:
        gateway().release(order)
    elif step.do is Do.CLOSE:
        gateway().cancel(row.pk, order)
    else:
        return False
    return True


def known(row: models.Payment) -> rules.Known:
    """Return what rules want to know of a payment."""
    return rules.Known(
        state=State(row.state),
        amount_minor=row.amount_minor,
        currency=row.currency,
        asked_at=row.created_at,
        expires_at=row.expires_at,
        reachable=bool(row.redirect_url or row.qr_payload or row.off_session)
        or bool(row.cash_code and row.state == State.STARTED),
        settled_minor=row.settled_minor,
    )


@transaction.atomic
def apply(*, payment_id: UUID, outcome: Outcome, at: datetime) -> State:
    """Write down what the gateway said; return the state that follows."""
    row = models.Payment.objects.select_for_update().get(id=payment_id)
    step = rules.step_after(known(row), outcome, at)
    row.gateway_order = row.gateway_order or outcome.gateway_order
    if step.do is Do.SETTLE:
        _settle(row, step.amount_minor, outcome, at)
    elif step.do is Do.DECLINE:
        decline(row, Event.REFUSED, step.reason, at)
    else:
        if step.do is Do.LOOK:
            _let_look(row, outcome)
        _plan(row, at)
    row.save()
    return State(row.state)


def _settle(row: models.Payment, amount_minor: int, outcome: Outcome, at: datetime) -> None:
    if row.state == State.SETTLED:
        return
    row.state = after(State(row.state), Event.MONEY_CAME)
    row.settled_minor, row.settled_at = amount_minor, at
    row.detail, row.reason, row.cash_code, row.next_ask_at = outcome.detail[:60], "", "", None
    house = ledger.open_account(book=BOOK, code=row.method, currency=row.currency, house=True)
    ledger.post(
        transfer_id=row.pk,
        debit=house,
        credit=row.ledger_account_id,
        amount_minor=amount_minor,
        booked_at=at,
        kind=KIND,
    )
    if outcome.card is not None:
        # Of somebody who was forgotten meanwhile the gateway keeps nothing either.
        cards.keep(payer_id=row.payer_id or cards.NOBODY, card=outcome.card, wanted=row.save_card, at=at)
    outbox.announce(
        PaymentSettled(
            payment_id=str(row.pk),
            purpose=row.purpose,
            reference=row.reference,
            amount_minor=amount_minor,
            currency=row.currency,
            method=row.method,
            detail=row.detail,
            at=at.isoformat(),
        )
    )


def decline(row: models.Payment, event: Event, reason: Reason, at: datetime) -> None:
    if row.state in FINAL:
        row.next_ask_at = None
        return
    row.state = after(State(row.state), event)
    row.reason, row.cash_code = reason, ""
    # The order may still be tried with another card until its time is up, and a bank may think better of what it said;
    # after that it is closed for certain.
    may_change = event is Event.REFUSED and reason is not Reason.NOT_REACHED and row.expires_at > at
    row.next_ask_at = row.expires_at + rules.LAST_LOOK if may_change else None
    outbox.announce(
        PaymentDeclined(
            payment_id=str(row.pk),
            purpose=row.purpose,
            reference=row.reference,
            amount_minor=row.amount_minor,
            reason=reason,
        )
    )


def _let_look(row: models.Payment, outcome: Outcome) -> None:
    row.problem = (
        f"{outcome.status}: {outcome.taken_minor} {outcome.currency} taken, {outcome.returned_minor} returned"[:100]
    )
    log.error("payment %s needs a person: %s", row.pk, row.problem)


def _plan(row: models.Payment, at: datetime) -> None:
    """Plan the next question; what has ended is not asked about any more."""
    if row.state in FINAL:
        row.next_ask_at = None
    else:
        row.next_ask_at = rules.next_ask(asks=row.asks, at=at, expires_at=row.expires_at)
        row.asks = min(row.asks + 1, 1000)


@transaction.atomic
def _end(*, payment_id: UUID, reason: Reason, at: datetime) -> State:
    """Note that the order was closed at the gateway: nobody can pay it any more."""
    row = models.Payment.objects.select_for_update().get(id=payment_id)
    event = Event.CLOSED if reason is Reason.TIME else Event.REFUSED
    decline(row, event, reason, at)
    row.next_ask_at = None
    row.save()
    return State(row.state)


@transaction.atomic
def _wait(*, payment_id: UUID, at: datetime) -> State:
    """Plan to ask again: a question without an answer stays one, even about what has ended."""
    row = models.Payment.objects.select_for_update().get(id=payment_id)
    if row.state != State.SETTLED:
        row.next_ask_at = rules.next_ask(asks=row.asks, at=at, expires_at=row.expires_at)
        row.asks = min(row.asks + 1, 1000)
        row.save(update_fields=["next_ask_at", "asks"])
    return State(row.state)
