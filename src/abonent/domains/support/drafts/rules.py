"""Drafts of what is sold and said: their states, who may do what with them, and what they change. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from abonent.domains.support.rules import Permission, Refusal, Refused

REASON_LENGTH_MAX = 500
# What a form may carry; a larger file is the command's: `abonent catalog load`.
TEXT_LENGTH_MAX = 50_000


class Kind(StrEnum):
    """What a draft is of."""

    OFFER = "offer"
    TARIFF = "tariff"
    QUESTION = "question"
    SHOP = "shop"


class State(StrEnum):
    """How a draft stands."""

    DRAFT = "draft"
    WAITING = "waiting"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Event(StrEnum):
    """What is done with a draft."""

    MADE = "made"
    SAVED = "saved"
    HANDED_OVER = "handed over"
    TAKEN_BACK = "taken back"
    SENT_BACK = "sent back"
    PUBLISHED = "published"
    DISCARDED = "discarded"


OPEN = frozenset({State.DRAFT, State.WAITING})
MOVES: Mapping[tuple[State, Event], State] = {
    (State.DRAFT, Event.SAVED): State.DRAFT,
    (State.DRAFT, Event.HANDED_OVER): State.WAITING,
    (State.DRAFT, Event.DISCARDED): State.DISCARDED,
    (State.WAITING, Event.TAKEN_BACK): State.DRAFT,
    (State.WAITING, Event.SENT_BACK): State.DRAFT,
    (State.WAITING, Event.PUBLISHED): State.PUBLISHED,
}
# The second person's part; whoever wrote has none in it.
DECISIONS = frozenset({Event.SENT_BACK, Event.PUBLISHED})


def check(
    event: Event, state: State, *, by: int, writers: Collection[int], permissions: Collection[Permission]
) -> State:
    """Return the state after the event, or raise `Refused`; `writers` are all who changed the draft."""
    needed = Permission.PUBLISH if event in DECISIONS else Permission.DRAFTS
    if needed not in permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    if event in DECISIONS and by in writers:
        raise Refused(Refusal.OWN_DRAFT)
    if event is Event.TAKEN_BACK and by not in writers:
        raise Refused(Refusal.NOT_ALLOWED)
    after = MOVES.get((state, event))
    if after is None:
        raise Refused(Refusal.NOT_IN_STATE)
    return after


Value = str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that becomes another; None: it is not there. `path` are names from the outermost one on."""

    path: tuple[str, ...]
    was: Value | None
    becomes: Value | None


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing of a draft, by its code, beside what it takes the place of; None: it is new, or it goes."""

    code: str
    was: Mapping[str, object] | None
    becomes: Mapping[str, object] | None

    def differences(self) -> list[Difference]:
        """Return the fields that differ, in the order of what is to come, then what goes."""
        was, becomes = dict(_flat(self.was or {})), dict(_flat(self.becomes or {}))
        paths = dict.fromkeys([*becomes, *was])
        return [
            Difference(path, was.get(path), becomes.get(path)) for path in paths if was.get(path) != becomes.get(path)
        ]


def _flat(document: Mapping[str, object], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Yield the fields of a document; what stands in a list is named by its code, or by its place."""
    for name, value in document.items():
        here = (*path, f"{name}")
        if isinstance(value, Mapping):
            yield from _flat(value, here)
        elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
            for place, one in enumerate(value):
                yield from _flat({f"{one.get('code', place)}": one}, here)
        elif isinstance(value, list | tuple):
            yield here, tuple(map(str, value))
        elif isinstance(value, int):
            yield here, value
        elif value is not None:
            yield here, f"{value}"


def changed_words(was: str, becomes: str) -> tuple[str, str, str, str]:
    """Return what both texts begin with, the middle of each, and what both end with, cut between words."""
    old, new = was.split(" "), becomes.split(" ")
    first = next((n for n, pair in enumerate(zip_longest(old, new)) if pair[0] != pair[1]), len(old))
    most = min(len(old), len(new)) - first
    last = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    ends = (old[len(old) - last :], old[first : len(old) - last], new[first : len(new) - last])
    return " ".join(old[:first]), " ".join(ends[1]), " ".join(ends[2]), " ".join(ends[0])
