"""Data and minutes given to another number: the terms by date, who may give how much, and from which buckets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from abonent.domains.billing.packages.rules import LeftOver, Source
from abonent.domains.catalog.rules import Bucket

FEE_RULE = "gift-fee"
MEGABYTE = 1024 * 1024
MINUTE = 60
HISTORY_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that one gift of a kind holds, and of what it is a multiple: `unit`."""

    least: int
    most: int
    unit: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for gifts from the day `valid_from` on.

    `ranges` by kind; no other kind is given. `sources` are the buckets that may be given from, `most_a_month` gifts go
    from a number in a calendar month, for `fee_minor` each. Who gets one may use it for `days`.
    """

    valid_from: date
    ranges: Mapping[Bucket, Range]
    sources: tuple[Source, ...]
    most_a_month: int
    fee_minor: int
    days: int


_RANGES: Mapping[Bucket, Range] = {
    "data": Range(100 * MEGABYTE, 10_240 * MEGABYTE, MEGABYTE),
    "voice": Range(10 * MINUTE, 300 * MINUTE, MINUTE),
}
# What came as a gift goes no further: else packages of many numbers would be one.
TERMS = (Terms(date(2024, 1, 1), _RANGES, (Source.TARIFF, Source.PACKAGE), 5, 1_000, 30),)


def terms_on(day: date, terms: Sequence[Terms] = TERMS) -> Terms:
    """Return the terms in force on the day; those of the first version for any day before it."""
    return max((one for one in terms if one.valid_from <= day), key=lambda one: one.valid_from, default=terms[0])


class Refusal(StrEnum):
    """Why something cannot be given, the most telling first."""

    BLOCKED = "blocked"
    KIND = "kind"
    SELF = "self"
    RECEIVER = "receiver"
    SMALL = "small"
    LARGE = "large"
    MONTH = "month"
    MORE = "more"
    UNSETTLED = "unsettled"
    LIMIT = "limit"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Giver:
    """What is known of who gives: what is `left`, how many gifts went this month, what money there is for the fee.

    `unsettled`: usage of this period is being counted anew, so what is left is not known.
    """

    line_id: int
    blocked: bool
    left: tuple[LeftOver, ...]
    gifts_this_month: int
    available_minor: int
    prepaid: bool
    unsettled: bool = False
    limit_left_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not; `most` that could be given (or the least), in units of the kind, `minor` what is missing or left."""

    refusal: Refusal
    most: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a bucket; of the tariff's own the period is told."""

    bucket_id: UUID
    source: Source
    amount: int


def amount_refused(bucket: Bucket, amount: int, terms: Terms) -> Refused | None:
    """Return why nobody gives so much, or None."""
    allowed = terms.ranges.get(bucket)
    if allowed is None:
        return Refused(Refusal.KIND)
    if amount < allowed.least:
        return Refused(Refusal.SMALL, allowed.least)
    return Refused(Refusal.LARGE, allowed.most) if amount > allowed.most else None


def refused(
    *, giver: Giver, receiver_line_id: int | None, bucket: Bucket, amount: int, fee_minor: int, terms: Terms
) -> Refused | None:
    """Return why it cannot be given to the receiver (None: nobody who can get it), or None: it can."""
    if giver.blocked:
        return Refused(Refusal.BLOCKED)
    if bucket not in terms.ranges:
        return Refused(Refusal.KIND)
    if receiver_line_id == giver.line_id:
        return Refused(Refusal.SELF)
    if receiver_line_id is None:
        return Refused(Refusal.RECEIVER)
    if reason := amount_refused(bucket, amount, terms):
        return reason
    if giver.gifts_this_month >= terms.most_a_month:
        return Refused(Refusal.MONTH, terms.most_a_month)
    if giver.unsettled:
        return Refused(Refusal.UNSETTLED)
    if amount > (there := giveable(giver.left, bucket, terms)):
        return Refused(Refusal.MORE, there)
    if giver.limit_left_minor is not None and fee_minor > giver.limit_left_minor:
        return Refused(Refusal.LIMIT, minor=giver.limit_left_minor)
    missing_minor = fee_minor - max(0, giver.available_minor)
    return Refused(Refusal.SHORT, minor=missing_minor) if giver.prepaid and missing_minor > 0 else None


def giveable(left: Iterable[LeftOver], bucket: str, terms: Terms) -> int:
    """Return how much of a kind can be given, in whole units; nothing of what has no limit."""
    there = sum(one.left or 0 for one in _from(left, bucket, terms))
    unit = terms.ranges[bucket].unit if bucket in terms.ranges else 1  # type: ignore[index]
    return there // unit * unit


def parts(left: Iterable[LeftOver], bucket: str, amount: int, terms: Terms) -> list[Part]:
    """Return what is taken from which bucket, in the order in which usage would take it."""
    found = []
    for one in sorted(_from(left, bucket, terms), key=lambda one: (one.ends_at, str(one.id))):
        part = min(amount, one.left or 0)
        if part and one.id is not None:
            found.append(Part(one.id, one.source, part))
            amount -= part
    if amount:
        raise ValueError("there is less than that")
    return found


def _from(left: Iterable[LeftOver], bucket: str, terms: Terms) -> list[LeftOver]:
    return [
        one
        for one in left
        if one.bucket == bucket
        and one.source in terms.sources
        and one.left
        and one.hours is None
        and one.starts_at is None
    ]


def ends_at(given_at: datetime, terms: Terms, zone: ZoneInfo) -> datetime:
    """Return until when who gets it may use it: so many whole days after this one."""
    last = given_at.astimezone(zone).date() + timedelta(days=terms.days)
    return datetime.combine(last + timedelta(days=1), time.min, zone)


def gift_id(form_id: UUID, *, account_id: int, line_id: int, number: str, bucket: str, amount: int) -> UUID:
    """Return the gift's id: the same for the same form sent again with the same content, another for any other."""
    return uuid5(form_id, f"gift|{account_id}|{line_id}|{number}|{bucket}|{amount}")


def fee_id(gift: UUID) -> UUID:
    """Return the id of the charge of a gift's fee, and of its transfer in the ledger."""
    return uuid5(gift, "fee")
