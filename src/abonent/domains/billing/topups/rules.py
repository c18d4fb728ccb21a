"""What may be paid in at once and in a day, and what a second top-up like the first means. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

METHODS = CARD, SAVED_CARD, SBP, CASH = "card", "saved card", "sbp", "cash"
# How a top-up ended.
SETTLED, DECLINED = "settled", "declined"
# Two tabs, two devices, the back button: what is the same again so soon is asked about first.
SAME_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limits:
    """Sums in minor units; those of a day count for who pays, whatever the numbers paid for."""

    least_minor: int = 10_00
    most_minor: int = 15_000_00
    day_minor: int = 40_000_00
    day_count: int = 20
    # Numbers of other people: who pays for many of them looks for numbers that are somebody's.
    day_numbers: int = 5


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Today:
    """What somebody has paid or begun to pay since midnight: minor units, how often, for which numbers of others."""

    amount_minor: int = 0
    count: int = 0
    numbers: Collection[str] = ()


class Refused(ValueError):
    """A top-up that may not be: `reason` is `too_little`, `too_much`, `day_sum`, `day_count` or `day_numbers`.

    `limit` is what would be right: minor units (of `day_sum`: what is left of the day), or a number.
    """

    def __init__(self, reason: str, limit: int) -> None:
        super().__init__(f"{reason}: {limit}")
        self.reason, self.limit = reason, limit


def can_be_paid(amount_minor: int, limits: Limits = LIMITS) -> bool:
    """Return whether a sum can be offered to be paid at once."""
    return limits.least_minor <= amount_minor <= limits.most_minor


def check_amount(amount_minor: int, limits: Limits = LIMITS) -> None:
    """Raise `Refused` for a sum that is never taken at once."""
    if amount_minor < limits.least_minor:
        raise Refused("too_little", limits.least_minor)
    if amount_minor > limits.most_minor:
        raise Refused("too_much", limits.most_minor)


def check(amount_minor: int, others_number: str, today: Today, limits: Limits = LIMITS) -> None:
    """Raise `Refused` when the sum may not be paid after all that was paid `today`; of one's own, the number is ""."""
    check_amount(amount_minor, limits)
    if today.count >= limits.day_count:
        raise Refused("day_count", limits.day_count)
    left = limits.day_minor - today.amount_minor
    if amount_minor > left:
        raise Refused("day_sum", max(0, left))
    others = {*today.numbers, others_number} - {""}
    if others_number and len(others) > limits.day_numbers:
        raise Refused("day_numbers", limits.day_numbers)


# Who began a payment so lately sees on the page what became of it.
SEEN_WITHIN = timedelta(minutes=5)
# Reasons of payments that say: nobody wanted to go on.
LEFT_ALONE = frozenset({"time is up"})


def is_told_of_decline(reason: str, *, began_at: datetime, at: datetime) -> bool:
    """Return whether a message says that nothing was paid: not to who just saw it, nor to who let the time go by."""
    return reason not in LEFT_ALONE and at - began_at > SEEN_WITHIN
