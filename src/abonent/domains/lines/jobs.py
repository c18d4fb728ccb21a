"""Work of a worker: delete the cabinets whose owners asked for it."""

from __future__ import annotations

from procrastinate.contrib.django import app

from abonent.domains.identity import erasing as identity
from abonent.domains.lines import erasing
from abonent.foundation.clock import now


@app.periodic(cron="7 * * * *")
@app.task(name="erase_accounts", queue="upkeep", queueing_lock="erase_accounts")
def erase_accounts(timestamp: int) -> None:
    """Delete every account that is due, each by itself: a worker that is killed goes on with the rest an hour later."""
    at = now()
    for account_id in identity.due(at):
        erasing.erase(account_id=account_id, at=at)
