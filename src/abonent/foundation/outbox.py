"""Events: announced in the transaction that made them true, answered later by a worker.

An announcement is one job per reaction, written in the same transaction; the job table is the outbox. Who answers
what stands in `config/reactions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from importlib import import_module
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

# After 2, 4, 8 … seconds, for a day and a half in all: what is announced is true, and whatever is in the way passes.
PATIENCE = RetryStrategy(max_attempts=16, exponential_wait=2)

_reactions: dict[type, tuple[str, ...]] = {}


def wire(reactions: Mapping[type, tuple[str, ...]]) -> None:
    """Tell which functions (dotted paths) answer which event; called once at start."""
    _reactions.clear()
    _reactions.update(reactions)


def announce(event: object) -> None:
    """Queue every reaction to `event`, a frozen dataclass of JSON values, in the current transaction."""
    if not is_dataclass(event) or isinstance(event, type):
        raise TypeError(f"an event is a dataclass instance, not {event!r}")
    for reaction in _reactions.get(type(event), ()):
        react.defer(reaction=reaction, event=asdict(event))


@app.task(name="react", queue="events", retry=PATIENCE, pass_context=False)
def react(reaction: str, event: dict[str, Any]) -> None:
    """Call the function at the dotted path `reaction` with the event's fields."""
    module, _, name = reaction.rpartition(".")
    answer: Callable[..., None] = getattr(import_module(module), name)
    answer(**event)
