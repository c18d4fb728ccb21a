"""When a number that nobody uses is warned of, blocked and given away. Pure; everything counts in local days.

Used is what can cost money: calls and texts that go out, data, money paid in. What only comes in, and fees that are
taken by themselves, are no use. Nobody is blocked who was not told `notice_days` before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from abonent.foundation.values.terms import InvalidTerms, check_names

DAYS_MAX = 3650
SERVICES = ("mobile", "internet", "tv")


class Step(StrEnum):
    """What is due for an idle number."""

    WARN = "warn"
    BLOCK = "block"
    WARN_OF_RELEASE = "warn of release"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Terms:
    """A number of one of `services` is blocked after `idle_days` without use, and given away `grace_days` later.

    It is warned when so many of `warn_days` are left until the block, and `release_warn_days` before the release.
    """

    idle_days: int
    warn_days: tuple[int, ...]
    notice_days: int
    grace_days: int
    release_warn_days: int
    services: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return the terms that were written down; raise `InvalidTerms`."""
        names = {field.name for field in fields(cls)}
        check_names(document, names)
        lists = {name: document[name] for name in ("warn_days", "services")}
        if not all(isinstance(value, list | tuple) for value in lists.values()):
            raise InvalidTerms("warn_days and services are lists")
        whole = [*lists["warn_days"], *(document[name] for name in names - lists.keys())]
        if not all(type(value) is int for value in whole):
            raise InvalidTerms("days are whole numbers")
        return cls(**{**document, **{name: tuple(value) for name, value in lists.items()}})


DEFAULT = Terms(
    idle_days=183, warn_days=(30, 7, 1), notice_days=7, grace_days=30, release_warn_days=7, services=("mobile",)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it has come with a number that was last used on `active_on`.

    `warned_days` is the last warning that was given (None: none), since `warned_on` the first; `blocked_on` and
    `release_warned` say what happened after that, `release_on` when it is given away.
    """

    active_on: date
    warned_days: int | None = None
    warned_on: date | None = None
    blocked_on: date | None = None
    release_warned: bool = False
    release_on: date | None = None


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` unless everybody is warned in time and blocked at last."""
    if not 1 <= terms.idle_days <= DAYS_MAX or not 1 <= terms.grace_days <= DAYS_MAX:
        raise InvalidTerms("idle_days and grace_days are days, 1 at least")
    if not terms.warn_days or list(terms.warn_days) != sorted(set(terms.warn_days), reverse=True):
        raise InvalidTerms("warn_days are days, the most first, each once")
    if not (terms.warn_days[-1] > 0 and terms.warn_days[0] < terms.idle_days):
        raise InvalidTerms("warnings come after the last use and before the block")
    if not 1 <= terms.notice_days <= terms.warn_days[0]:
        raise InvalidTerms("notice_days is no more than the first of warn_days, and 1 at least")
    if not 0 < terms.release_warn_days < terms.grace_days:
        raise InvalidTerms("release_warn_days is within grace_days")
    if not terms.services or not set(terms.services) <= set(SERVICES):
        raise InvalidTerms(f"services are some of {', '.join(SERVICES)}")


def blocks_on(terms: Terms, standing: Standing, today: date) -> date:
    """Return the day on which the number is blocked if nobody uses it: never before it was warned for long enough."""
    by_use = standing.active_on + timedelta(days=terms.idle_days)
    return max(by_use, (standing.warned_on or today) + timedelta(days=terms.notice_days))


def as_told(terms: Terms, standing: Standing, told: date, today: date) -> Standing:
    """Return the standing of a number whose owner was told of a block on the day `told`.

    Once the terms are others and name another day, nobody was told of that: the warnings begin anew.
    """
    if standing.blocked_on is not None or blocks_on(terms, standing, today) == told:
        return standing
    return Standing(standing.active_on)


def releases_on(terms: Terms, blocked_on: date) -> date:
    """Return the day on which a number that is blocked is given away."""
    return blocked_on + timedelta(days=terms.grace_days)


def released_after_warning(terms: Terms, release_on: date | None, today: date) -> date:
    """Return the day of the release of who is warned of it today: never sooner than the terms promise."""
    earliest = today + timedelta(days=terms.release_warn_days)
    return max(release_on or earliest, earliest)


def due(terms: Terms, standing: Standing, today: date) -> Step | None:
    """Return what is due on that day, None: nothing. What was missed on an earlier day is due now."""
    if standing.blocked_on is not None:
        left = ((standing.release_on or releases_on(terms, standing.blocked_on)) - today).days
        if left <= 0:
            # Whoever could not be told before is told first.
            return Step.RELEASE if standing.release_warned else Step.WARN_OF_RELEASE
        warn = left <= terms.release_warn_days and not standing.release_warned
        return Step.WARN_OF_RELEASE if warn else None
    left = (blocks_on(terms, standing, today) - today).days
    if left <= 0:
        return Step.BLOCK
    warning = warning_of(terms, left)
    new = warning is not None and (standing.warned_days is None or warning < standing.warned_days)
    return Step.WARN if new else None


def warning_of(terms: Terms, left_days: int) -> int | None:
    """Return which warning belongs to a number that has so many days left, None: it is too early for any."""
    return min((days for days in terms.warn_days if days >= left_days), default=None)


def cutoff(terms: Terms, today: date, zone: ZoneInfo) -> datetime:
    """Return the moment since which a use keeps a number from everything here."""
    day = today - timedelta(days=terms.idle_days - terms.warn_days[0] - 1)
    return datetime.combine(day, datetime.min.time(), zone)
