"""What a worker does for the ledger by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from abonent.domains.ledger import actions
from abonent.foundation import clock


@app.periodic(cron="* * * * *")
@app.task(name="expire_pending", queue="ledger", queueing_lock="expire_pending", lock="expire_pending")
def expire_pending(timestamp: int) -> None:
    """Release what pending transfers hold whose time is over, a thousand in a transaction."""
    while actions.expire_due(now=clock.now()) == actions.EXPIRED_AT_ONCE:
        pass
