"""What becomes of a number that changes its operator: a table of transitions for each direction. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a request stands, in either direction.

    A port-in is `DRAFT` until its owner proved to hold the number, `REQUESTED` until the central database has it,
    `CANCELLING` from its owner's wish until the central database has heard that. A port-out is `ASKED` until we
    answer, and `STOPPED` once its owner said no; `RETURNED` is a number that came back to us.
    """

    DRAFT = "draft"
    REQUESTED = "requested"
    CHECKING = "checking"
    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    STOPPED = "stopped"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PORTED = "ported"
    RETURNED = "returned"


class Event(StrEnum):
    """What happens to a request."""

    PROVED = "proved"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    STOPPED = "stopped"
    CALLED_OFF = "called off"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PORTED = "ported"
    RETURNED = "returned"


Table = Mapping[tuple[State, Event], State]

PORT_IN: Table = {
    (State.DRAFT, Event.PROVED): State.REQUESTED,
    (State.REQUESTED, Event.RECEIVED): State.CHECKING,
    (State.REQUESTED, Event.ACCEPTED): State.ACCEPTED,
    (State.REQUESTED, Event.REFUSED): State.REFUSED,
    (State.REQUESTED, Event.CALLED_OFF): State.CANCELLING,
    (State.CHECKING, Event.ACCEPTED): State.ACCEPTED,
    (State.CHECKING, Event.REFUSED): State.REFUSED,
    (State.CHECKING, Event.CALLED_OFF): State.CANCELLING,
    (State.CHECKING, Event.CANCELLED): State.CANCELLED,
    (State.CHECKING, Event.FAILED): State.FAILED,
    (State.ACCEPTED, Event.REFUSED): State.REFUSED,
    (State.ACCEPTED, Event.CALLED_OFF): State.CANCELLING,
    (State.ACCEPTED, Event.CANCELLED): State.CANCELLED,
    (State.ACCEPTED, Event.PORTED): State.PORTED,
    (State.ACCEPTED, Event.FAILED): State.FAILED,
    # Answers in between were never heard: what the central database says of where a number is holds.
    (State.REQUESTED, Event.CANCELLED): State.CANCELLED,
    (State.REQUESTED, Event.FAILED): State.FAILED,
    (State.REQUESTED, Event.PORTED): State.PORTED,
    (State.CHECKING, Event.PORTED): State.PORTED,
    # The wish came too late, or crossed an answer.
    (State.CANCELLING, Event.CANCELLED): State.CANCELLED,
    (State.CANCELLING, Event.REFUSED): State.REFUSED,
    (State.CANCELLING, Event.PORTED): State.PORTED,
    (State.CANCELLING, Event.FAILED): State.FAILED,
}
PORT_OUT: Table = {
    (State.ASKED, Event.ACCEPTED): State.ACCEPTED,
    (State.ASKED, Event.REFUSED): State.REFUSED,
    (State.ASKED, Event.STOPPED): State.STOPPED,
    (State.ASKED, Event.CANCELLED): State.CANCELLED,
    (State.ASKED, Event.FAILED): State.FAILED,
    (State.ACCEPTED, Event.STOPPED): State.STOPPED,
    (State.ACCEPTED, Event.CANCELLED): State.CANCELLED,
    (State.ACCEPTED, Event.PORTED): State.PORTED,
    (State.ACCEPTED, Event.FAILED): State.FAILED,
    # The central database is right about where a number is, whatever we answered.
    (State.ASKED, Event.PORTED): State.PORTED,
    (State.STOPPED, Event.PORTED): State.PORTED,
    (State.REFUSED, Event.PORTED): State.PORTED,
    (State.PORTED, Event.RETURNED): State.RETURNED,
}
IN_OPEN = frozenset({State.REQUESTED, State.CHECKING, State.ACCEPTED, State.CANCELLING})
OUT_OPEN = frozenset({State.ASKED, State.ACCEPTED})
# What the central database says of a request, as what happens to ours.
SAID: Mapping[str, Event] = {
    "checking": Event.RECEIVED,
    "accepted": Event.ACCEPTED,
    "refused": Event.REFUSED,
    "cancelled": Event.CANCELLED,
    "failed": Event.FAILED,
    "ported": Event.PORTED,
    "returned": Event.RETURNED,
}


class NoSuchStep(Exception):
    """This cannot happen to a request that stands there."""


def after(table: Table, state: State, event: Event) -> State:
    """Return where the request stands after the event; raise `NoSuchStep`."""
    try:
        return table[state, event]
    except KeyError:
        raise NoSuchStep(f"{event} of a request that is {state}") from None


def can(table: Table, state: State, event: Event) -> bool:
    """Return whether that can happen: an old story, and one told twice, cannot."""
    return (state, event) in table
