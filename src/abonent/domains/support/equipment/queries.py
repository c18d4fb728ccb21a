"""Acts of things; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from abonent.domains.lines.equipment.rules import Kind as Thing
from abonent.domains.lines.equipment.rules import Terms
from abonent.domains.support import models
from abonent.domains.support.equipment.actions import Place
from abonent.domains.support.equipment.rules import Kind
from abonent.domains.support.rules import NotThere

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Act:
    """What was signed for; see the table of the same name."""

    id: int
    kind: Kind
    line_id: int
    thing: Thing
    model: str
    serial: str
    serial_before: str
    terms: Terms
    why: str
    activated: bool
    place: str
    agent_id: int
    at: datetime


def of_line(line_id: int) -> list[Act]:
    """Return the acts of a line, the newest first."""
    return [_value(row) for row in _rows().filter(line_id=line_id).order_by("-at", "-id")[:SHOWN]]


def of_place(place: Place) -> list[Act]:
    """Return the acts of a talk or a visit, in time."""
    return [_value(row) for row in _rows().filter(place=place.subject).order_by("at", "id")]


def own(act_id: int, agent_id: int) -> Act:
    """Return an act that the agent made; raise `NotThere`."""
    row = _rows().filter(id=act_id, agent_id=agent_id).first()
    if row is None:
        raise NotThere(act_id)
    return _value(row)


def _rows() -> QuerySet[models.Act]:
    return models.Act.objects.select_related("device")


def _value(row: models.Act) -> Act:
    return Act(
        row.pk, Kind(row.kind), row.line_id, Thing(row.device.kind), row.model, row.serial, row.serial_before,
        Terms.from_json(row.terms), row.why, row.activated, row.place, row.agent_id, row.at,
    )  # fmt: skip
