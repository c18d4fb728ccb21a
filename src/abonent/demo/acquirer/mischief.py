"""What can go wrong at the bank, set on its page of control or by JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from random import random
from typing import Any

LIES = ("", "unsigned", "signed")


@dataclass(frozen=True)
class Mischief:
    """What the bank does wrong. `lose` is the share of answers that are lost after the thing was done.

    `repeat` is how many times more each callback comes, `early`: before the answer to what caused it. `lie` says of
    every new order that it was paid: by a callback nobody signed, or by a signed one. `down`: nothing arrives.
    `settle_after_s`: money shows up so much later. `pays`: every order is paid as soon as it is registered.
    """

    slow_ms: int = 0
    lose: float = 0.0
    repeat: int = 0
    early: bool = False
    silent: bool = False
    lie: str = ""
    down: bool = False
    settle_after_s: int = 0
    pays: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def loses_this(self) -> bool:
        return random() < self.lose


def changed(now: Mischief, given: Mapping[str, Any]) -> Mischief:
    """Return what is set after `given`, values as JSON or as a form has them; raise `ValueError` for nonsense."""
    kept = asdict(now)
    for one in fields(Mischief):
        if one.name not in given:
            continue
        kept[one.name] = _value(one.name, given[one.name], kept[one.name])
    return Mischief(**kept)


def _value(name: str, given: Any, before: Any) -> Any:
    if isinstance(before, bool):
        return given if isinstance(given, bool) else str(given).lower() in ("1", "on", "true", "yes")
    if name == "lie":
        if given not in LIES:
            raise ValueError(f"lie: one of {LIES}")
        return given
    number = float(given or 0)
    limits = {"slow_ms": 60_000, "lose": 1, "repeat": 20, "settle_after_s": 3600}
    if not 0 <= number <= limits[name]:
        raise ValueError(f"{name}: from 0 to {limits[name]}")
    return number if name == "lose" else int(number)


def of(kept: Mapping[str, Any]) -> Mischief:
    """Return what was stored."""
    return changed(Mischief(), kept)
