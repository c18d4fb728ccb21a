"""What a package adds to a line, and for how long. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from abonent.domains.catalog.rules import Bucket
from abonent.foundation.said import N_, Said, said

BUCKETS: tuple[Bucket, ...] = ("data", "voice", "sms")
DAYS_MAX = 366
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the local day, from `first` to before `end`; 23 to 7 goes over midnight."""

    first: int
    end: int

    def __contains__(self, hour: int) -> bool:
        inside = self.first <= hour < self.end
        return inside if self.first < self.end else hour >= self.first or hour < self.end

    def __str__(self) -> str:
        return f"{self.first:02}:00–{self.end:02}:00"


@dataclass(frozen=True, slots=True)
class Package:
    """So much more of a `bucket` (seconds, bytes or messages; None: without limit) for `days`, or only in its `hours`.

    `renews`: when it ends, it is bought again, until its owner says no; else it is bought once.
    """

    bucket: Bucket
    amount: int | None
    days: int
    hours: Hours | None = None
    renews: bool = False

    def ends_at(self, begins_at: datetime, zone: ZoneInfo) -> datetime:
        """Return when a package ends that begins then: at a local midnight; a day that has begun already is a gift."""
        begun = (begins_at - _INSTANT).astimezone(zone).date()
        return datetime.combine(begun + timedelta(days=self.days + 1), time.min, zone)

    def faults(self) -> Iterator[Said]:
        """Yield what is wrong with it."""
        if self.bucket not in BUCKETS:
            yield said(N_("a package is of %(buckets)s"), buckets=", ".join(BUCKETS))
        if self.amount is not None and self.amount < 1:
            yield said(N_("a package holds something"))
        if not 1 <= self.days <= DAYS_MAX:
            yield said(N_("a package is for 1 to %(days)s days"), days=DAYS_MAX)
        if self.hours and not (0 <= self.hours.first < 24 and 0 <= self.hours.end < 24):
            yield said(N_("hours are from 0 to 23"))
        if self.hours and self.hours.first == self.hours.end:
            yield said(N_("its hours end where they begin"))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Package:
        hours = document["hours"]
        return cls(**{**document, "hours": Hours(**hours) if hours else None})
