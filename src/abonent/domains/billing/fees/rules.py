"""When fees fall due, how much of a fee a part of a period costs, and what happens without money. Pure.

Everything counts in whole local days: a day belongs to the tariff with which it begins, the day of the opening to the
tariff of the opening; a day that was begun counts. What `n` days of a period cost is the difference of two rounded
sums (`share`), so that the parts of a period, cut anywhere, always add up to its fee.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.rules import TariffVersion

Rule = Literal["fee", "fee-part", "fee-day", "fee-return", "block-day"]
# A period paid whole; some days of one; a day of a daily tariff; days given back; a day of a block by the owner's wish.
WHOLE: Rule = "fee"
PART: Rule = "fee-part"
DAY: Rule = "fee-day"
RETURN: Rule = "fee-return"
BLOCK_DAY: Rule = "block-day"
RULES = (WHOLE, PART, DAY, RETURN, BLOCK_DAY)
_DAY = timedelta(days=1)


class FeeLine(NamedTuple):
    """What fees need to know of a line; `day` (1..28) is the day of the month on which its periods start.

    Of a service on a line (`product_id`, what is offered by `offer_code`) opening and closing are those of the service.
    """

    line_id: int
    contract_id: int
    day: int
    opened_at: datetime
    closed_at: datetime | None
    prepaid: bool
    product_id: int = 0
    offer_code: str = ""

    @property
    def key(self) -> int:
        """Return what names it among lines and services: a line's id, or minus that of a service."""
        return -self.product_id or self.line_id


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the fees of a line are settled: up to `until`, or (None) to the end of the period of `month`.

    What was paid by days from `first` on under `version_id` is given back when the tariff or the line ends earlier;
    None: nothing can be. `turn` counts how often that happened.
    """

    month: int
    until: date | None = None
    first: date | None = None
    version_id: int | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Fee:
    """A sum for the local days from `first` to before `end`, due at `at`; `period_days` are those of its period.

    Of days given back (`rule` is `fee-return`) the sum is negative.
    """

    line: FeeLine
    month: int
    first: date
    end: date
    period_days: int
    version: TariffVersion
    rule: Rule
    amount_minor: int
    at: datetime
    turn: int = 0

    @property
    def days(self) -> int:
        return (self.end - self.first).days


def share(fee_minor: int, period_days: int, first: int, end: int) -> int:
    """Return what the days `first` to before `end` (counted from 0) of a period cost, to the kopeck.

    Day by day the rounded-down sum since the period's start grows; a part costs what it grew by. So parts that meet
    add up to the whole, and two days of a period never differ by more than a kopeck.
    """
    return fee_minor * end // period_days - fee_minor * first // period_days


def period_day(opened_on: date) -> int:
    """Return the day on which periods of a line start that is opened on that day: the 28th for the 29th to 31st.

    Every month has that day; the first of the following month would ask for two fees within three days.
    """
    return min(opened_on.day, 28)


def month_of(period_start_day: int, day: date) -> int:
    """Return the month, counted from the year 0, in which the period around the local `day` starts."""
    return day.year * 12 + day.month - 1 - (day.day < period_start_day)


@lru_cache(maxsize=5_000)
def period_days(period_start_day: int, month: int) -> tuple[date, date]:
    """Return the first day of the period that starts in `month`, and the first after it."""
    first = date(month // 12, month % 12 + 1, period_start_day)
    return first, first + timedelta(days=monthrange(first.year, first.month)[1])


@lru_cache(maxsize=20_000)
def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when the local day begins, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def first_day_from(moment: datetime, zone: ZoneInfo) -> date:
    """Return the first local day that begins at `moment` or later."""
    day = moment.astimezone(zone).date()
    return day if midnight(day, zone) >= moment else day + _DAY


def opening_day(line: FeeLine, zone: ZoneInfo) -> date:
    return line.opened_at.astimezone(zone).date()


def next_day(line: FeeLine, mark: Mark | None, zone: ZoneInfo) -> date:
    """Return the first local day whose fee is not settled."""
    if mark is None:
        return opening_day(line, zone)
    return mark.until or period_days(line.day, mark.month)[1]


def due(
    line: FeeLine, mark: Mark | None, assigned: Sequence[Assigned], until: datetime, zone: ZoneInfo
) -> tuple[list[Fee], Mark | None]:
    """Return what fell due by `until` and is not settled, in time order, and the mark that settles it.

    `assigned` are the line's tariffs in time order. A period that begins without a tariff has no fee.
    """
    fees: list[Fee] = []
    # Moments of one time zone are compared much faster.
    until = until.astimezone(UTC)
    day = next_day(line, mark, zone)
    while True:
        at = max(midnight(day, zone), line.opened_at)
        if at > until or (line.closed_at is not None and at >= line.closed_at):
            return fees, mark
        turn = mark.turn if mark else 0
        month = month_of(line.day, day)
        tariff = next((one for one in assigned if at in one), None)
        if tariff is None:
            mark = Mark(month, turn=turn)
        else:
            fee = _fee(line, tariff, day, month, turn, at, zone)
            mark = mark_after(fee)
            fees.append(fee)
        day = next_day(line, mark, zone)


def _fee(line: FeeLine, tariff: Assigned, day: date, month: int, turn: int, at: datetime, zone: ZoneInfo) -> Fee:
    start, end = period_days(line.day, month)
    version, length = tariff.version, (end - start).days
    terms = version.terms.fee
    if terms.per == "day":
        rule: Rule = BLOCK_DAY if tariff.blocked else DAY
        return Fee(line, month, day, day + _DAY, length, version, rule, version.fee_minor, at, turn)
    if not terms.by_days:
        return Fee(line, month, day, end, length, version, "fee", version.fee_minor, at, turn)
    # What is known to end earlier is not paid to the end of the period.
    for ends_at in (tariff.valid_until, line.closed_at):
        if ends_at is not None:
            end = min(end, first_day_from(ends_at, zone))
    return days_of(line, version, day, end, at, turn)


def days_of(line: FeeLine, version: TariffVersion, first: date, end: date, at: datetime, turn: int) -> Fee:
    """Return what some days of one period cost of a monthly fee."""
    month = month_of(line.day, first)
    start, next_start = period_days(line.day, month)
    length = (next_start - start).days
    amount = share(version.fee_minor, length, (first - start).days, (end - start).days)
    return Fee(line, month, first, end, length, version, "fee-part", amount, at, turn)


def mark_after(fee: Fee) -> Mark:
    """Return how far a line is settled when the fee is."""
    until = None if fee.end == period_days(fee.line.day, fee.month)[1] else fee.end
    back = fee.rule == PART
    return Mark(fee.month, until, fee.first if back else None, fee.version.id if back else None, fee.turn)


def given_back(
    line: FeeLine, mark: Mark, assigned: Sequence[Assigned], until: datetime, zone: ZoneInfo
) -> tuple[Fee | None, Mark]:
    """Return the days paid that no longer count, because tariff or line ended by `until`, and the mark without them."""
    if mark.first is None or mark.version_id is None:
        return None, mark
    begins = max(midnight(mark.first, zone), line.opened_at)
    # A blocked day costs what the block says, though it is of the same version: nothing was paid by days for it.
    assigned = [one for one in assigned if not one.blocked]
    tariff = next((one for one in assigned if begins in one and one.version.id == mark.version_id), None)
    ends = [moment for moment in (tariff.valid_until if tariff else begins, line.closed_at) if moment is not None]
    ended_at = min(ends, default=None)
    end = next_day(line, mark, zone)
    if ended_at is None or ended_at > until:
        return None, mark
    cut = max(first_day_from(ended_at, zone), mark.first)
    if cut >= end:
        return None, mark
    version = tariff.version if tariff else next((a.version for a in assigned if a.version.id == mark.version_id), None)
    if version is None:
        # The tariff was taken out of the line's history: what it cost is told by staff, not guessed here.
        return None, mark
    taken = days_of(line, version, cut, end, max(ended_at, begins), mark.turn)
    back = replace(taken, rule="fee-return", amount_minor=-taken.amount_minor)
    return back, Mark(mark.month, cut, turn=mark.turn + 1)
