"""Rating of lines that share what one of them has: in one order of time over all of them. Pure.

A member takes from its own buckets and from those of the owner of its group, in the order that the terms say. What the
owner has is counted by the owner's periods, what a member has by the member's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import polars as pl

from abonent.domains.billing.packages.rules import Held, Source, Taking
from abonent.domains.billing.rating.packages import KINDS, USED_MAX, Plans
from abonent.domains.billing.rating.pools import NEW, Families, Member
from abonent.foundation.values import Period


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
        stood = self.families.stood.get((line_id, period.start, KINDS[bucket]), NEW)
        taking = self.plans.taking(line_id, period, KINDS[bucket], stood.used)
        self._open[line_id, bucket] = (period, taking)
        return taking

    def _close(self, line_id: int, bucket: int) -> None:
        period, taking = self._open.pop((line_id, bucket))
        first = period.start.astimezone(self.plans.zone)
        self.took.fell[line_id, first.year * 12 + first.month - 1, bucket] = min(taking.tariff_used, USED_MAX)
        self.took.taken += self.plans.note(line_id, period, KINDS[bucket], taking)


def by_themselves(groups: pl.DataFrame, plans: Plans, families: Families, *, no_limit: int) -> pl.DataFrame:
    """Return the groups with the state of any other where their line shares nothing: `fits` or `in_order`."""
    carrying, states = plans.carrying, []
    columns = ("line_id", "period_start", "bucket", "total", "used_before", "least", "state")
    for line_id, start, bucket, total, before, least, state in groups.select(columns).iter_rows():
        states.append(state)
        if state == "packages" and line_id in families.lines and line_id not in carrying:
            fits = least == no_limit or before + total <= least
            if families.shares_nothing((line_id, start), KINDS[bucket], carrying, fits=fits):
                states[-1] = "fits" if fits else "in_order"
    return groups.with_columns(pl.Series("state", states, dtype=pl.String))


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
