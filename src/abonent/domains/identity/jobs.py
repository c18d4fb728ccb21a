"""Work of a worker: forget what counts for nothing any more."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from abonent.domains.identity import actions, passkeys, pins
from abonent.domains.identity.sessions import SessionStore
from abonent.foundation.clock import now

KEPT = timedelta(days=2)
# As long as the device's own cookie.
DEVICE_KEPT = timedelta(days=365)


@app.periodic(cron="41 3 * * *")
@app.task(name="forget_codes_and_sessions", queue="upkeep", queueing_lock="forget_codes_and_sessions")
def forget(timestamp: int) -> None:
    """Delete codes, counters, sessions and what else ended."""
    actions.forget(before=now() - KEPT)
    passkeys.forget(before=now())
    pins.forget(before=now() - DEVICE_KEPT)
    SessionStore.clear_expired()
