"""What a worker does for billing by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from abonent.domains.billing import actions, fees_messages, promised_repayment
from abonent.foundation import clock


@app.periodic(cron="7 * * * *")
@app.task(name="charge_fees", queue="billing", queueing_lock="charge_fees", lock="charge_fees")
def charge_fees(timestamp: int) -> None:
    """Charge the fees of periods that started since."""
    actions.charge_fees(until=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="rerate_late", queue="billing", queueing_lock="rerate_late", lock="rerate_late")
def rerate_late(timestamp: int) -> None:
    """Finish the rating of late records where an import was cut off before it could."""
    actions.rerate_late()


@app.periodic(cron="*/10 * * * *")
@app.task(name="close_promised", queue="billing", queueing_lock="close_promised", lock="close_promised")
def close_promised(timestamp: int) -> None:
    """Take back promised payments whose deadline came, and remind of those that are due soon."""
    now = clock.now()
    promised_repayment.take_back_due(now=now)
    promised_repayment.warn_due(now=now)


@app.task(name="tell_of_fees", queue="billing", queueing_lock="tell_of_fees", lock="tell_of_fees")
def tell_of_fees(timestamp: int) -> None:
    """Tell by SMS which fees wait for money, and which were charged in the end."""
    fees_messages.tell(at=clock.now())
