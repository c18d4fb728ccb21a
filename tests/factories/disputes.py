"""Charges that customers do not agree with."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from abonent.domains.billing import models
from abonent.domains.lines.queries import Line
from abonent.domains.support.disputes import actions as disputes
from abonent.domains.support.disputes.actions import Thing
from abonent.domains.support.disputes.rules import Reason
from abonent.domains.support.queries import Agent
from abonent.foundation.clock import now


def of_charge(charge_id: UUID) -> Thing:
    row = models.Charge.objects.get(id=charge_id)
    return Thing(charge_id, None, -row.amount_minor, row.category, row.booked_at)


def of_payment(payment_id: UUID) -> Thing:
    row = models.Payment.objects.get(id=payment_id)
    return Thing(None, payment_id, row.amount_minor, row.method, row.booked_at)


def opened(line: Line, thing: Thing, *, reason: Reason = Reason.NOT_ORDERED, at: datetime | None = None) -> int:
    """Open a dispute and return its number."""
    return disputes.open_dispute(line=line, thing=thing, reason=reason, comment="Услугу не подключал", at=at or now())[
        0
    ]


def taken(by: Agent, dispute_id: int, at: datetime | None = None) -> int:
    """Let an agent take the dispute; return the case."""
    return disputes.take(agent=by, dispute_id=dispute_id, origin="", at=at or now())


def answered(
    by: Agent, case_id: int, said: str = "Услуга подключена кодом *100# 3 ноября", at: datetime | None = None
) -> None:
    disputes.answer(agent=by, case_id=case_id, said=said, origin="", at=at or now())
