"""Work of a worker: forget what counts for nothing any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from procrastinate.contrib.django import app

from abonent.domains.identity import actions, journal, models, passkeys, pins, recognition
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.passwords import guards as guards_passwords
from abonent.domains.identity.rules import EventKind
from abonent.domains.identity.sessions import SessionStore
from abonent.foundation.clock import now

KEPT = timedelta(days=2)
# As long as the device's own cookies; what is known of entries stays as long.
DEVICE_KEPT = timedelta(days=365)
LOGINS_KEPT = timedelta(days=30)


@app.periodic(cron="41 3 * * *")
@app.task(name="forget_codes_and_sessions", queue="upkeep", queueing_lock="forget_codes_and_sessions")
def forget(timestamp: int) -> None:
    """Delete codes, counters, sessions and what else ended."""
    actions.forget(before=now() - KEPT)
    guards_passwords.forget(before=now() - LOGINS_KEPT)
    passkeys.forget(before=now())
    pins.forget(before=now() - DEVICE_KEPT)
    recognition.forget(before=now())
    SessionStore.clear_expired()
    _forget_entries(before=now() - DEVICE_KEPT)


def _forget_entries(before: datetime) -> None:
    """Delete who got in long ago: no session lives that long, and no browser keeps its mark longer."""
    models.SignIn.objects.filter(at__lt=before).delete()
    models.Device.objects.filter(last_seen_at__lt=before).delete()
    models.PasswordGuard.objects.filter(seen_at__lt=before, key__startswith="device ").delete()


@app.periodic(cron="47 3 * * *")
@app.task(name="seal_secrets_anew", queue="upkeep", queueing_lock="seal_secrets_anew")
def seal_anew(timestamp: int) -> None:
    """Seal with the present key what an earlier one sealed."""
    factors.seal_anew()
    pins.seal_anew()


@app.task(name="note_password_lock", queue="upkeep")
def note_lock(account_id: int | None, at: str) -> None:
    """Write down that the password of an account was locked, and tell its owner.

    Nobody's was when it is None, and nobody is left to be told when the account was deleted meanwhile.
    """
    if account_id is not None and models.Account.objects.filter(id=account_id).exists():
        journal.note(account_id=account_id, kind=EventKind.PASSWORD_LOCKED, at=datetime.fromisoformat(at))
