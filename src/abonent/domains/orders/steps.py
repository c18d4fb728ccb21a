"""An order, whose row is locked, comes one step on; what is held for it is released."""

from __future__ import annotations

from datetime import datetime

from abonent.domains.billing import products as money
from abonent.domains.lines import tariffs
from abonent.domains.orders import models
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import FINAL, Event, State, after


def step(row: models.Order, event: Event, at: datetime, reason: str = "") -> None:
    """Bring the order, which is locked, one step on and write that down."""
    row.state, row.reason = after(State(row.state), event), reason[:100]
    if row.state in FINAL:
        row.ended_at = at
    row.save(update_fields=["state", "reason", "ended_at", "command_id", "taken_minor"])
    models.Step.objects.create(order=row, state=row.state, at=at)
    if row.action == Action.TARIFF and row.state in FINAL:
        tariffs.plan(line_id=row.line_id, at=None)


def release(row: models.Order, at: datetime) -> None:
    """Release what is held for the order."""
    money.release(order_id=row.id, once_minor=row.once_minor, fee_minor=row.fee_minor, at=at)
