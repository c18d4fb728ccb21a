"""Who brings a number and whose number is taken are told how it stands, by SMS, where they get it."""

from __future__ import annotations

from abonent.domains.identity import journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.messaging import actions as messaging
from abonent.domains.porting import models


def brought(row: models.PortIn) -> None:
    """Tell the number that is brought where its request stands now."""
    messaging.send(
        recipient=row.number, template="port in", language=row.language,
        params={
            "state": row.state, "reason": row.reason, "ref": str(row.ref),
            "at": row.window_from.isoformat() if row.window_from else "",
        },
    )  # fmt: skip


def taken(row: models.PortOut, language: str) -> None:
    """Tell the owner of a number that somebody takes it away, or that nobody does any more: everywhere, at once."""
    messaging.send(
        recipient=row.number, template="port out", language=language,
        params={
            "state": row.state, "reason": row.reason, "operator": row.operator, "ref": str(row.stop_ref),
            "number": row.number,
            "at": row.window_from.isoformat() if row.window_from else "",
        },
    )  # fmt: skip


def note_asked(row: models.PortOut) -> None:
    """Whoever sees the line hears of it on every other channel, and finds it in the history."""
    for account_id in lines.accounts_of_line(row.line_id or 0):
        journal.note(
            account_id=account_id, kind=EventKind.PORT_OUT_ASKED, at=row.asked_at, by=journal.NETWORK,
            detail={"number": row.number, "operator": row.operator}, not_to=row.number,
        )  # fmt: skip
