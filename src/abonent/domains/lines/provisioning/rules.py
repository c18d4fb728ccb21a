"""Where a command to the network stands, when it is asked again, and what differs from what should be. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# As long as one worker asks, nobody else does; who was killed is replaced after it. Longer than any request takes.
LEASE = timedelta(seconds=30)
PAUSE_FIRST_S, PAUSE_MAX_S = 5, 300
REASON_LENGTH_MAX = 100
# What the network calls a tariff, followed by its code.
TARIFF = "tariff-"


class State(StrEnum):
    """Where a command stands; once it was `SENT`, only an answer of the network ends it."""

    WAITING = "waiting"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What happens to a command."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


TRANSITIONS = {
    (State.WAITING, Event.ASKED): State.SENT,
    (State.WAITING, Event.WITHDRAWN): State.WITHDRAWN,
    (State.SENT, Event.ASKED): State.SENT,
    (State.SENT, Event.DONE): State.DONE,
    (State.SENT, Event.REFUSED): State.REFUSED,
}
OPEN = frozenset({State.WAITING, State.SENT})


class NoSuchStep(Exception):
    """This cannot happen to a command that stands there."""


def after(state: State, event: Event) -> State:
    """Return where the command stands after the event; raise `NoSuchStep`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NoSuchStep(f"{event} of a command that is {state}") from None


def pause(tries: int) -> timedelta:
    """Return how long to wait after `tries` questions that brought no end: 5, 10, 20 … seconds, five minutes at most.

    A network that comes back is not overrun at once, and nobody waits long for it then.
    """
    return timedelta(seconds=min(PAUSE_FIRST_S * 2 ** min(max(tries - 1, 0), 10), PAUSE_MAX_S))


@dataclass(frozen=True, slots=True)
class Difference:
    """What the network lacks of a line, and what it has too much."""

    line_id: int
    number: str
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def difference(
    line_id: int, number: str, *, should: Collection[str], has: Collection[str], known: Collection[str]
) -> Difference | None:
    """Return how the network differs from what should be, None when it does not.

    Only features of services and bars are ours to judge (`known`): others the network has for reasons of its own.
    """
    missing, extra = set(should) - set(has), (set(has) & set(known)) - set(should)
    if not missing and not extra:
        return None
    return Difference(line_id, number, tuple(sorted(missing)), tuple(sorted(extra)))
