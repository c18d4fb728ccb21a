"""Who takes from whose package when, and which periods of lines hang together by that. Pure.

In a period of its own a line is the owner of a group or a member of one, never both; so what a period needs reaches no
further than `Families.reach`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from abonent.domains.billing import rules
from abonent.domains.billing.rules import Assigned
from abonent.foundation.values import Period

SHARED = pl.Schema(
    {
        "member_id": pl.String(),
        "bucket": pl.String(),
        "period_start": pl.Datetime("us", "UTC"),
        "used": pl.Int64(),
    }
)
# A line, and the start of one of its periods.
Place = tuple[int, datetime]


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a kind a member may take of the common package in a period of its owner, from `valid_from` on.

    None: as much as there is.
    """

    bucket: str
    amount: int | None
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """That a line takes from the package of `owner_id`, from `since` until `until` (None: still).

    In `pauses` it takes nothing: (since, until, None: still).
    """

    id: UUID
    owner_id: int
    line_id: int
    since: datetime
    until: datetime | None
    common_first: bool
    limits: tuple[Limit, ...] = ()
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()

    def paused(self, at: datetime) -> bool:
        """Return whether the package rests then."""
        return any(since <= at and (until is None or at < until) for since, until in self.pauses)

    def left(self, bucket: str, at: datetime, used: int) -> int | None:
        """Return how much more it may take then of a kind; None: it has no limit."""
        if not self.limits:
            return None
        known = [one for one in self.limits if one.bucket == bucket and one.valid_from <= at]
        limit = max(known, key=lambda one: one.valid_from, default=None)
        return None if limit is None or limit.amount is None else max(0, limit.amount - used)

    def during(self, period: Period) -> Period | None:
        """Return the part of the period in which it is a member."""
        since = max(self.since, period.start)
        until = period.end if self.until is None else min(self.until, period.end)
        return Period(since, until) if since < until else None


class Stood(NamedTuple):
    """How a tariff's bucket of a period stands: see the table of the same fields."""

    used: int = 0
    least_amount: int | None = None
    used_until: datetime | None = None


NEW = Stood()


@dataclass
class Families:
    """Who takes from whose package, and on which days the periods of these lines begin.

    `assigned` are the tariffs of owners, in time. `pools` are periods of owners of which every record is there; `whole`
    those periods that come out as they stay. Rating goes on from how buckets `stood`, and from what members had `taken`
    (by member, kind and period of the owner); what is rated from its beginning has neither.
    """

    zone: ZoneInfo
    members: Sequence[Member]
    days: Mapping[int, int]
    assigned: Mapping[int, Sequence[Assigned]] = field(default_factory=dict)
    pools: Collection[Place] = ()
    whole: Collection[Place] = ()
    stood: dict[tuple[int, datetime, str], Stood] = field(default_factory=dict)
    taken: Mapping[tuple[str, str, datetime], int] = field(default_factory=dict)
    # The periods that were asked for, by the day on which they begin.
    _periods: dict[int, list[Period]] = field(default_factory=dict)
    _pools: dict[Place, tuple[Place, ...]] = field(default_factory=dict)

    @cached_property
    def lines(self) -> set[int]:
        """Return members and owners."""
        return {*self._by_line, *self._by_owner}

    @property
    def owners(self) -> set[int]:
        """Return the owners."""
        return set(self._by_owner)

    @cached_property
    def _by_line(self) -> dict[int, list[Member]]:
        found: dict[int, list[Member]] = {}
        for one in self.members:
            found.setdefault(one.line_id, []).append(one)
        return found

    @cached_property
    def _by_owner(self) -> dict[int, list[Member]]:
        found: dict[int, list[Member]] = {}
        for one in self.members:
            found.setdefault(one.owner_id, []).append(one)
        return found

    def touches(self, place: Place) -> bool:
        """Return whether the line shares anything in that period of its."""
        line_id, start = place
        period = self.period(line_id, start)
        here = (*self._by_line.get(line_id, ()), *self._by_owner.get(line_id, ()))
        return any(one.during(period) is not None for one in here)

    def member(self, line_id: int, at: datetime) -> Member | None:
        """Return as what the line takes from another's package then."""
        for one in self._by_line.get(line_id, ()):
            if one.since <= at and (one.until is None or at < one.until):
                return one
        return None

    def period(self, line_id: int, at: datetime) -> Period:
        """Return the period of the line around a moment."""
        day = self.days[line_id]
        known = self._periods.setdefault(day, [])
        for period in known:
            if period.start <= at < period.end:
                return period
        known.append(rules.period_of(day, at, self.zone))
        return known[-1]

    def reach(self, places: Iterable[Place]) -> tuple[set[Place], set[Place], set[Place]]:
        """Return which periods change when those change, which pools these need, and all that is to be read for it.

        Who takes from the same package before or after finds another left-over, so it changes with them.
        """
        asked = set(places)
        changed = {pool for place in asked for pool in self._pools_of(place)}
        whole = asked | changed | {place for pool in changed for place in self._members_of(pool)}
        pools = changed | {pool for place in whole for pool in self._pools_of(place)}
        return whole, pools, whole | pools | {place for pool in pools for place in self._members_of(pool)}

    def together(self, places: Iterable[Place]) -> list[tuple[set[Place], set[Place], set[Place]]]:
        """Return sets of the periods that share pools, each with all that changes with it and its pools."""
        found: dict[Place, set[Place]] = {}
        for place in places:
            here = {place}.union(*(found.get(pool, ()) for pool in self._pools_of(place)))
            for pool in {pool for one in here for pool in self._pools_of(one)}:
                found[pool] = here
        sets = {id(here): here for here in found.values()}.values()
        return [(here, *self.reach(here)[:2]) for here in sets]

    def anew(self, read: Iterable[Place]) -> set[Place]:
        """Return those of the periods read that are taken from their beginning.

        Where the common package comes first, what members have of their own says nothing of what is left of it.
        """
        own_first = {one.line_id for one in self.members if not one.common_first}
        return {place for place in read if place in self.whole or place in self.pools or place[0] in own_first}

    def allowance(self, owner_id: int, bucket: str, at: datetime) -> tuple[int | None, datetime | None]:
        """Return what the owner's tariff includes of a kind then (None: without limit), and until when it is that."""
        for one in self.assigned.get(owner_id, ()):
            if at in one:
                allowance = one.version.terms.allowance(bucket)
                return allowance.amount if allowance else 0, one.valid_until
        return 0, at

    def shares_nothing(self, place: Place, bucket: str, carrying: Collection[int], *, fits: bool) -> bool:
        """Return whether what the line uses of a kind in that period neither takes from another's nor leaves less.

        So it is in no family, where the packages are used up, and where its own, which comes first, covers all.
        """
        pools = self._pools_of(place)
        if all(self._is_dry(pool, bucket, carrying) for pool in pools):
            return True
        period = self.period(*place)
        here = [one for one in self._by_line.get(place[0], ()) if one.during(period) is not None]
        return fits and place not in pools and not any(one.common_first for one in here)

    def _is_dry(self, pool: Place, bucket: str, carrying: Collection[int]) -> bool:
        owner_id, start = pool
        used, end = self.stood.get((owner_id, start, bucket), NEW).used, self.period(owner_id, start).end
        here = [one for one in self.assigned.get(owner_id, ()) if one.valid_from < end
                and (one.valid_until is None or one.valid_until > start)]  # fmt: skip
        terms = [one.version.terms.allowance(bucket) for one in here]
        return owner_id not in carrying and all(
            one is None or one.amount is None or used >= one.amount for one in terms
        )  # fmt: skip

    def _pools_of(self, place: Place) -> tuple[Place, ...]:
        """Return the periods of owners from which the line takes in that period of its, which may be its own."""
        found = self._pools.get(place)
        if found is None:
            found = self._pools[place] = tuple(self._pools_around(*place))
        return found

    def _pools_around(self, line_id: int, start: datetime) -> Iterator[Place]:
        if line_id not in self.lines:
            return
        period = self.period(line_id, start)
        if any(one.during(period) is not None for one in self._by_owner.get(line_id, ())):
            yield line_id, start
        for one in self._by_line.get(line_id, ()):
            part = one.during(period)
            if part is not None:
                yield from self._places(one.owner_id, part)

    def _members_of(self, pool: Place) -> Iterator[Place]:
        owner_id, start = pool
        period = self.period(owner_id, start)
        for one in self._by_owner.get(owner_id, ()):
            part = one.during(period)
            if part is not None:
                yield from self._places(one.line_id, part)

    def _places(self, line_id: int, span: Period) -> Iterator[Place]:
        """Yield the periods of a line that have a part of the span."""
        at = span.start
        while at < span.end:
            period = self.period(line_id, at)
            yield line_id, period.start
            at = period.end
