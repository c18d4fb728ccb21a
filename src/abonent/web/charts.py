"""Gauges and donuts as numbers that SVG attributes take. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

GAUGE_RADIUS = 44
DONUT_RADIUS = 43
# The ends of a gauge are round and stick out by half of its stroke: shorter than this, and only a dot is seen.
SHORTEST = 0.002
GAP = 0.012
LOW_BELOW = 0.2
COLORS = 6


@dataclass(frozen=True, slots=True)
class Gauge:
    """A ring that shows what is left. `figure` empty: without limit. `dash` empty: nothing to draw."""

    name: str
    figure: str
    unit: str
    of: str
    dash: str
    low: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a donut: `color` 1 to 6, `turn` in degrees from three o'clock."""

    color: int
    dash: str
    turn: str


def gauge_dash(share: float) -> str:
    """Return `stroke-dasharray` of a ring filled by `share`, 0 to 1."""
    around = 2 * pi * GAUGE_RADIUS
    return f"{max(min(share, 1.0), SHORTEST) * around:.1f} {around:.1f}" if share > 0 else ""


def is_low(left: int, amount: int) -> bool:
    return left < amount * LOW_BELOW


def color(index: int) -> int:
    """Return the number of the colour of the part at `index`: 1 to 6, the last for all that follow."""
    return min(index, COLORS - 1) + 1


def slices(parts: Sequence[int]) -> tuple[Slice, ...]:
    """Return a slice for each part above nothing, in the given order, clockwise from the top."""
    total = sum(part for part in parts if part > 0)
    around = 2 * pi * DONUT_RADIUS
    shown = [(index, part / total) for index, part in enumerate(parts) if part > 0]
    gap = GAP if len(shown) > 1 else 0.0
    drawn = []
    before = 0.0
    for index, share in shown:
        length = max(share - gap, 0.003)
        drawn.append(
            Slice(
                color=color(index),
                dash=f"{length * around:.1f} {around:.1f}",
                turn=f"{(before + gap / 2) * 360 - 90:.1f}",
            )
        )
        before += share
    return tuple(drawn)
