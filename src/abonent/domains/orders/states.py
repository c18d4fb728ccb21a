"""What becomes of an order, whatever it is for: one table of transitions (TM Forum, product order). Pure."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an order stands.

    `ACKNOWLEDGED`: written down, its price is held. `PENDING`: it waits for its day, or for its turn at the network.
    `IN_PROGRESS`: the network was asked, so it may be done already.
    """

    ACKNOWLEDGED = "acknowledged"
    PENDING = "pending"
    IN_PROGRESS = "in progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What happens to an order."""

    TAKEN_UP = "taken up"
    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"


TRANSITIONS = {
    (State.ACKNOWLEDGED, Event.TAKEN_UP): State.PENDING,
    (State.ACKNOWLEDGED, Event.UNDONE): State.CANCELLED,
    (State.ACKNOWLEDGED, Event.REFUSED): State.FAILED,
    (State.PENDING, Event.ASKED): State.IN_PROGRESS,
    (State.PENDING, Event.UNDONE): State.CANCELLED,
    (State.PENDING, Event.REFUSED): State.FAILED,
    (State.IN_PROGRESS, Event.DONE): State.COMPLETED,
    (State.IN_PROGRESS, Event.REFUSED): State.FAILED,
}
OPEN = frozenset({State.ACKNOWLEDGED, State.PENDING, State.IN_PROGRESS})
FINAL = frozenset(State) - OPEN
# Until it takes effect.
UNDONE_IN = frozenset(state for state, event in TRANSITIONS if event is Event.UNDONE)


class NoSuchStep(Exception):
    """This cannot happen to an order that stands there."""


def after(state: State, event: Event) -> State:
    """Return where the order stands after the event; raise `NoSuchStep`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NoSuchStep(f"{event} of an order that is {state}") from None
