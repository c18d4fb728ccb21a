"""Entry by a line that the operator's own network recognised."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from abonent.domains.identity import actions as identity
from abonent.domains.identity.recognition_rules import Fault, NotRecognised, Seen
from abonent.domains.lines import models, queries
from abonent.domains.lines.actions import Entered, give_access


@transaction.atomic
def enter(*, seen: Seen, language: str, at: datetime) -> Entered:
    """Open the account of the line that the gateway saw; the first time, make it: the SIM, or the line, is there.

    Raises `NotRecognised` when nothing is served under that name, when it is blocked, or when its SIM or its
    forwarding changed lately: whoever took a number over must not find its owner's cabinet open.
    """
    # Two first entries at once must agree on one account.
    served = models.Line.objects.select_for_update(no_key=True).filter(
        number=seen.name, service=seen.service, closed_at=None, blocked_at=None
    )
    line = served.first()
    if line is None:
        raise NotRecognised(Fault.UNKNOWN)
    account_id = queries.account_of(line.pk)
    if account_id is not None and queries.hold_of(line.pk, at) is not None:
        raise NotRecognised(Fault.HELD)
    account_id = account_id or identity.open_account(language=language)
    give_access(line_id=line.pk, account_id=account_id, at=at)
    return Entered(account_id, line.pk)
