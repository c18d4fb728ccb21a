"""What we ask of the central database of numbers, which stands between the operators, in our words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from abonent.domains.lines.ports import NoAnswer as NoAnswer


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands there: `state` is one of `states.SAID`, since `at`; `reason` says why not.

    `operator` is the other one: whom the number comes from, or goes to. The window is when it moves, once it is known.
    """

    state: str
    at: datetime
    reason: str = ""
    operator: str = ""
    window_from: datetime | None = None
    window_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bringing:
    """A number that somebody brings to us; the id is made by us, once. The owner is as the other one knows them."""

    id: UUID
    number: str
    day: date
    family_name: str
    given_name: str
    patronymic: str
    birth_date: date
    document: str


@dataclass(frozen=True, slots=True)
class Taking:
    """A number that somebody takes from us; the id is the central database's. We answer until `answer_by`."""

    id: UUID
    number: str
    document: str
    answer_by: datetime
    standing: Standing


class CentralDatabase(Protocol):
    """Says which operator serves a number, and moves it. All raise `NoAnswer`; none is called inside a transaction.

    What comes again under an id is answered the same, and not done again.
    """

    def bring(self, request: Bringing) -> Standing:
        """Ask that the number comes to us; or say how that stands when it was asked before."""
        ...

    def cancel(self, request: UUID) -> Standing:
        """Ask that a number stays where it is; of a request that never came, that it is not done if it comes later."""
        ...

    def standing(self, request: UUID) -> Standing:
        """Return how a request stands, in either direction."""
        ...

    def taking(self, request: UUID) -> Taking:
        """Return what another operator asks of us."""
        ...

    def waiting(self) -> Sequence[UUID]:
        """Return the requests of others for numbers of ours that are open, and of numbers that came back lately."""
        ...

    def answer(self, request: UUID, *, accepts: bool, reason: str) -> Standing:
        """Let the number go, or not, and why; the last answer before the window counts."""
        ...
