"""What a worker does for billing by the clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from procrastinate.contrib.django import app

from abonent.domains.billing import actions, bills
from abonent.domains.billing.bills_rules import may_tell
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


@app.periodic(cron="23 * * * *")
@app.task(name="issue_bills", queue="billing", queueing_lock="issue_bills", lock="issue_bills")
def issue_bills(timestamp: int) -> None:
    """Issue the bills of months that closed, at hours at which people may be told of them."""
    if may_tell(clock.now(), ZoneInfo(settings.TIME_ZONE)):
        bills.issue_due(at=clock.now())
