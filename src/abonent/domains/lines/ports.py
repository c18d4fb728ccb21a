"""What lines ask of the operator's network, in our words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class NoAnswer(Exception):
    """Nobody knows whether it was done: the same command is asked again, under the same id."""


class Answer(StrEnum):
    """What the network says of a command: done for good, certainly not done, or taken and not done yet."""

    DONE = "done"
    REFUSED = "refused"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Command:
    """Switch features of a line on and off: all of them, or none. `line` is its number (E.164) or login.

    The id is made by us, once: what comes again under it is answered the same and not done again.
    """

    id: UUID
    line: str
    on: tuple[str, ...]
    off: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer; of a refusal the network's own word for why."""

    answer: Answer
    reason: str = ""


class Network(Protocol):
    """Serves lines. Both calls raise `NoAnswer`; neither is made inside a transaction of ours."""

    def carry_out(self, command: Command) -> Told:
        """Do what the command says, or say what became of it when it came before."""
        ...

    def features(self, lines: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Return the features that are on, of every line that was asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Profile:
    """An eSIM that waits to be installed: its numbers, and where (`address`) and by which secret a phone fetches it."""

    iccid: str
    imsi: str
    address: str
    matching_id: str


class Fetched(StrEnum):
    """Whether a profile is in a phone: not yet, yes, or it never will be."""

    WAITING = "waiting"
    INSTALLED = "installed"
    GONE = "gone"


class EsimServer(Protocol):
    """Keeps profiles of eSIMs for phones (SM-DP+). All raise `NoAnswer`; none is called inside a transaction of ours.

    `wish` is an id made by us, once: the same again is the same profile.
    """

    def prepare(self, wish: UUID) -> Profile:
        """Return the profile that is kept for the wish."""
        ...

    def state(self, wish: UUID) -> Fetched:
        """Return whether it was installed."""
        ...

    def withdraw(self, wish: UUID) -> None:
        """Let nobody install it any more, also when it was never prepared; one that is installed stays so."""
        ...
