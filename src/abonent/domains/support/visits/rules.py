"""When a technician can come, and until when a visit is moved or called off. Pure.

Days and hours are local. What is offered follows from dated terms, so a district never runs out of days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Self

from abonent.domains.support.requests.terms import HOLIDAYS
from abonent.foundation.values.terms import InvalidTerms, check_names

HOURS_MAX = 24
DAYS_MAX = 60
CAPACITY_MAX = 100


class State(StrEnum):
    """How a visit stands."""

    PLANNED = "planned"
    ON_THE_WAY = "on the way"
    DONE = "done"
    # Nobody opened, or it could not be done.
    MISSED = "missed"
    CANCELLED = "cancelled"


STILL_OPEN = frozenset({State.PLANNED, State.ON_THE_WAY})
AFTER: Mapping[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.ON_THE_WAY, State.CANCELLED}),
    State.ON_THE_WAY: frozenset({State.DONE, State.MISSED}),
}


class Why(StrEnum):
    """Why a visit is not booked, moved or called off."""

    NO_ADDRESS = "no address"
    NO_DISTRICT = "no district"
    ALREADY = "already"
    GONE = "gone"
    TOO_LATE = "too late"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a district is served: on `weekdays` (Monday is 0), in `windows` of hours, `capacity` visits in each at once.

    A window is booked until `lead_h` hours before it begins, `ahead_days` days ahead, and given up until
    `change_until_h` hours before.
    """

    weekdays: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]
    capacity: int
    lead_h: int
    ahead_days: int
    change_until_h: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return the terms that were written down; raise `InvalidTerms`."""
        names = {field.name for field in fields(cls)}
        check_names(document, names)
        try:
            windows = tuple((int(begins), int(ends)) for begins, ends in document["windows"])
            found = {name: int(document[name]) for name in names - {"weekdays", "windows"}}
            return cls(weekdays=tuple(int(day) for day in document["weekdays"]), windows=windows, **found)
        except (TypeError, ValueError):
            raise InvalidTerms("weekdays and windows are lists, and everything is a whole number") from None


@dataclass(frozen=True, slots=True)
class Window:
    """A span in which somebody comes."""

    starts_at: datetime
    ends_at: datetime


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` when nobody could be visited on these terms."""
    if not terms.weekdays or set(terms.weekdays) - set(range(7)):
        raise InvalidTerms("weekdays are some of 0 (Monday) to 6")
    ends = 0
    for begins, until in terms.windows:
        if not ends <= begins < until <= HOURS_MAX:
            raise InvalidTerms("windows are hours of the day one after the other, each ends after it begins")
        ends = until
    if not terms.windows:
        raise InvalidTerms("there is a window at least")
    if not (1 <= terms.capacity <= CAPACITY_MAX and 1 <= terms.ahead_days <= DAYS_MAX):
        raise InvalidTerms(f"capacity is 1 to {CAPACITY_MAX}, ahead_days 1 to {DAYS_MAX}")
    if not (0 <= terms.lead_h <= terms.ahead_days * 24 and 0 <= terms.change_until_h <= 7 * 24):
        raise InvalidTerms("lead_h and change_until_h are hours, no fewer than none, and less than is looked ahead")


def windows(
    terms: Terms, now: datetime, zone: tzinfo, holidays: frozenset[date] = HOLIDAYS
) -> list[Window]:  # fmt: skip
    """Return the windows that can be booked at `now`, in time, whether anything is free in them or not."""
    today, earliest = now.astimezone(zone).date(), now + timedelta(hours=terms.lead_h)
    found = []
    for ahead in range(terms.ahead_days + 1):
        day = today + timedelta(days=ahead)
        if day.weekday() in terms.weekdays and day not in holidays:
            found += [_window(day, begins, ends, zone) for begins, ends in terms.windows]
    return [window for window in found if window.starts_at >= earliest]


def changed_until(terms: Terms, starts_at: datetime) -> datetime:
    """Return until when a visit is moved or called off."""
    return starts_at - timedelta(hours=terms.change_until_h)


def free(capacity: int, booked: Sequence[datetime], window: Window) -> int:
    """Return how many more can be visited in the window; `booked` are the beginnings of all visits of the district."""
    return max(0, capacity - sum(starts_at == window.starts_at for starts_at in booked))


def can(state: State, to: State) -> bool:
    """Return whether a visit goes from one state to the other."""
    return to in AFTER.get(state, frozenset())


def _window(day: date, begins: int, ends: int, zone: tzinfo) -> Window:
    midnight = day + timedelta(days=ends // HOURS_MAX)
    return Window(
        datetime.combine(day, time(begins), zone).astimezone(UTC),
        datetime.combine(midnight, time(ends % HOURS_MAX), zone).astimezone(UTC),
    )
