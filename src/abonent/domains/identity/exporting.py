"""The right to a copy of one's data: a few times a day, written down each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from abonent.domains.identity import freezing, journal, models
from abonent.domains.identity.rules import Cap, EventKind, allowed_from

# Making a copy reads everything there is, and each one is told by SMS.
COPIES = Cap(3, timedelta(days=1))


class TooOften(Exception):
    """No further copy before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@transaction.atomic
def begin(*, account_id: int, at: datetime) -> None:
    """Note that a copy is made; raise `TooOften`, or `freezing.Frozen`."""
    freezing.ensure_not_frozen(account_id)
    made = models.SecurityEvent.objects.filter(
        account_id=account_id, kind=EventKind.EXPORTED, at__gt=at - COPIES.span
    ).values_list("at", flat=True)
    until = allowed_from(list(made), [COPIES], at)
    if until > at:
        raise TooOften(until)
    journal.note(account_id=account_id, kind=EventKind.EXPORTED, at=at)
