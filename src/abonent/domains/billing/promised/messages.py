"""What the owner of a promised payment is told by SMS, written with what it tells of."""

from __future__ import annotations

from datetime import datetime, timedelta

from abonent.domains.billing import models
from abonent.domains.billing.promised.rules import Terms
from abonent.domains.lines import queries as lines
from abonent.domains.messaging import actions as messaging


def taken(promise: models.Promise) -> None:
    """It is on the balance."""
    _tell(promise, "promised taken", sum=promise.amount_minor, fee=promise.fee_minor, until=promise.due_at)


def warned(promise: models.Promise) -> None:
    """It is due soon."""
    _tell(promise, "promised due", left=promise.amount_minor - promise.repaid_minor, until=promise.due_at)


def repaid(promise: models.Promise, amount_minor: int) -> None:
    """A top-up repaid it, or a part of it."""
    left = promise.amount_minor - promise.repaid_minor
    _tell(promise, "promised repaid", sum=amount_minor, left=left, until=promise.due_at)


def taken_back(promise: models.Promise, amount_minor: int, now: datetime) -> None:
    """The deadline took what was left; nothing is told of the next one when it may be had at once."""
    again = promise.due_at + timedelta(days=Terms.from_json(promise.rules.terms).unpaid_pause_days)
    pause = {"until": again} if again > now else {}
    _tell(promise, "promised taken back", sum=amount_minor, **pause)


def _tell(promise: models.Promise, template: str, **params: int | datetime) -> None:
    number = lines.contact_of(promise.line_id).number
    if not number:
        # The line is closed or blocked: nothing reaches it, and the cabinet says the same.
        return
    texts = {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in params.items()}
    language = lines.holder(promise.line_id, promise.taken_at).language
    messaging.send(recipient=number, template=template, params=texts, language=language)
