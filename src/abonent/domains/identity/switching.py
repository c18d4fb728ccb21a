"""The service "cabinet" switched off and on by its owner."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from abonent.domains.identity import actions, freezing, journal, models
from abonent.domains.identity.rules import EventKind


@transaction.atomic
def switch_off(*, account_id: int, at: datetime) -> None:
    """Close the cabinet and end its sessions; a second call does nothing. Raises `freezing.Frozen`."""
    freezing.ensure_not_frozen(account_id)
    if models.Account.objects.filter(id=account_id, off_at=None).update(off_at=at):
        actions.end_sessions(account_id=account_id, at=at)
        journal.note(account_id=account_id, kind=EventKind.CABINET_OFF, at=at)


@transaction.atomic
def switch_on(*, account_id: int, at: datetime) -> None:
    """Open the cabinet again; a second call does nothing."""
    if models.Account.objects.filter(id=account_id).exclude(off_at=None).update(off_at=None):
        journal.note(account_id=account_id, kind=EventKind.CABINET_ON, at=at)
