"""What follows from what the network said about a line, whatever order it came in. Pure.

Events may come late and in any order. What is true now is a function of the set of them: the newest counts, and an
older one that comes after it changes history, not the present.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# How far ahead of ours the network's clock may go before what it says is not believed.
CLOCKS_APART_MAX = timedelta(minutes=5)
CONDITIONS = ("all", "busy", "no answer", "unreachable")


class Kind(StrEnum):
    """What can happen to a number."""

    SIM_REPLACED = "sim replaced"
    FORWARDING = "forwarding changed"
    RELEASED = "number released"
    TERMINATED = "line terminated"
    UNUSED = "line unused"
    USED_AGAIN = "line used again"


class Noted(StrEnum):
    """What became of an event."""

    DONE = "done"
    # It was taken before, or says what is known.
    REPEATED = "repeated"
    NOTHING_NEW = "nothing new"
    # The number was nobody's at that time.
    NO_LINE = "no line"


class FromTheFuture(ValueError):
    """The event is said to happen later than now."""


class OtherEvent(ValueError):
    """The key was used before, for something else."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something became `value` at `at`; `key` settles which of two at the same moment is the later."""

    at: datetime
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Span:
    """Something was `value` from `since` until `until` (None: still)."""

    value: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What a line's closing does: `close` it, or only give away the number of one `closed` before."""

    close: bool
    give_away: bool


def moment_of(said: datetime, now: datetime) -> datetime:
    """Return when an event happened: as it says, at the latest `now`; raise `FromTheFuture` when it lies ahead."""
    if said > now + CLOCKS_APART_MAX:
        raise FromTheFuture
    return min(said, now)


def spans_of(first: Span, changes: Iterable[Change]) -> list[Span]:
    """Return what was when: `first`, then every change that changed something, in the order of their moments.

    A change before `first` began is older than what is known, and counts for nothing. The last span has no end.
    """
    moments = {first.since: first.value}
    for change in sorted(changes, key=lambda change: (change.at, change.key)):
        if change.at >= first.since:
            moments[change.at] = change.value
    spans: list[Span] = []
    for since, value in moments.items():
        if spans and spans[-1].value == value:
            continue
        if spans:
            spans[-1] = Span(spans[-1].value, spans[-1].since, since)
        spans.append(Span(value, since))
    return spans


def has_moved(before: Sequence[Span], after: Sequence[Span]) -> bool:
    """Return whether the present changed: another value, or the same since a later moment."""
    return before[-1].value != after[-1].value or before[-1].since < after[-1].since


def is_unused(events: Iterable[Change]) -> bool:
    """Return whether the newest of "unused" and "used again" says unused, at one moment the latter; values: `Kind`."""
    newest = max(events, key=lambda event: (event.at, event.value == Kind.USED_AGAIN), default=None)
    return newest is not None and newest.value == Kind.UNUSED


def closing_of(*, kind: Kind, closed_at: datetime | None, close_reason: str) -> Closing:
    """Return what the end of a line (`RELEASED` or `TERMINATED`) does to one that may be closed already."""
    if closed_at is None:
        return Closing(close=True, give_away=kind == Kind.RELEASED)
    return Closing(close=False, give_away=kind == Kind.RELEASED and close_reason != Kind.RELEASED)
