"""What ends when a number changes hands: codes under way, and whatever else opened an account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import models as fields
from django.db import transaction
from django.db.models.functions import Least

from abonent.domains.identity import actions, models
from abonent.domains.identity.rules import Channel

# Codes that whoever holds the SIM gets to see or hear.
OVER_THE_NUMBER = frozenset({Channel.SMS, Channel.VOICE})
# What stays of an account that nothing opens any more: its history, for whoever has a right to ask.
KEPT = (models.SignIn, models.SecurityEvent)
# Whose tables may hold a way into an account.
KEEPERS_OF_WAYS = frozenset({"identity", "socialaccount"})


def kill_codes(*, number: str, at: datetime, channels: Collection[Channel] = tuple(Channel)) -> int:
    """Let every living code and one-time password on its way to `number` expire at `at`; return how many died.

    `number` is E.164; a code counts when the number's limits count for it, and when it was only sent there.
    """
    living = models.Challenge.objects.filter(spent_at=None, expires_at__gt=at, channel__in=list(channels))
    for_number = fields.Q(number=number) | fields.Q(address=number) | fields.Q(hidden=number)
    return living.filter(for_number).update(expires_at=Least("expires_at", fields.Value(at)))


def forget_limits(*, number: str) -> None:
    """Count nothing against `number` any more: what was sent and guessed was its former owner's."""
    models.NumberGuard.objects.filter(number=number).update(sends=[], failures=[], failures_in_a_row=0)


@transaction.atomic
def end_account(*, account_id: int, at: datetime) -> None:
    """End every way into an account that is nobody's any more: sessions, password, address, factors, links, devices.

    Whatever hangs on the account is taken for a way in, so that a new kind of them ends, too, before anybody thinks
    of it; only what was written down about it stays.
    """
    actions.end_sessions(account_id=account_id, at=at)
    account = models.Account.objects.select_for_update().get(id=account_id)
    account.set_unusable_password()
    account.email = account.email_confirmed_at = account.password_set_at = None
    account.has_second_factor = account.has_passkey = False
    account.save()
    for relation in models.Account._meta.get_fields(include_hidden=True):
        if not isinstance(relation, fields.ForeignObjectRel):
            continue
        table = relation.field.model
        if table._meta.app_label in KEEPERS_OF_WAYS and table not in KEPT:
            table._default_manager.filter(**{relation.field.name: account_id}).delete()
