"""What a purchase at a partner brings, when, and what goes back when it is returned. Pure: today is an argument.

The format of files stands in docs/cashback-files.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

METHOD = "cashback"
COLUMNS = ("purchase_id", "number", "amount", "bought_on", "state", "category")
BOUGHT, RETURNED = "bought", "returned"
LINE_LENGTH_MAX = 500
# What is told later than so is no purchase of these terms any more.
OLDEST = timedelta(days=180)
FULL_BP = 10_000
CODE = re.compile(r"[a-z][a-z0-9-]{1,19}")
_AMOUNT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{2}))?")
_PURCHASE = re.compile(r"[A-Za-z0-9._:/-]{1,60}")


class State(StrEnum):
    """How the money of a purchase stands."""

    WAITING = "waiting"
    ACCRUED = "accrued"
    # Nothing came of it: returned in time, excluded, above the month, or the line is gone.
    NOTHING = "nothing"


class Reason(StrEnum):
    """Why a row is not taken; its words name the fix for who made the file."""

    COLUMNS = "a row has purchase_id,number,amount,bought_on,state,category"
    PURCHASE = "purchase_id is 1 to 60 letters, digits, dots, hyphens, slashes or colons"
    NUMBER = "number is no phone number"
    AMOUNT = "amount is roubles above zero, as 1234.50"
    DAY = "bought_on is a day as 2026-11-29, not to come and not older than 180 days"
    STATE = "state is bought or returned"
    CATEGORY = "category has up to 40 printable characters"
    NOBODY = "nobody was served by this number on that day"
    NO_TERMS = "the partner has no terms for that day"
    OTHER = "this purchase_id is known with another number, sum or day"
    UNKNOWN = "what is returned was never bought: send the purchase first"
    TOO_MUCH = "more is returned than was bought"


# What our books say of a well-formed row: for who runs them, and not for the partner.
FACTS = frozenset({Reason.NUMBER, Reason.NOBODY, Reason.NO_TERMS, Reason.OTHER, Reason.UNKNOWN, Reason.TOO_MUCH})


class BadRow(ValueError):
    """A row that is not taken, and changes nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Terms:
    """Rate in basis points of what was paid, rounded down; caps of a purchase and of a contract's calendar month.

    `hold_days`: how long a return is waited for; `excluded`: categories of goods that bring nothing.
    """

    rate_bp: int
    purchase_cap_minor: int
    month_cap_minor: int
    hold_days: int
    excluded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.rate_bp <= FULL_BP or self.purchase_cap_minor <= 0 or self.month_cap_minor <= 0:
            raise ValueError("a rate of 1 to 10000 basis points, caps above zero")


@dataclass(frozen=True, slots=True)
class Told:
    """What a partner says of a purchase. Of a return `amount_minor` is all that was brought back so far."""

    purchase_id: str
    number: str
    amount_minor: int
    bought_on: date
    is_return: bool
    category: str


def told(fields: Mapping[str, str], today: date) -> Told:
    """Return what a row says, the number as it was typed; raise `BadRow`."""
    amount = _AMOUNT.fullmatch(fields["amount"])
    minor = int(amount[1]) * 100 + int(amount[2] or 0) if amount else 0
    for good, reason in (
        (_PURCHASE.fullmatch(fields["purchase_id"]), Reason.PURCHASE),
        (minor > 0, Reason.AMOUNT),
        (fields["state"] in (BOUGHT, RETURNED), Reason.STATE),
        (len(fields["category"]) <= 40 and fields["category"].isprintable(), Reason.CATEGORY),
    ):
        if not good:
            raise BadRow(reason)
    try:
        day = date.fromisoformat(fields["bought_on"])
    except ValueError:
        raise BadRow(Reason.DAY) from None
    if not today - OLDEST <= day <= today:
        raise BadRow(Reason.DAY)
    return Told(fields["purchase_id"], fields["number"], minor, day, fields["state"] == RETURNED, fields["category"])


def due_at(bought_on: date, terms: Terms, zone: ZoneInfo) -> datetime:
    """Return when the money comes: in the morning after the last day on which a return was waited for."""
    return datetime.combine(bought_on + timedelta(days=terms.hold_days + 1), time(9), zone)


def accrual(terms: Terms, *, kept_minor: int, category: str, month_before_minor: int = 0) -> int:
    """Return what comes for what was kept of a purchase, after what came for others of that month."""
    if category in terms.excluded or kept_minor <= 0:
        return 0
    by_rate = kept_minor * terms.rate_bp // FULL_BP
    return max(0, min(by_rate, terms.purchase_cap_minor, terms.month_cap_minor - month_before_minor))


def goes_back(terms: Terms, *, accrued_minor: int, back_minor: int, kept_minor: int, category: str) -> int:
    """Return what of an accrual has to go back beyond `back_minor`, now that so much of the purchase is kept."""
    due = min(accrued_minor, accrual(terms, kept_minor=kept_minor, category=category))
    return max(0, accrued_minor - back_minor - due)


def can_go_back(wanted_minor: int, available_minor: int, *, prepaid: bool) -> int:
    """Return what of it is taken now: from who pays before no more than there is, for a shop's return is no debt."""
    return min(wanted_minor, max(0, available_minor)) if prepaid else wanted_minor


def months_bounds(day: date) -> tuple[date, date]:
    """Return the first day of the month of a day, and that of the next."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def in_force(day: date, known: Collection[tuple[date, int]]) -> int | None:
    """Return the id of the terms in force on a day, of first days with ids."""
    begun = [one for one in known if one[0] <= day]
    return max(begun)[1] if begun else None
