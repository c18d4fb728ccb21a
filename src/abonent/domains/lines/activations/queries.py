"""Reads of activations; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from abonent.domains.lines import models
from abonent.domains.lines.activations import rules
from abonent.domains.lines.activations.rules import Facts, Refusal
from abonent.domains.lines.bars.rules import bars_all
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.queries import Line

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation; `ended_at` None: it is on its way, `failed`: the network refused it."""

    id: UUID
    asked_at: datetime
    ended_at: datetime | None
    failed: bool


def lately(line_id: int) -> list[Activation]:
    """Return the last activations of the line, the newest first."""
    rows = models.Activation.objects.filter(line_id=line_id).order_by("-asked_at", "id")
    return [value_of(row) for row in rows[:SHOWN]]


def refused(line: Line, now: datetime) -> Refusal | None:
    """Return why nothing can be sent to the card of the line now."""
    past = lately(line.id)
    card = equipment_queries.card_of(line.id) if line.service == "satellite" else ""
    # An unpaid fee or a wish bars a dish whole: what calls are barred from means nothing here.
    barred = bars_all(line.bars) or "unpaid" in line.bars
    facts = Facts(
        service=line.service,
        network=provisioning_network.is_there(),
        card=card,
        barred=barred,
        open_=any(one.ended_at is None for one in past),
        asked=[one.asked_at for one in past if not one.failed],
    )
    return rules.refused(facts, now)


def value_of(row: models.Activation) -> Activation:
    """Return the value of a row."""
    return Activation(row.id, row.asked_at, row.ended_at, row.failed)
