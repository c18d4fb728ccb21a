"""The life of a message to a person."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    # The network keeps it until the handset is within reach.
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    # Written like any other and never sent, so that whoever asked cannot tell the difference.
    WITHHELD = "withheld"
    # Its receiver wants no SMS of the kind: it stands in the cabinet alone.
    KEPT = "kept"


class Event(StrEnum):
    PICKED_UP = "picked up"
    ACCEPTED = "accepted by the gateway"
    TRY_LATER = "to be tried later"
    GIVEN_UP = "given up"
    RECEIVED = "received by the handset"
    HELD = "held until the handset is within reach"
    LOST = "not received by the handset"


class WrongState(ValueError):
    """The event cannot happen in this state."""


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.QUEUED, Event.PICKED_UP): State.SENDING,
    # A worker killed in the middle leaves a message in sending; the next one picks it up again.
    (State.SENDING, Event.PICKED_UP): State.SENDING,
    (State.WITHHELD, Event.PICKED_UP): State.WITHHELD,
    (State.SENDING, Event.ACCEPTED): State.SENT,
    (State.SENDING, Event.TRY_LATER): State.QUEUED,
    (State.SENDING, Event.GIVEN_UP): State.FAILED,
    (State.SENT, Event.RECEIVED): State.DELIVERED,
    (State.SENT, Event.HELD): State.WAITING,
    (State.SENT, Event.LOST): State.FAILED,
    (State.WAITING, Event.HELD): State.WAITING,
    (State.WAITING, Event.RECEIVED): State.DELIVERED,
    (State.WAITING, Event.LOST): State.FAILED,
    # A fast gateway, or a killed worker: the network tells of it before we wrote down that the gateway took it.
    (State.SENDING, Event.RECEIVED): State.DELIVERED,
    (State.SENDING, Event.HELD): State.WAITING,
    (State.SENDING, Event.LOST): State.FAILED,
}
RECEIPTS = (Event.RECEIVED, Event.HELD, Event.LOST)


def after(state: State, event: Event) -> State:
    """Return the state that follows, or raise `WrongState`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise WrongState(f"a message that is {state} cannot be {event}") from None
