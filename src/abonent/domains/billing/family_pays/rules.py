"""One pays for another's number: the terms by date, and how much goes over when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

INVITED_FOR = timedelta(days=7)
# Ask and confirm on one page; then it is forgotten.
ASKED_FOR = timedelta(minutes=30)
# An invitation costs a message, and tells somebody's number to nobody.
INVITATIONS = ((5, timedelta(days=1)), (15, timedelta(days=30)))


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds from the day `valid_from` on; sums in minor units.

    When the member has less than `threshold_minor`, whole portions go over until there is as much, up to the cap.
    """

    valid_from: date
    threshold_minor: int
    portion_minor: int
    cap_least_minor: int
    cap_most_minor: int
    members_most: int


TERMS = (Terms(date(2020, 1, 1), 10_000, 30_000, 30_000, 1_000_000, 5),)


class Refusal(StrEnum):
    """Why somebody cannot pay for a number."""

    BLOCKED = "blocked"
    NOT_YOURS = "not yours"
    BY_BILL = "by bill"
    SELF = "self"
    SMALL = "small"
    LARGE = "large"
    MEMBERS = "members"
    ALREADY = "already"
    INVITATIONS = "invitations"


def terms_on(day: date, terms: Sequence[Terms] = TERMS) -> Terms:
    """Return the terms in force on the day; those of the first version for any day before it."""
    return max((one for one in terms if one.valid_from <= day), key=lambda one: one.valid_from, default=terms[0])


def cap_refused(cap_minor: int, terms: Terms) -> Refusal | None:
    """Return why this is no monthly cap, or None."""
    if cap_minor < terms.cap_least_minor:
        return Refusal.SMALL
    return Refusal.LARGE if cap_minor > terms.cap_most_minor else None


def cover_minor(
    *, balance_minor: int, threshold_minor: int, portion_minor: int, cap_minor: int, spent_minor: int
) -> int:
    """Return what goes over to a member with that balance, 0: nothing.

    Whole portions until the threshold is reached; the last one of a month may be cut by the cap.
    """
    if balance_minor >= threshold_minor:
        return 0
    portions = -((balance_minor - threshold_minor) // portion_minor)
    return max(0, min(portions * portion_minor, cap_minor - spent_minor))
