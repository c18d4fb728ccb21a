"""Work of a worker: carry messages to the gateway, forget what people wrote."""

from __future__ import annotations

from uuid import UUID

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from abonent.domains.messaging import delivery, models, rules, ussd
from abonent.foundation.clock import now


class BackOff(BaseRetryStrategy):
    """Try again after 2, 4, 8 … seconds, then give up."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again, or None: not any more."""
        if isinstance(exception, delivery.DeliveryFailed):
            wait_s = exception.wait_s
        else:
            wait_s = rules.wait_before_next_s(job.attempts + 1)
        return None if wait_s is None else RetryDecision(retry_in={"seconds": wait_s})


@app.task(name="deliver_message", queue="messages", retry=BackOff())
def deliver(message_id: str) -> None:
    """Send one message, unless it was sent, withheld or given up already."""
    delivery.deliver(UUID(message_id))


@app.periodic(cron="23 3 * * *")
@app.task(name="forget_inbound", queue="upkeep", queueing_lock="forget_inbound")
def forget_inbound(timestamp: int) -> None:
    """Delete texts from people after 30 days, and after one what their secrets became when nobody answered them."""
    models.InboundMessage.objects.filter(received_at__lt=now() - rules.INBOUND_KEPT).delete()
    models.InboundMessage.objects.filter(received_at__lt=now() - rules.UNANSWERED_KEPT).update(kept={})


@app.periodic(cron="29 3 * * *")
@app.task(name="forget_sent", queue="upkeep", queueing_lock="forget_sent")
def forget_sent(timestamp: int) -> None:
    """Delete what was sent a year ago."""
    models.Message.objects.filter(created_at__lt=now() - rules.SENT_KEPT).delete()


@app.periodic(cron="31 3 * * *")
@app.task(name="forget_ussd", queue="upkeep", queueing_lock="forget_ussd")
def forget_ussd(timestamp: int) -> None:
    """Delete what handsets showed more than a day ago."""
    ussd.forget(before=now() - ussd.KEPT)
