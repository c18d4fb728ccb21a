"""Whether the owner of a line may have it blocked, from when until when, and what that costs. Pure.

Days are local. A block that begins at once is for the days from tomorrow on: today is paid already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from abonent.domains.billing.pauses.rules import Pause
from abonent.foundation.values.terms import InvalidTerms, check_names

YEAR = timedelta(days=365)
DAYS_MAX = 3650
SUM_MAX = 10_000_00


@dataclass(frozen=True, slots=True)
class Terms:
    """What a block costs: `once_minor`, and `day_minor` for each day beyond `free_days` within a year (None: no more).

    It is `shortest_days` to `longest_days` long, begins `ahead_days` from now at the latest, and `cool_down_days` after
    the one before.
    """

    free_days: int
    once_minor: int
    day_minor: int | None
    shortest_days: int
    longest_days: int
    cool_down_days: int
    ahead_days: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return the terms that were written down; raise `InvalidTerms`."""
        check_names(document, (field.name for field in fields(cls)))
        for name, value in document.items():
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not whole and not (name == "day_minor" and value is None):
                raise InvalidTerms(f"{name} is no whole number")
        return cls(**document)


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` when nobody could have a block on these terms, or it would never end."""
    if not 1 <= terms.shortest_days <= terms.longest_days <= DAYS_MAX:
        raise InvalidTerms("shortest_days is 1 at least, and longest_days no less")
    if not (0 <= terms.once_minor <= SUM_MAX and 0 <= (terms.day_minor or 0) <= SUM_MAX):
        raise InvalidTerms("once_minor and day_minor are sums of 0 to 10 000 roubles")
    if not all(0 <= days <= DAYS_MAX for days in (terms.free_days, terms.cool_down_days, terms.ahead_days)):
        raise InvalidTerms("free_days, cool_down_days and ahead_days are no days below zero")


class Why(StrEnum):
    """Why a line is not blocked by its owner's wish."""

    NOT_OFFERED = "not offered"
    NO_NETWORK = "no network"
    SILENT = "silent"
    ALREADY = "already"
    ON_THE_WAY = "on the way"
    OWED = "owed"
    PAST = "past"
    TOO_FAR = "too far"
    COOL_DOWN = "cool-down"
    QUOTA = "quota"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    SHORT = "short"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, and the way out: a `day` that would do, how many `days`, what is missing, the order that stands."""

    why: Why
    day: date | None = None
    days: int = 0
    missing_minor: int = 0
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line is: `silent` when its number proves nothing, `blocked` by its owner's wish, `coming` an open order.

    `past` are the blocks that it had; `owed_minor` is what lacks to a balance of nothing.
    """

    network: bool
    silent: bool
    blocked: bool
    coming: UUID | None
    owed_minor: int
    past: Sequence[Pause]


def asked_for(terms: Terms, past: Sequence[Pause], today: date, first: date | None, end: date | None) -> Pause:
    """Return the days of a block from `first` (None: at once) to before `end` (None: as long as may be)."""
    begins = first or today + timedelta(days=1)
    ends = end or begins + timedelta(days=terms.longest_days)
    free_until = begins + timedelta(days=free_left(terms, past, begins))
    return Pause(begins, max(begins, ends), free_until, terms.day_minor or 0)


def may_be(terms: Terms, today: date, first: date | None, end: date | None) -> bool:
    """Return whether such days can be looked at at all: what they mean is worked out day by day."""
    begins = first or today + timedelta(days=1)
    near = today < begins <= today + timedelta(days=terms.ahead_days)
    return near and (end is None or begins < end <= begins + timedelta(days=terms.longest_days))


def free_left(terms: Terms, past: Sequence[Pause], first: date) -> int:
    """Return how many days cost nothing of a block that begins on `first`; those of the year before count."""
    since = first - YEAR
    used = sum(max(0, (min(one.end, first) - max(one.first, since)).days) for one in past)
    return max(0, terms.free_days - used)


def refused(terms: Terms, facts: Facts, today: date, first: date | None, end: date | None) -> Refusal | None:
    """Return why the line cannot be blocked on those days, money for the block itself aside; None when it can."""
    return (
        _stands_in_the_way(facts)
        or _wrong_beginning(terms, facts, today, first)
        or _wrong_end(terms, facts, today, first, end)
    )


def _stands_in_the_way(facts: Facts) -> Refusal | None:
    if not facts.network:
        return Refusal(Why.NO_NETWORK)
    if facts.silent:
        return Refusal(Why.SILENT)
    if facts.blocked:
        return Refusal(Why.ALREADY)
    if facts.coming is not None:
        return Refusal(Why.ON_THE_WAY, order_id=facts.coming)
    return Refusal(Why.OWED, missing_minor=facts.owed_minor) if facts.owed_minor else None


def _wrong_beginning(terms: Terms, facts: Facts, today: date, first: date | None) -> Refusal | None:
    tomorrow, last = today + timedelta(days=1), today + timedelta(days=terms.ahead_days)
    if first is not None and first < tomorrow:
        return Refusal(Why.PAST, day=tomorrow)
    if first is not None and first > last:
        return Refusal(Why.TOO_FAR, day=last)
    ended = max((one.end for one in facts.past if one.first < one.end), default=None)
    if ended is not None and (first or tomorrow) < (again := ended + timedelta(days=terms.cool_down_days)):
        return Refusal(Why.COOL_DOWN, day=again, days=terms.cool_down_days)
    return None


def _wrong_end(terms: Terms, facts: Facts, today: date, first: date | None, end: date | None) -> Refusal | None:
    begins = first or today + timedelta(days=1)
    left = free_left(terms, facts.past, begins)
    asked = asked_for(terms, facts.past, today, first, end)
    length = (asked.end - begins).days
    if terms.day_minor is None and left < max(length, terms.shortest_days):
        return Refusal(Why.QUOTA, day=begins + timedelta(days=left) if left >= terms.shortest_days else None, days=left)
    if length < terms.shortest_days:
        return Refusal(Why.TOO_SHORT, day=begins + timedelta(days=terms.shortest_days), days=terms.shortest_days)
    if length > terms.longest_days:
        return Refusal(Why.TOO_LONG, day=begins + timedelta(days=terms.longest_days), days=terms.longest_days)
    return None
