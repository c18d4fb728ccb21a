"""What changed how safe an account is: written down for its owner, and told on every other channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from abonent.domains.identity import models
from abonent.domains.identity.events import SecurityChanged
from abonent.domains.identity.rules import EventKind
from abonent.foundation import outbox

OWNER = "self"
NETWORK = "network"
# In the cabinet of somebody with whom the number is shared.
ANOTHER = "another"


def note(
    *,
    account_id: int,
    kind: EventKind,
    at: datetime,
    by: str = OWNER,
    detail: Mapping[str, str] | None = None,
    tell: bool = True,
    not_to: str = "",
) -> None:
    """Record in the current transaction what happened; with `tell`, the owner hears of it by SMS and e-mail.

    `detail` holds words for the page and the message, never a secret; `not_to` is the number (E.164) or address that
    proved the change itself and needs no message. Raises `ValueError` for what is no kind.
    """
    kind = EventKind(kind)
    held = dict(detail or {})
    models.SecurityEvent.objects.create(account_id=account_id, kind=kind, at=at, by=by, detail=held)
    if tell:
        outbox.announce(SecurityChanged(account_id, kind, held, not_to))
