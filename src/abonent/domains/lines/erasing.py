"""An account deleted at its owner's wish, with all that is known of the person by it; contracts and bills stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from abonent.domains.identity import erasing as identity
from abonent.domains.identity import queries as accounts
from abonent.domains.lines import events, models, queries
from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.messaging import actions as messaging
from abonent.foundation import audit, outbox
from abonent.foundation.audit import Actor

ERASER = Actor("system", "erasing")


@transaction.atomic
def erase(*, account_id: int, at: datetime) -> bool:
    """Delete the account if it is due at `at`, all or nothing; return whether it was.

    With it goes what was ever sent to its own numbers and its address. One message more says that it is done: it
    holds a number and nothing else.
    """
    if not identity.lock_due(account_id, at):
        return False
    standing = accounts.standing(account_id)
    numbers = own_numbers(account_id)
    recipients = [*numbers, *([standing.email] if standing.email else [])]
    # With it goes the cabinet that could have ended what others see of its lines.
    proven = _proven(account_id)
    for line_id in proven:
        sharing.end_of_line(line_id=line_id, at=at)
        pins.forget(line_id=line_id)
    outbox.announce(events.LinesForgotten(proven))
    messaging.forget(recipients=recipients)
    identity.erase(account_id=account_id, recipients=recipients)
    # The proof that it was done: an id that leads to nobody any more.
    audit.record(actor=ERASER, action="cabinet deleted", subject=f"account {account_id}", at=at)
    for number in numbers[:1]:
        messaging.send(recipient=number, template="erased", params={}, language=standing.language)
    return True


def _proven(account_id: int) -> list[int]:
    """Return the lines that the account proved, and with that nobody else."""
    return list(
        models.LineAccess.objects.filter(account_id=account_id).order_by("line_id").values_list("line", flat=True)
    )


def own_numbers(account_id: int) -> list[str]:
    """Return the mobile numbers that the account sees and that open no other account, the main one first."""
    mobile = [line for line in queries.of_account(account_id) if line.service == "mobile"]
    others = models.LineAccess.objects.filter(line_id__in=[line.id for line in mobile]).exclude(account_id=account_id)
    taken = set(others.values_list("line_id", flat=True))
    own = [line for line in mobile if line.id not in taken]
    return [*(line.number for line in own), *_earlier([line.id for line in own])]


def _earlier(line_ids: list[int]) -> list[str]:
    """Return the numbers that the lines had before and that are nobody else's by now."""
    past = models.PastNumber.objects.filter(line_id__in=line_ids).values_list("number", flat=True).distinct()
    served = models.Line.objects.filter(number__in=past, closed_at=None).values_list("number", flat=True)
    return sorted(set(past) - set(served))
