"""What a spending limit means: of which month, when it is reached, what it holds back, how it may be changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from abonent.domains.billing.bills.rules import month_after, period_of
from abonent.foundation.values import Period

# At which parts of a limit, in percent, its owner is told.
THRESHOLDS = (80, 100)
LEAST_MINOR, MOST_MINOR = 10_00, 1_000_000_00
# How long a change may be taken back with one press.
UNDO_FOR = timedelta(minutes=10)


class OnReached(StrEnum):
    """What happens at the limit: its owner is told, or paid things are held back as well."""

    TELL = "tell"
    BLOCK = "block"


class Refused(ValueError):
    """This is no limit: `reason` is `too_little` or `too_much`, `limit` the sum that would be taken."""

    def __init__(self, reason: str, limit: int) -> None:
        super().__init__(f"{reason} {limit}")
        self.reason, self.limit = reason, limit


@dataclass(frozen=True, slots=True)
class Terms:
    """What the owner of a line wants; `amount_minor` None: no limit. A raise holds in the month `raised_for`."""

    amount_minor: int | None = None
    on_reached: OnReached = OnReached.TELL
    raised_for: date | None = None
    raised_minor: int | None = None

    def in_force(self, month: date) -> int | None:
        """Return the limit of the month that begins with the day `month`."""
        if self.amount_minor is None:
            return None
        return self.raised_minor if self.raised_for == month and self.raised_minor else self.amount_minor

    def left_minor(self, month: date, spent_minor: int) -> int | None:
        """Return what may still be bought in the month, not below nothing; None: as much as one likes."""
        limit = self.in_force(month)
        if limit is None or self.on_reached is not OnReached.BLOCK:
            return None
        return max(0, limit - spent_minor)

    def blocks(self, month: date, spent_minor: int) -> bool:
        """Return whether paid things are held back."""
        return self.left_minor(month, spent_minor) == 0

    def reached(self, month: date, spent_minor: int) -> tuple[int, ...]:
        """Return the thresholds that were come to."""
        limit = self.in_force(month)
        return tuple(percent for percent in THRESHOLDS if limit and spent_minor * 100 >= limit * percent)

    def raised(self, month: date, to_minor: int, spent_minor: int) -> Terms:
        """Return the terms with a higher limit in this month; raise `Refused`, also when it would be reached at once.

        Without a limit there is nothing to raise: that is for who asks to see.
        """
        least = max(self.in_force(month) or 0, spent_minor, LEAST_MINOR - 1) + 1
        if to_minor < least:
            raise Refused("too_little", least)
        check_sum(to_minor)
        return replace(self, raised_for=month, raised_minor=to_minor)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"raised_for": self.raised_for.isoformat() if self.raised_for else None}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Terms:
        day = date.fromisoformat(kept["raised_for"]) if kept["raised_for"] else None
        return cls(kept["amount_minor"], OnReached(kept["on_reached"]), day, kept["raised_minor"])


def check_sum(amount_minor: int) -> None:
    """Raise `Refused` for a sum that is no limit."""
    if amount_minor < LEAST_MINOR:
        raise Refused("too_little", LEAST_MINOR)
    if amount_minor > MOST_MINOR:
        raise Refused("too_much", MOST_MINOR)


def loosens(before: Terms, after: Terms, month: date) -> bool:
    """Return whether more money may go afterwards, this month or later: that asks who is there."""
    if before.amount_minor is None:
        return False
    if after.amount_minor is None:
        return True
    held, holds = before.in_force(month) or 0, after.in_force(month) or 0
    weaker = before.on_reached is OnReached.BLOCK and after.on_reached is OnReached.TELL
    return weaker or holds > held or after.amount_minor > before.amount_minor


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the first day of the local month."""
    return at.astimezone(zone).date().replace(day=1)


def period(month: date, zone: ZoneInfo) -> Period:
    """Return the local month: bills and expenses cut it at the same midnights."""
    return period_of(month, zone)


def ends_on(month: date) -> date:
    """Return the first day on which a limit begins anew."""
    return month_after(month)
