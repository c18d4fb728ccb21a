"""What the subscriber hears of subscriptions of content providers, by SMS."""

from __future__ import annotations

from datetime import datetime, timedelta

from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.rules import Priority
from abonent.domains.messaging.secrets import SecretRef
from abonent.domains.messaging.texts import sms as texts
from abonent.domains.orders import models

ASKED = "subscription asked"
SECRET = "consent"  # noqa: S105 - the name of a kind
# What stands in the evidence where the code stood.
HIDDEN = "••••••"
REFUSED_EVERY = timedelta(days=1)


def wording(row: models.Subscription, line: Line) -> str:
    """Return what the SMS says that asks for the consent, without its code."""
    return texts.render(ASKED, _asked(row, line), HIDDEN, row.language)


def asked(row: models.Subscription, line: Line) -> None:
    """Ask the subscriber, with a code that only this message holds."""
    messaging.send(
        recipient=line.number, template=ASKED, params=_asked(row, line), language=row.language, priority=Priority.CODE,
        secret=SecretRef(SECRET, str(row.id)),
    )  # fmt: skip


def refused(row: models.Subscription, line: Line, at: datetime) -> None:
    """Something was refused for the subscriber; once a day, however often somebody tries."""
    if not line.blocked_at:
        messaging.send_rarely(
            every=REFUSED_EVERY, recipient=line.number, template="subscription refused", params=_about(row, line),
            language=line.language, at=at,
        )  # fmt: skip


def began(row: models.Subscription, line: Line) -> None:
    """It is agreed to and paid for the first days."""
    _send(row, line, "subscription began", next=row.end_day.isoformat() if row.end_day else "")


def paused(row: models.Subscription, line: Line, missing_minor: int) -> None:
    """There is too little for the fee: so much is missing."""
    until = row.try_at.isoformat() if row.try_at else ""
    _send(row, line, "subscription paused", missing=str(missing_minor), until=until)


def resumed(row: models.Subscription, line: Line) -> None:
    """It was paid and goes on."""
    _send(row, line, "subscription goes on", next=row.end_day.isoformat() if row.end_day else "")


def ended(row: models.Subscription, line: Line) -> None:
    """It is over: until when it works, and what comes back."""
    until = row.works_until.isoformat() if row.works_until else ""
    _send(row, line, "subscription ended", until=until, back=str(row.back_minor), why=row.why)


def _send(row: models.Subscription, line: Line, template: str, **more: str) -> None:
    recipient = lines.contact_of(line.id).number
    if recipient:
        params = {**_about(row, line), **more}
        messaging.send(recipient=recipient, template=template, params=params, language=line.language)


def _about(row: models.Subscription, line: Line) -> dict[str, str]:
    return {
        "service": row.names.get(line.language, row.service), "sum": str(row.price_minor), "per": row.per,
        "number": line.number, "short": row.short_number, "id": str(row.id),
    }  # fmt: skip


def _asked(row: models.Subscription, line: Line) -> dict[str, str]:
    return _about(row, line) | {"until": row.expires_at.isoformat()}
