"""What a worker does for billing by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from abonent.domains.billing import actions, family_pays, transfers
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


@app.periodic(cron="3-59/10 * * * *")
@app.task(name="expire_transfers", queue="billing", queueing_lock="expire_transfers", lock="expire_transfers")
def expire_transfers(timestamp: int) -> None:
    """End transfers and invitations that nobody confirmed or answered in time."""
    transfers.expire(now=clock.now())
    family_pays.expire(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="cover_family", queue="billing", queueing_lock="cover_family", lock="cover_family")
def cover_family(timestamp: int) -> None:
    """Top up the members of families who have too little, from the balances of who pays for them."""
    family_pays.cover_all(at=clock.now())
