"""Autopay: when it pays and how much, what a decline leads to, what may be agreed. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from abonent.domains.billing.topups.rules import LIMITS

# What a payment of autopay is called in the books of billing, and to payments.
METHOD = "autopay"
THRESHOLD_LEAST_MINOR, THRESHOLD_MOST_MINOR = 10_00, 5_000_00
CAP_MOST_MINOR = 60_000_00
# A balance that is far below the threshold is not chased with one payment after the other.
TIMES_A_DAY = 3
# After so many tries on later days it waits for its owner.
TRIES_AGAIN = 3
# A day that nobody worked on is made up for so long; what is older is left out.
LATE_DAYS = 3
PAYS_FROM, WARNS_FROM = time(9), time(10)
# The bank could not be reached: that is not the card's fault.
SOON = timedelta(hours=1)


class Kind(StrEnum):
    """When it pays: below a balance; on a day of the month a fixed sum, or what the next fee lacks."""

    THRESHOLD = "threshold"
    CALENDAR = "calendar"
    FEE = "fee"


class State(StrEnum):
    ON = "on"
    PAUSED = "paused"
    STOPPED = "stopped"


class AttemptState(StrEnum):
    """A payment of autopay: asked for and not known yet, came, did not come, or was never asked for at the bank."""

    ASKED = "asked"
    SETTLED = "settled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Why(StrEnum):
    """Why an agreement is paused or stopped."""

    OWNER = "owner"
    REPLACED = "replaced"
    DECLINED = "declined"
    CARD_GONE = "card gone"
    CARD_EXPIRED = "card expired"
    CARD_REFUSED = "card refused"
    LINE_GONE = "line gone"
    ACCOUNT_GONE = "account gone"


class Do(StrEnum):
    PAY = "pay"
    NOTHING = "nothing is needed"
    LATER = "paid often enough today"
    CAP = "the month's cap is reached"


class Refused(ValueError):
    """What may not be agreed: the `field`, and why; `limit` (minor units, or a day) would be right."""

    def __init__(self, field: str, reason: str, limit: int) -> None:
        super().__init__(f"{field}: {reason} {limit}")
        self.field, self.reason, self.limit = field, reason, limit


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed; sums in minor units. What its kind does not ask for is None."""

    kind: Kind
    threshold_minor: int | None
    day: int | None
    amount_minor: int | None
    cap_minor: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The balance, what the next fee lacks, what autopay paid this month, and how often today."""

    balance_minor: int
    lacks_minor: int
    spent_minor: int
    times_today: int


@dataclass(frozen=True, slots=True)
class Decision:
    do: Do
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class After:
    """What a decline leads to; `retry_at` is when it is tried again by itself, `why` says why it is not."""

    state: State
    failures: int
    retry_at: datetime | None
    why: Why | None
    is_told: bool


def check(terms: Terms) -> None:
    """Raise `Refused` for what nobody may agree to."""
    if terms.kind is Kind.THRESHOLD:
        _between("threshold", terms.threshold_minor or 0, THRESHOLD_LEAST_MINOR, THRESHOLD_MOST_MINOR)
    elif not 1 <= (terms.day or 0) <= 31:
        raise Refused("day", "not_a_day", 31)
    least_minor = LIMITS.least_minor
    if terms.kind is not Kind.FEE:
        _between("amount", terms.amount_minor or 0, LIMITS.least_minor, LIMITS.most_minor)
        least_minor = terms.amount_minor or 0
    _between("cap", terms.cap_minor, least_minor, CAP_MOST_MINOR)


def decide(terms: Terms, facts: Facts) -> Decision:
    """Return what an agreement that is due does now."""
    amount_minor = terms.amount_minor or 0
    if terms.kind is Kind.THRESHOLD and facts.balance_minor >= (terms.threshold_minor or 0):
        return Decision(Do.NOTHING)
    if terms.kind is Kind.FEE:
        if facts.lacks_minor <= 0:
            return Decision(Do.NOTHING)
        # No bank takes less.
        amount_minor = max(facts.lacks_minor, LIMITS.least_minor)
    if facts.times_today >= TIMES_A_DAY:
        return Decision(Do.LATER)
    if amount_minor > LIMITS.most_minor or facts.spent_minor + amount_minor > terms.cap_minor:
        return Decision(Do.CAP, amount_minor)
    return Decision(Do.PAY, amount_minor)


def next_day(day: int, after: date) -> date:
    """Return the first `day` of a month after `after`; of a shorter month that is its last day."""
    found = _in_month(day, after.year, after.month)
    if found > after:
        return found
    year, month = divmod(after.year * 12 + after.month, 12)
    return _in_month(day, year, month + 1)


def is_warned(due: date, now: datetime, zone: ZoneInfo) -> bool:
    """Return whether it is time to tell of the payment of the local day `due`: a day ahead, late in the morning."""
    local = now.astimezone(zone)
    return local.date() >= due - timedelta(days=1) and local.time() >= WARNS_FROM


def is_due(due: date, warned_on: date | None, now: datetime, zone: ZoneInfo) -> bool:
    """Return whether the payment of the day `due` is made now: told of on an earlier day, and not in the night."""
    local = now.astimezone(zone)
    told_before = warned_on is not None and warned_on < local.date()
    return local.date() >= due and told_before and local.time() >= PAYS_FROM


def is_missed(due: date, now: datetime, zone: ZoneInfo) -> bool:
    """Return whether the day `due` is too long ago to be made up for."""
    return (now.astimezone(zone).date() - due).days > LATE_DAYS


def after_decline(reason: str, failures: int, at: datetime, zone: ZoneInfo) -> After:
    """Return what follows from a decline for `reason` (one of payments), after `failures` declines in a row."""
    for_ever = {
        "card expired": Why.CARD_EXPIRED,
        "card blocked": Why.CARD_REFUSED,
        "wrong card": Why.CARD_GONE,
        # The bank wants its customer there each time.
        "not confirmed": Why.CARD_REFUSED,
    }
    if why := for_ever.get(reason):
        return After(State.STOPPED, failures + 1, None, why, is_told=True)
    if reason in ("not reached", "time is up"):
        return After(State.ON, failures, at + SOON, None, is_told=False)
    if failures >= TRIES_AGAIN:
        return After(State.PAUSED, failures + 1, None, Why.DECLINED, is_told=True)
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return After(State.ON, failures + 1, datetime.combine(tomorrow, PAYS_FROM, zone), None, is_told=True)


def looks_again_at(do: Do, kind: Kind, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return until when an agreement that is due and does not pay is left alone, None: until its next occasion."""
    today = at.astimezone(zone).date()
    if do is Do.LATER:
        return datetime.combine(today + timedelta(days=1), time.min, zone)
    if do is Do.CAP and kind is Kind.THRESHOLD:
        return datetime.combine((today.replace(day=1) + timedelta(days=31)).replace(day=1), time.min, zone)
    return None


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the first day of the local month."""
    return at.astimezone(zone).date().replace(day=1)


def _in_month(day: int, year: int, month: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _between(field: str, minor: int, least_minor: int, most_minor: int) -> None:
    if minor < least_minor:
        raise Refused(field, "too_little", least_minor)
    if minor > most_minor:
        raise Refused(field, "too_much", most_minor)
