"""How a request goes from its arrival to its end: TM Forum's trouble ticket (621). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """How a request stands."""

    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in progress"
    # We asked back: the customer has the word.
    PENDING = "pending"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What happens to a request."""

    TAKEN = "taken"
    GIVEN_BACK = "given back"
    ASKED = "asked"
    WRITTEN = "written"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    REOPENED = "reopened"
    TIMED_OUT = "timed out"
    CALLED_OFF = "called off"


class NotNow(Exception):
    """That cannot happen to a request as it stands; `state` says how it does."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event} while {state}")
        self.state = state
        self.event = event


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.ACKNOWLEDGED, Event.TAKEN): State.IN_PROGRESS,
    (State.ACKNOWLEDGED, Event.WRITTEN): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Event.CALLED_OFF): State.CANCELLED,
    (State.IN_PROGRESS, Event.GIVEN_BACK): State.ACKNOWLEDGED,
    (State.IN_PROGRESS, Event.WRITTEN): State.IN_PROGRESS,
    (State.IN_PROGRESS, Event.ASKED): State.PENDING,
    (State.IN_PROGRESS, Event.ANSWERED): State.RESOLVED,
    (State.IN_PROGRESS, Event.CALLED_OFF): State.CANCELLED,
    (State.PENDING, Event.WRITTEN): State.IN_PROGRESS,
    # We found out without the customer.
    (State.PENDING, Event.ANSWERED): State.RESOLVED,
    (State.PENDING, Event.TIMED_OUT): State.CLOSED,
    (State.PENDING, Event.CALLED_OFF): State.CANCELLED,
    (State.RESOLVED, Event.ACCEPTED): State.CLOSED,
    (State.RESOLVED, Event.REOPENED): State.ACKNOWLEDGED,
    (State.RESOLVED, Event.TIMED_OUT): State.CLOSED,
    (State.CLOSED, Event.REOPENED): State.ACKNOWLEDGED,
}
# Somebody of us has to do something.
WAITS_FOR_US = frozenset({State.ACKNOWLEDGED, State.IN_PROGRESS})
OPEN = WAITS_FOR_US | {State.PENDING}


def step(state: State, event: Event) -> State:
    """Return how it stands after that; raise `NotNow`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NotNow(state, event) from None


def can(state: State, event: Event) -> bool:
    """Return whether that can happen now."""
    return (state, event) in TRANSITIONS
