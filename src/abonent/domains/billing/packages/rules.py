"""Allowance buckets of a line: what it has to use, from when until when, in which order usage takes from them. Pure.

A bucket is TM Forum's: an amount of seconds, bytes or messages with a validity. The fee of a tariff fills one per
period; packages that were bought, gifts that came, and what is left of a period that is over are buckets beside it.
What usage takes follows from the records and from these dated facts alone, whatever the order in which they arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from abonent.domains.billing import rules
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.packages_rules import Hours
from abonent.domains.catalog.rules import Allowance, Bucket
from abonent.foundation.values import Period

# Our own space of names for buckets that nobody stores: those of tariffs, and what rolls over from them.
NAMES = UUID("5f9d6c0e-2d0f-4c7b-8f1c-7f6c7c8f1a52")


class Source(StrEnum):
    """Where a bucket comes from."""

    TARIFF = "tariff"
    ROLL_OVER = "roll-over"
    GIFT = "gift"
    PACKAGE = "package"
    # Of somebody else who lets this line take from theirs, whatever it is there.
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Order:
    """In which order usage takes from buckets in periods that begin on `valid_from` or later.

    What has no limit comes first, then what ends soonest; of what ends at once, by `sources`.
    """

    valid_from: date
    sources: tuple[Source, ...]


ORDERS = (Order(date(2020, 1, 1), (Source.ROLL_OVER, Source.GIFT, Source.TARIFF, Source.PACKAGE)),)


@dataclass(frozen=True, slots=True)
class Held:
    """A bucket of a line. `given` of it went to others; `hours`: it is for usage that begins in these alone.

    `offer_version_id` is what was bought. `renews`: when it ends, it is bought again.
    """

    id: UUID
    bucket: Bucket
    amount: int | None
    valid_from: datetime
    valid_until: datetime
    source: Source
    given: int = 0
    hours: Hours | None = None
    offer_version_id: int | None = None
    renews: bool = False

    def takes(self, at: datetime, zone: ZoneInfo) -> bool:
        """Return whether usage that begins then may take from it; such usage is its own to the end."""
        return self.valid_from <= at < self.valid_until and (
            self.hours is None or at.astimezone(zone).hour in self.hours
        )


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What is left of a bucket until `ends_at`: seconds, bytes or pieces; None is without limit.

    `then_kbps`: when it is used up, data goes on at no charge, no faster. `renews`: it is bought again at its end.
    `starts_at`: it is for later, None: it holds. Two are the same when they say the same; `id` is the bucket's, for
    ever.
    """

    bucket: Bucket
    amount: int | None
    left: int | None
    ends_at: datetime
    source: Source = Source.TARIFF
    given: int = 0
    then_kbps: int | None = None
    hours: Hours | None = None
    renews: bool = False
    rolls_over: bool = False
    offer_version_id: int | None = None
    starts_at: datetime | None = None
    id: UUID | None = field(default=None, compare=False)

    @property
    def slowed(self) -> bool:
        """Return whether it is used up and data goes on slower."""
        return self.left == 0 and self.then_kbps is not None


def tariff_bucket_id(line_id: int, bucket: str, period_start: datetime) -> UUID:
    """Return the id of what the fee of a period gives."""
    return uuid5(NAMES, f"tariff|{line_id}|{bucket}|{int(period_start.timestamp())}")


def rolled_bucket_id(line_id: int, bucket: str, from_period: datetime) -> UUID:
    """Return the id of what goes on of the period that began then."""
    return uuid5(NAMES, f"roll-over|{line_id}|{bucket}|{int(from_period.timestamp())}")


def order_on(day: date, orders: Sequence[Order] = ORDERS) -> Order:
    """Return the order of a period that begins on the day; that of the first for any day before it."""
    return max((one for one in orders if one.valid_from <= day), key=lambda one: one.valid_from, default=orders[0])


def in_order(buckets: Iterable[Held], period: Period, zone: ZoneInfo) -> list[Held]:
    """Return the buckets as usage of the period takes from them."""
    sources = order_on(period.start.astimezone(zone).date()).sources
    return sorted(
        buckets,
        key=lambda one: (
            one.amount is not None, one.valid_until, sources.index(one.source), one.valid_from, one.id.int
        ),
    )  # fmt: skip


def periods_back(day: int, period: Period, count: int, zone: ZoneInfo) -> list[Period]:
    """Return the `count` billing periods before one, the latest first."""
    found = []
    for _ in range(count):
        period = rules.period_of(day, period.start - rules.INSTANT, zone)
        found.append(period)
    return found


def rolled(
    line_id: int, assigned: Sequence[Assigned], bucket: str, used: int, of: Period, *, day: int, zone: ZoneInfo
) -> Held | None:
    """Return what goes on of a period of which so much was used or given; None: nothing does.

    The allowance is that of the tariff at the end of the period, and goes on while the line has that tariff on terms
    by which it does.
    """
    last = next((one for one in assigned if of.end - rules.INSTANT in one), None)
    allowance = last.version.terms.allowance(bucket) if last else None
    if last is None or allowance is None or allowance.roll_over is None or allowance.amount is None:
        return None
    until = of.end
    for _ in range(allowance.roll_over.periods):
        until = rules.period_of(day, until, zone).end
    ends_at = _goes_on_until(assigned, last, bucket)
    until = until if ends_at is None else min(until, ends_at)
    left = min(allowance.amount - used, allowance.roll_over.most)
    if left <= 0 or until <= of.end:
        return None
    id_ = rolled_bucket_id(line_id, bucket, of.start)
    return Held(id_, allowance.bucket, left, of.end, until, Source.ROLL_OVER)


def _goes_on_until(assigned: Sequence[Assigned], last: Assigned, bucket: str) -> datetime | None:
    """Return when the line leaves the tariff, or terms by which what is left goes on; None: it has not yet."""
    until = last.valid_until
    while until is not None:
        following = next((one for one in assigned if one.valid_from == until), None)
        if following is None or following.version.tariff_code != last.version.tariff_code:
            return until
        allowance = following.version.terms.allowance(bucket)
        if allowance is None or allowance.roll_over is None:
            return until
        until = following.valid_until
    return None


class Taking:
    """Takes usage of one kind in one period from the buckets of a line, in time order, and knows what is taken.

    `used` of the buckets tells what was taken from each, in this period and before; `tariff_used` what fell to the
    tariff's own in this one, which is more than that holds when it was used up: what nothing covers falls to it.
    """

    def __init__(
        self,
        buckets: Iterable[Held],
        used: dict[UUID, int],
        tariff: Held,
        tariff_used: int,
        period: Period,
        zone: ZoneInfo,
    ) -> None:
        self.used = used
        self.tariff_used = tariff_used
        self.taken: dict[UUID, int] = {}
        # What the last usage took from which.
        self.parts: list[tuple[Held, int]] = []
        self._tariff = tariff
        self._zone = zone
        self._period = period
        self._others = list(buckets)
        self._ordered: dict[bool, list[Held]] = {}
        self._shared: dict[int | None, list[Held]] = {}

    def take(self, at: datetime, amount: int, allowance: int | None) -> int:
        """Take usage that begins `at`; return how much the buckets cover. `allowance` is the tariff's then."""
        if self.is_plain and allowance is not None:
            part = self._plainly(amount, allowance)
            self.tariff_used += amount
            return part
        rest, fell = self._from(self._in_order(unlimited=allowance is None), at, amount, allowance)
        self.tariff_used += fell + rest
        return amount - rest

    def share(self, at: datetime, amount: int, allowance: int | None) -> int:
        """Take usage of another line of the family that begins `at`; return how much the buckets cover.

        What is without limit and what was given stay the line's own, and what nothing covers is the other line's.
        """
        if self.is_plain and allowance is not None:
            part = self._plainly(amount, allowance)
            self.tariff_used += part
            return part
        if allowance not in self._shared:
            ordered = self._in_order(unlimited=False)
            self._shared[allowance] = [one for one in ordered if self._is_shared(one, allowance)]
        rest, fell = self._from(self._shared[allowance], at, amount, allowance)
        self.tariff_used += fell
        return amount - rest

    @property
    def is_plain(self) -> bool:
        """Return whether there is but the tariff's own."""
        return not self._others

    def _plainly(self, amount: int, allowance: int) -> int:
        part = min(amount, max(0, allowance - self._tariff.given - self.tariff_used))
        self.parts = [(self._tariff, part)] if part else []
        return part

    def _is_shared(self, bucket: Held, allowance: int | None) -> bool:
        if bucket is self._tariff:
            return allowance is not None
        return bucket.amount is not None and bucket.source is not Source.GIFT

    def _from(self, buckets: Iterable[Held], at: datetime, amount: int, allowance: int | None) -> tuple[int, int]:
        """Take from the buckets in their order; return what is left of the amount, and what fell to the tariff's."""
        rest, fell = amount, 0
        self.parts = []
        for bucket in buckets:
            if bucket is self._tariff:
                there = rest if allowance is None else max(0, allowance - bucket.given - self.tariff_used)
                part = min(rest, there)
                fell += part
            elif bucket.takes(at, self._zone):
                there = rest if bucket.amount is None else bucket.amount - bucket.given - self.used.get(bucket.id, 0)
                part = min(rest, max(0, there))
                if part:
                    self.used[bucket.id] = self.used.get(bucket.id, 0) + part
                    self.taken[bucket.id] = self.taken.get(bucket.id, 0) + part
            else:
                continue
            rest -= part
            if part:
                self.parts.append((bucket, part))
            if not rest:
                break
        return rest, fell

    def _in_order(self, *, unlimited: bool) -> list[Held]:
        """Return the buckets in their order, in which a tariff without limit comes early."""
        if unlimited not in self._ordered:
            tariff = self._tariff
            placed = replace(tariff, amount=None if unlimited else 0)
            ordered = in_order([*self._others, placed], self._period, self._zone)
            self._ordered[unlimited] = [tariff if one is placed else one for one in ordered]
        return self._ordered[unlimited]


def left_of(held: Held, used: int, now: datetime) -> LeftOver:
    """Return what is left of a bucket that is stored or rolled over."""
    return LeftOver(
        bucket=held.bucket,
        amount=held.amount,
        left=None if held.amount is None else max(0, held.amount - held.given - used),
        ends_at=held.valid_until,
        source=held.source,
        given=held.given,
        hours=held.hours,
        renews=held.renews,
        offer_version_id=held.offer_version_id,
        starts_at=held.valid_from if held.valid_from > now else None,
        id=held.id,
    )


def left_of_tariff(line_id: int, allowance: Allowance, used: int, given: int, period: Period) -> LeftOver:
    """Return what is left of what the fee of the period gives."""
    amount = allowance.amount
    return LeftOver(
        bucket=allowance.bucket,
        amount=amount,
        left=None if amount is None else max(0, amount - given - used),
        ends_at=period.end,
        given=given,
        then_kbps=allowance.then_kbps,
        rolls_over=allowance.roll_over is not None,
        id=tariff_bucket_id(line_id, allowance.bucket, period.start),
    )


@dataclass(frozen=True, slots=True)
class Total:
    """All there is of a kind: `amount` and what is `left`, None: without limit; `then_kbps` when it is used up."""

    bucket: Bucket
    amount: int | None
    left: int | None
    then_kbps: int | None = None


def total(left_overs: Iterable[LeftOver], bucket: str) -> Total | None:
    """Return all that usage of a kind can take from now, at any hour; None: no such bucket."""
    here = [one for one in left_overs if one.bucket == bucket and one.hours is None and one.starts_at is None]
    if not here:
        return None
    then = next((one.then_kbps for one in here if one.then_kbps), None)
    if any(one.left is None for one in here):
        return Total(here[0].bucket, None, None)
    amount = sum((one.amount or 0) - one.given for one in here)
    return Total(here[0].bucket, amount, sum(one.left or 0 for one in here), then)
