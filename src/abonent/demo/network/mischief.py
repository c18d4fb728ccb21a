"""What can go wrong in the network of the demo, set on its page of control or by JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from random import random
from typing import Any


@dataclass(frozen=True)
class Mischief:
    """What the network does wrong. `slow_ms`: every answer takes so long; `accept_s`: a command so long.

    `lose` is the share of answers that are lost after the thing was done. `refuse`: everything is refused. `forget`: it
    says that it did what it did not do. `down`: nothing arrives.
    """

    slow_ms: int = 0
    accept_s: int = 0
    lose: float = 0.0
    refuse: bool = False
    forget: bool = False
    down: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def loses_this(self) -> bool:
        return random() < self.lose


LIMITS = {"slow_ms": 60_000, "accept_s": 3_600, "lose": 1}
FLAGS = ("refuse", "forget", "down")


def changed(now: Mischief, given: Mapping[str, Any]) -> Mischief:
    """Return what is set after `given`, values as JSON or as a form has them; raise `ValueError` for nonsense."""
    kept = asdict(now)
    for one in fields(Mischief):
        if one.name not in given:
            continue
        value = given[one.name]
        if one.name in FLAGS:
            kept[one.name] = value if isinstance(value, bool) else str(value).lower() in ("1", "on", "true", "yes")
            continue
        number = float(value or 0)
        if not 0 <= number <= LIMITS[one.name]:
            raise ValueError(f"{one.name}: from 0 to {LIMITS[one.name]}")
        kept[one.name] = number if one.name == "lose" else int(number)
    return Mischief(**kept)
