"""What help is made of, and hours of shops. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

Names = Mapping[str, str]
Day = tuple[time, time] | None


class BadHelp(ValueError):
    """A file is not help; `problems` say what is wrong and where."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Topic:
    """A shelf of questions."""

    code: str
    icon: str
    names: Names


@dataclass(frozen=True, slots=True)
class Text:
    """A question and its answer in one language."""

    title: str
    also: str
    body: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question in every language."""

    code: str
    topic: str
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach us."""

    kind: str
    value: str
    names: Names


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line of a map: latitude and longitude of its points."""

    kind: str
    names: Names
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class City:
    """Where there are shops."""

    code: str
    names: Names
    time_zone: str
    drawn: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop; seven days from Monday."""

    code: str
    city: str
    addresses: Names
    about: Names
    hours: tuple[Day, ...]
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Help:
    """A file of help: a part that is None is not in it, one that is there is the whole of its kind."""

    topics: tuple[Topic, ...] | None = None
    questions: tuple[Question, ...] | None = None
    contacts: tuple[Contact, ...] | None = None
    cities: tuple[City, ...] | None = None
    shops: tuple[Shop, ...] | None = None


def is_open(hours: Sequence[Day], local: datetime) -> bool:
    """Return whether a shop is open at that local time; one that closes at midnight closes at the end of the day."""
    day = hours[local.weekday()]
    return day is not None and day[0] <= local.time() < _end(day)


def opens(hours: Sequence[Day], local: datetime) -> tuple[int, time] | None:
    """Return in how many days, and at what time, a shop that is closed opens next; None: never."""
    for ahead in range(8):
        day = hours[(local.weekday() + ahead) % 7]
        if day is not None and (ahead > 0 or local.time() < day[0]):
            return ahead, day[0]
    return None


def runs(hours: Sequence[Day]) -> list[tuple[int, int, Day]]:
    """Return the days in runs of equal hours: first and last day of each (Monday is 0)."""
    found: list[tuple[int, int, Day]] = []
    for place, day in enumerate(hours):
        if found and found[-1][2] == day:
            found[-1] = (found[-1][0], place, day)
        else:
            found.append((place, place, day))
    return found


def _end(day: tuple[time, time]) -> time:
    return time.max if day[1] == time(0) else day[1]
