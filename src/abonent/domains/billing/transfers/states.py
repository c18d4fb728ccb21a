"""What becomes of a transfer: asked for, confirmed by a proof, then done or refused; or its time is over. Pure."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a transfer stands; `CONFIRMED` lasts no longer than the transaction that moves the money or refuses."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


class Event(StrEnum):
    """What happens to a transfer."""

    PROVEN = "proven"
    MOVED = "moved"
    DENIED = "denied"
    TIME_OVER = "time over"


TRANSITIONS = {
    (State.ASKED, Event.PROVEN): State.CONFIRMED,
    (State.ASKED, Event.TIME_OVER): State.EXPIRED,
    (State.CONFIRMED, Event.MOVED): State.DONE,
    (State.CONFIRMED, Event.DENIED): State.REFUSED,
}
FINAL = frozenset({State.DONE, State.REFUSED, State.EXPIRED})


class NoSuchStep(Exception):
    """This cannot happen to a transfer that stands there."""


def after(state: State, event: Event) -> State:
    """Return where the transfer stands after the event; raise `NoSuchStep`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NoSuchStep(f"{event} of a transfer that is {state}") from None
