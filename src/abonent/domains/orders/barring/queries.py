"""Reads of call barring; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.actions import Pin
from abonent.domains.lines.pins.rules import Guards
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.barring import rules
from abonent.domains.orders.barring.rules import Direction, Facts, State, Why


@dataclass(frozen=True, slots=True)
class Standing:
    """Barring of one direction: the programme that is on ("": none), since when; `coming` is on its way, None: nothing.

    `failed` is the last one when the network refused it.
    """

    direction: Direction
    program: str
    since: datetime | None
    coming: str | None
    failed: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Barring of a line and the PIN that guards it, None: none was chosen."""

    standings: tuple[Standing, ...]
    pin: Pin | None


def overview(line: Line) -> Overview:
    """Return the page of a line's barring."""
    return Overview(tuple(standings(line.id)), pins.of_line(line.id, Guards.BARRING))


def standings(line_id: int, directions: Collection[Direction] = tuple(Direction)) -> list[Standing]:
    """Return how barring of the line stands, by direction."""
    changes = models.BarringChange.objects.filter(line_id=line_id, direction__in=list(directions))
    # Of each state the newest, however many changes there were.
    newest = changes.order_by("direction", "state", "-placed_at", "-id").distinct("direction", "state")
    rows = sorted(newest, key=lambda row: (row.placed_at, row.id), reverse=True)
    return [_standing(direction, [row for row in rows if row.direction == direction]) for direction in directions]


def refusal(line: Line, direction: Direction, program: str) -> Why | None:
    """Return why barring of the line cannot become that now."""
    now = standings(line.id, [direction])[0]
    facts = Facts(line.service, provisioning_network.is_there(), now.coming is not None, now.program)
    return rules.refused(facts, program)


def _standing(direction: Direction, rows: list[models.BarringChange]) -> Standing:
    """Return what the changes of a direction, the newest first, come to."""
    done = next((row for row in rows if row.state == State.DONE), None)
    coming = next((row.program for row in rows if row.state == State.ASKED), None)
    failed = rows[0].program if rows and rows[0].state == State.FAILED else None
    on = done.program if done else ""
    return Standing(direction, on, done.ended_at if done and on else None, coming, failed)
