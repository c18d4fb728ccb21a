"""The right to be forgotten: asked for, called off, done."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from abonent.domains.identity import freezing, journal, models
from abonent.domains.identity.events import AccountErased
from abonent.domains.identity.rules import EventKind
from abonent.foundation import outbox


@transaction.atomic
def ask(*, account_id: int, at: datetime) -> datetime:
    """Note that the owner wants the account deleted; return when that will be. Raises `freezing.Frozen`.

    Asked again, the day stays as it was.
    """
    freezing.ensure_not_frozen(account_id)
    erase_at = at + settings.ERASED_AFTER
    if models.Account.objects.filter(id=account_id, erase_at=None).update(erase_at=erase_at):
        journal.note(account_id=account_id, kind=EventKind.ERASURE_ASKED, at=at)
        return erase_at
    return models.Account.objects.values_list("erase_at", flat=True).get(id=account_id) or erase_at


@transaction.atomic
def call_off(*, account_id: int, at: datetime) -> None:
    """Keep the account after all; a second call does nothing."""
    if models.Account.objects.filter(id=account_id).exclude(erase_at=None).update(erase_at=None):
        journal.note(account_id=account_id, kind=EventKind.ERASURE_UNDONE, at=at)


def due(now: datetime) -> list[int]:
    """Return the accounts to delete by now."""
    return list(models.Account.objects.filter(erase_at__lte=now).order_by("erase_at").values_list("id", flat=True))


def lock_due(account_id: int, now: datetime) -> bool:
    """Return whether the account still is to be deleted; until the transaction ends nobody can call that off."""
    return models.Account.objects.select_for_update().filter(id=account_id, erase_at__lte=now, frozen_at=None).exists()


def erase(*, account_id: int, recipients: list[str]) -> None:
    """Delete, in the caller's transaction, the account and all that hangs on it, and the codes sent to `recipients`.

    Every table that points at an account falls with it. The counters of numbers stay: they keep guessing out, hold
    nothing but times, and are forgotten after two days.
    """
    models.Challenge.objects.filter(Q(number__in=recipients) | Q(address__in=recipients)).delete()
    models.Account.objects.get(id=account_id).delete()
    outbox.announce(AccountErased(account_id))
