"""Reads of what the network does with the calls of one line, and of its SIM; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from abonent.domains.lines import models

DIGITS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Calls go to `target` under `condition` since `since`."""

    condition: str
    target: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Sim:
    """The SIM that serves a line: the last digits of its IMSI, since when, and whether its PUK is known here."""

    ending: str
    since: datetime
    has_puk: bool


def forwardings(line_id: int) -> dict[str, Forwarding]:
    """Return where calls of the line go now, by condition."""
    rows = models.Forwarding.objects.filter(line_id=line_id, until=None)
    return {row.condition: Forwarding(row.condition, row.target, row.since) for row in rows}


def sim_of(line_id: int) -> Sim | None:
    """Return the SIM that serves the line, as far as it is known."""
    row = models.Sim.objects.filter(line_id=line_id, until=None).first()
    return Sim(row.imsi[-DIGITS_SHOWN:], row.since, bool(row.puk)) if row else None
