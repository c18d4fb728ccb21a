"""How a line's holder wants to be told: written down, and told where somebody else might have silenced it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from abonent.domains.identity import journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import preferences
from abonent.domains.messaging.rules_topics import Wishes


@transaction.atomic
def choose(*, account_id: int, line: Line, wishes: Wishes, at: datetime) -> bool:
    """Tell the line (of the account's own) as wished from now on; return whether it was otherwise before.

    Fewer SMS are a change of how safe the cabinet is: the owner hears of it by SMS and e-mail.
    """
    before = preferences.set_wishes(recipient=line.number, wishes=wishes, at=at)
    if wishes.sms_off - before.sms_off:
        journal.note(account_id=account_id, kind=EventKind.NOTICES_CHANGED, at=at, detail={"number": line.number})
    return wishes != before
