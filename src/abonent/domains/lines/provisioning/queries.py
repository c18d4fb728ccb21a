"""Reads of commands to the network; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from abonent.domains.lines import models
from abonent.domains.lines.provisioning.rules import State


@dataclass(frozen=True, slots=True)
class Asked:
    """What the network was, or will be, asked; `sent_at` None: not yet, other commands of the line go first."""

    command_id: UUID
    line_id: int
    on: tuple[str, ...]
    off: tuple[str, ...]
    state: State
    tries: int
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    reason: str


def asked_for(reference: UUID) -> list[Asked]:
    """Return everything that the network was asked for the sake of `reference`, in time order."""
    return [_value(row) for row in models.ProvisioningCommand.objects.filter(reference=reference).order_by("pk")]


def command(command_id: UUID) -> Asked | None:
    """Return how a command stands."""
    row = models.ProvisioningCommand.objects.filter(command_id=command_id).first()
    return _value(row) if row else None


def _value(row: models.ProvisioningCommand) -> Asked:
    return Asked(
        command_id=row.command_id,
        line_id=row.line_id,
        on=tuple(row.features_on),
        off=tuple(row.features_off),
        state=State(row.state),
        tries=row.tries,
        created_at=row.created_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        reason=row.reason,
    )
