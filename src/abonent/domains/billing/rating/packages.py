"""Rating of lines that have more to use than their tariff's allowance: bought, given, rolled over. Pure.

Most lines have none of it, and `rating` never comes here for them. For the others usage is taken record by record,
period after period, since what is left of one period may go on into the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from abonent.domains.billing import rules
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.packages.rules import Held, Source, Taking
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.rules import ROLLS_MAX, TariffVersion
from abonent.foundation.values import Period

if TYPE_CHECKING:
    from abonent.domains.billing.rating.pools import Families

KINDS = ("voice", "data", "sms")
# More than any allowance, and still a number that a column holds.
USED_MAX = 2**61
TAKEN = pl.Schema(
    {
        "bucket_id": pl.String(),
        "line_id": pl.Int64(),
        "period_start": pl.Datetime("us", "UTC"),
        "used": pl.Int64(),
    }
)
# A line, the start of a period, a kind of bucket.
Place = tuple[int, datetime, str]


@dataclass
class Plans:
    """What lines have beside their tariff's allowances, and what was taken of it so far.

    `held` are stored buckets by line; `used` what each period took of a bucket; `tariff_used` and `tariff_given` what
    was taken from the tariff's own, by place. `assigned` are the tariffs of the lines that have one whose allowance
    rolls over, `days` those on which their periods begin; of periods that began before `since` nothing does. Rating
    goes on from these and adds to them. `families` are those in which the lines share what they have.
    """

    zone: ZoneInfo
    held: Mapping[int, Sequence[Held]] = field(default_factory=dict)
    used: dict[UUID, dict[datetime, int]] = field(default_factory=dict)
    tariff_used: dict[Place, int] = field(default_factory=dict)
    tariff_given: Mapping[Place, int] = field(default_factory=dict)
    assigned: Mapping[int, Sequence[Assigned]] = field(default_factory=dict)
    days: Mapping[int, int] = field(default_factory=dict)
    since: datetime | None = None
    families: Families | None = None

    @property
    def lines(self) -> set[int]:
        """Return the lines that this is about."""
        return self.carrying | (self.families.lines if self.families else set())

    @property
    def carrying(self) -> set[int]:
        """Return the lines of which one period may find less for what another took."""
        return {*self.held, *self.assigned, *(line_id for line_id, _, _ in self.tariff_given)}

    def forget(self, periods: Iterable[tuple[int, datetime]]) -> None:
        """Forget what the periods took: they are rated from their beginning."""
        for line_id, start in periods:
            buckets = [held.id for held in self.held.get(line_id, ())]
            if line_id in self.assigned:
                buckets += [
                    packages_rules.rolled_bucket_id(line_id, kind, before.start)
                    for before in self._before(line_id, start)
                    for kind in KINDS
                ]
            for bucket_id in buckets:
                self.used.get(bucket_id, {}).pop(start, None)
            for kind in KINDS:
                self.tariff_used.pop((line_id, start, kind), None)

    def _before(self, line_id: int, start: datetime) -> list[Period]:
        day = self.days[line_id]
        return packages_rules.periods_back(day, rules.period_of(day, start, self.zone), ROLLS_MAX, self.zone)

    def buckets(self, line_id: int, period: Period, kind: str) -> list[Held]:
        """Return what the line can take from in the period beside the tariff's own."""
        stored = [
            one
            for one in self.held.get(line_id, ())
            if one.bucket == kind and one.valid_from < period.end and one.valid_until > period.start
        ]
        return [*stored, *self.rolled(line_id, period, kind)]

    def rolled(self, line_id: int, period: Period, kind: str) -> Iterator[Held]:
        """Yield what goes on into the period of those before it."""
        assigned = self.assigned.get(line_id, ())
        if not assigned:
            return
        day = self.days[line_id]
        for of in packages_rules.periods_back(day, period, ROLLS_MAX, self.zone):
            if self.since is not None and of.start < self.since:
                return
            place = (line_id, of.start, kind)
            used = self.tariff_given.get(place, 0) + self.tariff_used.get(place, 0)
            held = packages_rules.rolled(line_id, assigned, kind, used, of, day=day, zone=self.zone)
            if held is not None and held.valid_until > period.start:
                yield held

    def taking(self, line_id: int, period: Period, kind: str, tariff_used: int) -> Taking:
        """Return what takes usage of a period, going on from what it took already."""
        place = (line_id, period.start, kind)
        tariff = Held(
            packages_rules.tariff_bucket_id(line_id, kind, period.start),
            kind,  # type: ignore[arg-type] # one of the kinds
            0,
            period.start,
            period.end,
            Source.TARIFF,
            self.tariff_given.get(place, 0),
        )
        held = self.buckets(line_id, period, kind)
        # Later periods are rated after this one, whatever they took.
        used = {
            one.id: sum(took for start, took in self.used.get(one.id, {}).items() if start <= period.start)
            for one in held
        }
        return Taking(held, used, tariff, tariff_used, period, self.zone)

    def note(self, line_id: int, period: Period, kind: str, taking: Taking) -> list[tuple[str, int, datetime, int]]:
        """Keep what was taken; return it as rows of `TAKEN`, each with all that the period took."""
        self.tariff_used[line_id, period.start, kind] = taking.tariff_used
        rows = []
        for bucket_id, part in taking.taken.items():
            by_period = self.used.setdefault(bucket_id, {})
            by_period[period.start] = by_period.get(period.start, 0) + part
            rows.append((str(bucket_id), line_id, period.start, by_period[period.start]))
        return rows


def rolling_lines(assignments: pl.DataFrame, versions: Mapping[int, TariffVersion]) -> dict[int, list[Assigned]]:
    """Return the tariffs, in time, of lines that ever had one whose allowance rolls over."""
    rolls = [version_id for version_id, version in versions.items() if version.terms.rolls]
    if not rolls:
        return {}
    lines = assignments.filter(pl.col("tariff_version_id").is_in(rolls))["line_id"].unique()
    found: dict[int, list[Assigned]] = {}
    rows = assignments.filter(pl.col("line_id").is_in(lines.implode())).sort("line_id", "valid_from")
    for line_id, version_id, since, until in rows.select(
        "line_id", "tariff_version_id", "valid_from", "valid_until"
    ).iter_rows():
        found.setdefault(line_id, []).append(Assigned(versions[version_id], since, until))
    return found


def with_buckets(priced: pl.DataFrame, lines: Collection[int]) -> pl.DataFrame:
    """Give lines with plans a bucket wherever a package may be taken from; the tariff holds nothing of a new one."""
    more = pl.col("line_id").is_in(list(lines)) & pl.col("bucket").is_null() & pl.col("package").is_not_null()
    return priced.with_columns(
        pl.when(more).then("package").otherwise("bucket").alias("bucket"),
        pl.when(more).then(pl.lit(0, pl.Int64)).otherwise("allowance").alias("allowance"),
    ).drop("package")


def take(
    records: pl.DataFrame, plans: Plans, *, no_limit: int, asked: list[tuple[Held, int]] | None = None, of: int = -1
) -> tuple[list[int], dict[tuple[int, int, int], int], list[tuple[str, int, datetime, int]]]:
    """Take records of lines with plans, sorted by line, month, bucket and time.

    `asked` is filled with the buckets that the record at place `of` took from. Returns what is covered of each, what
    fell to each tariff bucket by line, month and kind, and rows of `TAKEN`.
    """
    included: list[int] = []
    fell: dict[tuple[int, int, int], int] = {}
    rows: list[tuple[str, int, datetime, int]] = []
    here: tuple[int, int, int] | None = None
    taking, period = None, None
    columns = ("line_id", "month", "bucket", "period_day", "used_before", "started_at", "rounded", "allowance")
    for line_id, month, bucket, day, before, at, rounded, allowance in records.select(columns).iter_rows():
        if here != (line_id, month, bucket):
            if here is not None and taking is not None and period is not None:
                rows += _noted(plans, here, period, taking, fell)
            here = (line_id, month, bucket)
            period = rules.period_of_month(day, month, plans.zone)
            taking = plans.taking(line_id, period, KINDS[bucket], before)
        if taking is not None:
            included.append(taking.take(at, rounded, None if allowance == no_limit else allowance))
            if asked is not None and len(included) == of + 1:
                asked += taking.parts
    if here is not None and taking is not None and period is not None:
        rows += _noted(plans, here, period, taking, fell)
    return included, fell, rows


def _noted(
    plans: Plans, here: tuple[int, int, int], period: Period, taking: Taking, fell: dict[tuple[int, int, int], int]
) -> list[tuple[str, int, datetime, int]]:
    fell[here] = min(taking.tariff_used, USED_MAX)
    return plans.note(here[0], period, KINDS[here[2]], taking)
