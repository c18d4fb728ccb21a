"""Work of a worker: ask about everything that has no end yet, forget cards at the gateway."""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from abonent.domains.payments import asking, cards, models, notices, refunds, rules
from abonent.domains.payments.gateway import methods
from abonent.domains.payments.ports import NoAnswer
from abonent.foundation.clock import now

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500


class Patient(BaseRetryStrategy):
    """Try again after 5, 10, 20 … seconds, an hour at most, until it is done."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Return when to try again: whatever went wrong, always."""
        del exception
        return RetryDecision(retry_in={"seconds": int(rules.pause(job.attempts).total_seconds())})


@app.periodic(cron="* * * * * */10")
@app.task(name="sweep_payments", queue="payments", queueing_lock="sweep_payments")
def sweep(timestamp: int) -> None:
    """Have every payment and refund asked about whose time has come; each is a job of its own."""
    if not methods():
        return
    at = now()
    due = models.Payment.objects.filter(next_ask_at__lte=at).order_by("next_ask_at").values_list("id", flat=True)
    for payment_id in due[:AT_ONCE_MAX]:
        ask_payment.defer(payment_id=str(payment_id))
    back = models.Refund.objects.filter(next_ask_at__lte=at).order_by("next_ask_at").values_list("id", flat=True)
    for refund_id in back[:AT_ONCE_MAX]:
        resolve_refund.defer(refund_id=str(refund_id))


@app.task(name=notices.ASK, queue="payments", retry=3)
def ask_payment(payment_id: str) -> None:
    """Ask the gateway what became of a payment, unless somebody else just does."""
    if notices.claim(UUID(payment_id), now()):
        asking.ask(payment_id=UUID(payment_id), at=now())


@app.task(name=notices.RESOLVE, queue="payments", retry=3)
def resolve_refund(refund_id: str) -> None:
    """Find out what became of a refund, unless somebody else just does."""
    if refunds.claim(UUID(refund_id), now()):
        refunds.resolve(refund_id=UUID(refund_id), at=now())


@app.task(name=cards.FORGET, queue="payments", retry=Patient())
def forget_card(card_id: int) -> None:
    """Have the gateway forget a card."""
    cards.forget_at_gateway(card_id)


@app.periodic(cron="19 4 * * *")
@app.task(name="renew_cards", queue="upkeep", queueing_lock="renew_cards")
def renew_cards(timestamp: int) -> None:
    """Ask the gateway for news of cards that end soon; one that does not answer is asked the next night."""
    if not methods():
        return
    at = now()
    for payer_id in cards.to_renew(timezone.localdate(at)):
        try:
            cards.renew(payer_id=payer_id, at=at)
        except NoAnswer as error:
            log.warning("the cards of payer %s: no answer (%s)", payer_id, error)


@app.periodic(cron="53 3 * * *")
@app.task(name="forget_notices", queue="upkeep", queueing_lock="forget_notices")
def forget_notices(timestamp: int) -> None:
    """Delete callbacks that are old."""
    notices.forget_old(now() - rules.NOTICES_KEPT)
