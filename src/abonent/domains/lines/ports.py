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
