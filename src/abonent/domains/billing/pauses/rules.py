"""What fees are while a line is blocked by its owner's wish. Pure.

To fees a block is what another tariff is: its days belong to it, cost what it says, and what was paid by days for them
comes back. So a block, a change of the tariff and a closing line cannot contradict each other, whatever comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.rules import FeeLine, Mark
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.rules import FeeTerms, TariffVersion

# The rule's name of what a block costs once.
ONCE_RULE = "block-once"
_INSTANT = timedelta(microseconds=1)
_TWO_PERIODS = timedelta(days=63)


@dataclass(frozen=True, slots=True)
class Pause:
    """The local days from `first` to before `end`; from `free_until` on each costs `day_minor`."""

    first: date
    end: date
    free_until: date
    day_minor: int

    def free_for_services(self) -> Pause:
        """Return the same days for the services on the line: the block itself is paid once, with the tariff."""
        return replace(self, day_minor=0)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a block means for the fee of the tariff: `back_minor` comes back for days that are paid.

    `kept`: nothing does, though they are paid, since the fee is one for the whole period. `after_minor` is asked for
    on `after`, for the days to before `after_end`: the first fee that falls due after it.
    """

    back_minor: int
    after_minor: int
    after: date
    after_end: date
    kept: bool = False
    # Days that cost, and from when on: of a month that is paid whole none does.
    paid_days: int = 0
    paid_from: date | None = None


class _Span(NamedTuple):
    since: datetime
    until: datetime
    change: Callable[[Assigned], Assigned]


def cut(assigned: Sequence[Assigned], pauses: Iterable[Pause], day: int, zone: ZoneInfo) -> list[Assigned]:
    """Return the tariffs of a line with blocks between them; its periods start on `day` of the month.

    After a block only the days left of the period are paid, also of a fee that is paid whole otherwise.
    """
    spans = list(_spans(pauses, day, zone))
    return [part for one in assigned for part in _parts(one, spans)]


def quote(
    line: FeeLine,
    mark: Mark | None,
    assigned: Sequence[Assigned],
    earlier: Sequence[Pause],
    pause: Pause,
    zone: ZoneInfo,
) -> Quote:
    """Return what `pause` means for the fees of the tariff, which are settled as far as `mark` says now."""
    since, ends = (fees_rules.midnight(day, zone) for day in (pause.first, pause.end))
    # Until then fees are taken as if nothing were to change.
    _, mark = fees_rules.due(line, mark, cut(assigned, earlier, line.day, zone), since - _INSTANT, zone)
    blocked = cut(assigned, [*earlier, pause], line.day, zone)
    back = None
    if mark is not None:
        back, mark = fees_rules.given_back(line, mark, blocked, since, zone)
    kept = mark is not None and back is None and fees_rules.next_day(line, mark, zone) > pause.first
    fees, _ = fees_rules.due(line, mark, blocked, ends + _TWO_PERIODS, zone)
    paying = [
        fee.first for fee in fees if fee.rule == fees_rules.BLOCK_DAY and fee.amount_minor and fee.first >= pause.first
    ]
    after = next((fee for fee in fees if fee.first >= pause.end), None)
    back_minor = -back.amount_minor if back else 0
    days = (after.amount_minor, after.first, after.end) if after else (0, pause.end, pause.end)
    return Quote(back_minor, *days, kept, len(paying), min(paying, default=None))


def settled_too_far(
    line: FeeLine, mark: Mark | None, version: TariffVersion, first: date, zone: ZoneInfo
) -> date | None:
    """Return the first day of the block that the tariff's fee was taken for, since nobody knew of the block yet.

    None: there is none. Days of a fee by days are given back anyway, and a month that was paid whole before the block
    covers its period.
    """
    if mark is None or version.terms.fee.by_days:
        return None
    day = first
    if version.terms.fee.per == "month":
        start, following = fees_rules.period_days(line.day, fees_rules.month_of(line.day, day))
        day = day if day == start else following
    return day if day < fees_rules.next_day(line, mark, zone) else None


def first_fee_after(
    version: TariffVersion, due_on: date, end: date, day: int, zone: ZoneInfo
) -> tuple[datetime, int] | None:
    """Return when the fee falls due that would be on `due_on` without a block until `end`, and how much it is then.

    None: the block changes nothing of it.
    """
    start, following = fees_rules.period_days(day, fees_rules.month_of(day, end))
    terms = version.terms.fee
    if due_on < end:
        amount = version.fee_minor
        if terms.per == "month":
            amount = fees_rules.share(amount, (following - start).days, (end - start).days, (following - start).days)
        return fees_rules.midnight(end, zone), amount
    if terms.per == "month" and terms.by_days and start < end < following == due_on:
        length = (following - start).days
        return fees_rules.midnight(end, zone), fees_rules.share(version.fee_minor, length, (end - start).days, length)
    return None


def _spans(pauses: Iterable[Pause], day: int, zone: ZoneInfo) -> Iterator[_Span]:
    real = sorted((one for one in pauses if one.first < one.end), key=lambda one: one.first)
    for pause, following in pairwise([*real, None]):
        if pause is None:
            return
        paid_from = min(max(pause.first, pause.free_until), pause.end)
        start, next_start = fees_rules.period_days(day, fees_rules.month_of(day, pause.end))
        rest_until = pause.end if start == pause.end else next_start
        if following is not None:
            rest_until = max(pause.end, min(rest_until, following.first))
        days = [pause.first, paid_from, pause.end, rest_until]
        changes = [_blocked(0), _blocked(pause.day_minor), _by_days]
        for (first, end), change in zip(pairwise(days), changes, strict=True):
            if first < end:
                yield _Span(fees_rules.midnight(first, zone), fees_rules.midnight(end, zone), change)


def _parts(one: Assigned, spans: Iterable[_Span]) -> Iterator[Assigned]:
    since = one.valid_from
    for span in spans:
        first = max(span.since, since)
        end = span.until if one.valid_until is None else min(span.until, one.valid_until)
        if first >= end:
            continue
        if since < first:
            yield replace(one, valid_from=since, valid_until=first)
        yield span.change(replace(one, valid_from=first, valid_until=end))
        since = end
    if one.valid_until is None or since < one.valid_until:
        yield replace(one, valid_from=since)


def _blocked(day_minor: int) -> Callable[[Assigned], Assigned]:
    def blocked(one: Assigned) -> Assigned:
        # Nobody is paused for want of the price of a pause.
        terms = replace(one.version.terms, fee=FeeTerms(per="day", shortage="charge"))
        return replace(one, version=replace(one.version, fee_minor=day_minor, terms=terms), blocked=True)

    return blocked


def _by_days(one: Assigned) -> Assigned:
    fee = one.version.terms.fee
    if fee.per == "day" or fee.by_days:
        return one
    terms = replace(one.version.terms, fee=replace(fee, by_days=True))
    return replace(one, version=replace(one.version, terms=terms))
