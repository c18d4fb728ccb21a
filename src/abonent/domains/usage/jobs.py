"""What a worker does for usage by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from abonent.domains.usage import actions
from abonent.foundation import clock


@app.periodic(cron="23 3 * * *")
@app.task(name="block_unused", queue="upkeep", queueing_lock="block_unused", lock="block_unused")
def block_unused(timestamp: int) -> None:
    """Block the numbers that nobody used for 183 days."""
    actions.block_unused(at=clock.now())
