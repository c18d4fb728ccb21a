"""Rating of lines that share what one of them has: in one order of time over all of them. Pure.

A member takes from its own buckets and from those of the owner of its group, in the order that the terms say. What the
owner has is counted by the owner's periods, what a member has by the member's. In a period of its own a line is the
owner of a group or a member of one, never both; so what a period needs reaches no further than `Families.reach`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from abonent.domains.billing import rules
from abonent.domains.billing.packages_rules import Held, Source, Taking
from abonent.domains.billing.rating_packages import KINDS, USED_MAX, Plans
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


_NEW = Stood()


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
            here = {place}
            pools = list(self._pools_of(place))
            for pool in pools:
                here |= found.get(pool, set())
            for one in here:
                found.update(dict.fromkeys(self._pools_of(one), here))
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

    def _pools_of(self, place: Place) -> Iterator[Place]:
        line_id, start = place
        if line_id not in self.lines:
            return
        period = self.period(line_id, start)
        if any(one.during(period) is not None for one in self._by_owner.get(line_id, ())):
            yield place
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


@dataclass
class Took:
    """What became of records: how much of each is `included`, what `fell` to the tariffs by line, month and kind, rows
    of `TAKEN` and of `SHARED`."""

    included: list[int] = field(default_factory=list)
    fell: dict[tuple[int, int, int], int] = field(default_factory=dict)
    taken: list[tuple[str, int, datetime, int]] = field(default_factory=list)
    shared: list[tuple[str, str, datetime, int]] = field(default_factory=list)


class _Passing:
    """Takes record after record, and knows what each line has left in the period that it has come to."""

    def __init__(self, plans: Plans, families: Families) -> None:
        self.plans = plans
        self.families = families
        self.took = Took()
        # What the last record took from which, while that is asked.
        self.asked = False
        self.parts: list[tuple[Held, int]] = []
        self._dry: dict[tuple[int, int], datetime] = {}
        self._open: dict[tuple[int, int], tuple[Period, Taking]] = {}
        self._used: dict[tuple[UUID, int, datetime], int] = {}
        self._periods: dict[int, Period] = {}

    def period(self, line_id: int, at: datetime) -> Period:
        """Return the period of the line around a moment."""
        found = self._periods.get(line_id)
        if found is None or not found.start <= at < found.end:
            found = self._periods[line_id] = self.families.period(line_id, at)
        return found

    def own(self, line_id: int, bucket: int, at: datetime, amount: int, allowance: int | None) -> int:
        """Return how much what the line has covers."""
        taking = self._taking(line_id, bucket, at)
        covered = taking.take(at, amount, allowance)
        self.parts += taking.parts if self.asked else []
        return covered

    def common(self, member: Member, bucket: int, at: datetime, amount: int) -> int:
        """Return how much the package of the member's family covers."""
        owner_id = member.owner_id
        dry_until = self._dry.get((owner_id, bucket))
        if not amount or (dry_until is not None and at < dry_until) or member.paused(at):
            return 0
        period = self.period(owner_id, at)
        if (owner_id, period.start) not in self.families.pools:
            return 0
        taking = self._taking(owner_id, bucket, at)
        used = self._took(member, bucket, period.start)
        left = member.left(KINDS[bucket], at, used)
        asked = amount if left is None else min(amount, left)
        allowance, until = self.families.allowance(owner_id, KINDS[bucket], at)
        covered = taking.share(at, asked, allowance)
        if covered < asked and taking.is_plain:
            # Nobody finds anything in it any more in this period, on these terms.
            self._dry[owner_id, bucket] = period.end if until is None else min(period.end, until)
        if self.asked and covered:
            self.parts += [(replace(held, source=Source.FAMILY), part) for held, part in taking.parts]
        self._used[member.id, bucket, period.start] = used + covered
        return covered

    def _took(self, member: Member, bucket: int, start: datetime) -> int:
        """Return what the member took so far in that period of its owner."""
        used = self._used.get((member.id, bucket, start))
        return self.families.taken.get((str(member.id), KINDS[bucket], start), 0) if used is None else used

    def end(self) -> Took:
        """Write down what is open still, and return all."""
        for line_id, bucket in list(self._open):
            self._close(line_id, bucket)
        self.took.shared = [
            (str(member_id), KINDS[bucket], start, used)
            for (member_id, bucket, start), used in self._used.items()
            if used
        ]
        return self.took

    def _taking(self, line_id: int, bucket: int, at: datetime) -> Taking:
        found = self._open.get((line_id, bucket))
        if found is not None and at < found[0].end:
            return found[1]
        if found is not None:
            self._close(line_id, bucket)
        period = self.period(line_id, at)
        stood = self.families.stood.get((line_id, period.start, KINDS[bucket]), _NEW)
        taking = self.plans.taking(line_id, period, KINDS[bucket], stood.used)
        self._open[line_id, bucket] = (period, taking)
        return taking

    def _close(self, line_id: int, bucket: int) -> None:
        period, taking = self._open.pop((line_id, bucket))
        first = period.start.astimezone(self.plans.zone)
        self.took.fell[line_id, first.year * 12 + first.month - 1, bucket] = min(taking.tariff_used, USED_MAX)
        self.took.taken += self.plans.note(line_id, period, KINDS[bucket], taking)


def take(
    records: pl.DataFrame,
    plans: Plans,
    families: Families,
    *,
    no_limit: int,
    asked: list[tuple[Held, int]] | None = None,
    of: int = -1,
) -> Took:
    """Take records of all lines of families, sorted by time; return what became of them.

    `asked` is filled with the buckets that the record at place `of` took from.
    """
    passing = _Passing(plans, families)
    columns = [records[name].to_list() for name in ("line_id", "bucket", "rounded", "allowance")]
    # Moments in Python's own UTC: those that Polars makes are slow to make and to compare.
    moments = (at.replace(tzinfo=UTC) for at in records["started_at"].dt.replace_time_zone(None).to_list())
    for place, (at, line_id, bucket, rounded, allowance) in enumerate(zip(moments, *columns, strict=True)):
        passing.parts, passing.asked = [], asked is not None and place == of
        limit = None if allowance == no_limit else allowance
        member = families.member(line_id, at)
        passing.took.included.append(_taken(passing, line_id, member, bucket, at, rounded, limit))
        if asked is not None and passing.asked:
            asked += passing.parts
    return passing.end()


def _taken(
    passing: _Passing,
    line_id: int,
    member: Member | None,
    bucket: int,
    at: datetime,
    rounded: int,
    allowance: int | None,
) -> int:
    """Return how much of a record is covered, by what the line has and by what its family has."""
    if member is None:
        return passing.own(line_id, bucket, at, rounded, allowance)
    if not member.common_first:
        covered = passing.own(line_id, bucket, at, rounded, allowance)
        return covered + passing.common(member, bucket, at, rounded - covered)
    # What is without limit anyhow is not taken from the others.
    covered = passing.common(member, bucket, at, rounded) if allowance is not None else 0
    if (line_id, passing.period(line_id, at).start) not in passing.families.whole:
        return covered
    return covered + passing.own(line_id, bucket, at, rounded - covered, allowance)
