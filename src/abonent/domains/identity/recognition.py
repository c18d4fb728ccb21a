"""Recognition by the operator's network: a ticket is believed once."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import connection

from abonent.domains.identity.models_federation import UsedTicket
from abonent.domains.identity.recognition_rules import (
    NONCE_LIFE,
    Fault,
    NotRecognised,
    Seen,
    check,
    nonce_of,
    read,
    ticket_key,
)


def take(*, ticket: str, held: str, audience: str, at: datetime) -> Seen:
    """Use the ticket up and return whom the gateway saw; raise `NotRecognised` unless it is for this browser and host.

    `held` are the random words this browser got, `audience` the host it opened. Of any number of browsers with the
    same ticket one at most gets through.
    """
    found = read(ticket, ticket_key(settings.RECOGNISER_KEY))
    check(found, audience=audience, nonce=nonce_of(held), now=at)
    if not spend(f"recognition|{found.nonce}", until=at + NONCE_LIFE):
        raise NotRecognised(Fault.USED)
    return Seen(found.service, found.name)


def spend(name: str, *, until: datetime) -> bool:
    """Note that the thing of that name did its work; return False when somebody was faster; kept `until` then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into identity_usedticket (hash, expires_at) values (%s, %s) on conflict do nothing",
            [hashlib.sha256(name.encode()).hexdigest(), until],
        )
        return bool(cursor.rowcount)


def forget(*, before: datetime) -> int:
    """Forget tickets that are too old to be believed anyway; return how many."""
    return UsedTicket.objects.filter(expires_at__lt=before).delete()[0]
