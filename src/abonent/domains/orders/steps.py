"""What every kind of order takes, its row being locked: a step on, a command to the network, its money back."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from uuid import UUID, uuid5

from abonent.domains.billing import products as money
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.orders import models
from abonent.domains.orders.states import FINAL, Event, State, after


class Impossible(Exception):
    """It cannot be done any more; `reason` is for the order's trace."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotYet(Exception):
    """It waits for its owner, not for us: somebody looks again later."""


def command_of(row: models.Order) -> UUID:
    """Return the id of the one command that the order asks the network with, however often it is taken up."""
    return uuid5(row.id, "command")


def enqueue(row: models.Order, on: Set[str], off: Set[str], at: datetime) -> UUID | None:
    """Have the network switch features of the line on and off; return the command, None when there is nothing to."""
    if not on and not off:
        return None
    command_id = command_of(row)
    provisioning.enqueue(command_id=command_id, line_id=row.line_id, on=on, off=off, reference=row.id, at=at)
    return command_id


def step(row: models.Order, event: Event, at: datetime, reason: str = "") -> None:
    """Bring the order, which is locked, one step on and write that down."""
    row.state, row.reason = after(State(row.state), event), reason[:100]
    if row.state in FINAL:
        row.ended_at = at
    row.save(update_fields=["state", "reason", "ended_at", "command_id", "taken_minor"])
    models.Step.objects.create(order=row, state=row.state, at=at)


def release(row: models.Order, at: datetime) -> None:
    """Release what is held for the order."""
    money.release(order_id=row.id, once_minor=row.once_minor, fee_minor=row.fee_minor, at=at)
