"""Subscriptions of content providers: who may begin one, how it goes on without money, what its end gives back. Pure.

Days are local. What holds is data with a day: `TERMS` are never edited, new ones are added below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from abonent.domains.billing.content import rules as content_rules
from abonent.domains.catalog.providers.rules import Per, Provider


class State(StrEnum):
    """How a subscription stands."""

    # Somebody asked for it, and the subscriber has not agreed yet.
    ASKED = "asked"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    # It never began: nobody answered, the subscriber said no, or we did.
    EXPIRED = "expired"
    DECLINED = "declined"
    REFUSED = "refused"


OPEN = frozenset({State.ASKED, State.ACTIVE, State.PAUSED})
LIVES = frozenset({State.ACTIVE, State.PAUSED})


class Why(StrEnum):
    """Why a subscription is refused, paused or ended."""

    NOT_SERVED = "not served"
    UNKNOWN_SERVICE = "unknown service"
    OTHER_TERMS = "other terms"
    BANNED = "banned"
    SUSPENDED = "suspended"
    BLOCKED = "blocked"
    # Who has the SIM may be somebody else: its code proves nothing where money is concerned.
    PROTECTED = "protected"
    HELD = "held"
    ALREADY = "already"
    TOO_MANY = "too many"
    NO_MONEY = "no money"
    OWNER = "owner"
    SMS = "sms"
    USSD = "ussd"
    STAFF = "staff"
    PROVIDER = "provider"
    DISPUTE = "dispute"
    LINE_CLOSED = "line closed"


# Refusals that the subscriber is shown: those that have to do with them.
SHOWN = frozenset({Why.BANNED, Why.SUSPENDED, Why.BLOCKED})


class LeftOver(StrEnum):
    """What becomes of paid days that are left when a subscription ends."""

    WORKS_ON = "works on"
    MONEY_BACK = "money back"


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for subscriptions from the day `valid_from` on; sums in minor units.

    A request waits for `consent_life`, is answered wrongly `tries` times at most, and comes to a number `asks_a_day`
    times, from one provider `asks_a_day_each`. A fee that there is no money for is tried again after each of `retries`,
    then the subscription ends. `left_over` is by period. Who says for the first time in `again_after` that they did not
    agree gets what was charged within `dispute_within` back at once, up to `dispute_minor`. A provider is over the
    threshold with `complaints_min` complaints in `complaints_within`, when these are `complaints_bp` of 10 000 begun.
    """

    valid_from: date
    consent_life: timedelta
    tries: int
    asks_a_day: int
    asks_a_day_each: int
    retries: tuple[timedelta, ...]
    left_over: Mapping[Per, LeftOver]
    dispute_within: timedelta
    dispute_minor: int
    again_after: timedelta
    complaints_within: timedelta
    complaints_min: int
    complaints_bp: int


TERMS: tuple[Terms, ...] = (
    Terms(
        valid_from=date(2024, 1, 1),
        consent_life=timedelta(hours=1),
        tries=3,
        asks_a_day=5,
        asks_a_day_each=2,
        retries=(timedelta(hours=6), timedelta(days=1), timedelta(days=3)),
        left_over={"day": LeftOver.WORKS_ON, "week": LeftOver.MONEY_BACK, "month": LeftOver.MONEY_BACK},
        dispute_within=timedelta(days=30),
        dispute_minor=1_000_00,
        again_after=timedelta(days=180),
        complaints_within=timedelta(days=30),
        complaints_min=3,
        complaints_bp=1_000,
    ),
)


def terms_on(day: date, known: Iterable[Terms] = TERMS) -> Terms:
    """Return the terms in force on the day; those of the first version for any day before it."""
    versions = sorted(known, key=lambda one: one.valid_from)
    return next((one for one in reversed(versions) if one.valid_from <= day), versions[0])


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides about a request: bars and bans of the number, the provider's, and what came to the number today."""

    banned: bool
    suspended: bool
    blocked: bool
    already: bool
    asked_today: int
    asked_today_each: int


def refusal_of_offer(provider: Provider, service: str, price_minor: int, per: str) -> Why | None:
    """Return what is wrong with what a provider asks for, compared with what it may sell."""
    sold = provider.service(service)
    if sold is None:
        return Why.UNKNOWN_SERVICE
    return Why.OTHER_TERMS if (sold.price_minor, sold.per) != (price_minor, per) else None


def refusal(standing: Standing, terms: Terms) -> Why | None:
    """Return why a number is not asked for its consent, the most telling reason first."""
    if standing.banned:
        return Why.BANNED
    if standing.suspended:
        return Why.SUSPENDED
    if standing.blocked:
        return Why.BLOCKED
    if standing.already:
        return Why.ALREADY
    many = standing.asked_today >= terms.asks_a_day or standing.asked_today_each >= terms.asks_a_day_each
    return Why.TOO_MANY if many else None


def next_try(terms: Terms, failed: int, at: datetime) -> datetime | None:
    """Return when a fee is tried again that failed `failed` times before this one; None: it is not."""
    return at + terms.retries[failed] if failed < len(terms.retries) else None


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left when a subscription ends: until before which day it works, and what comes back."""

    works_until: date
    back_minor: int


def rest(terms: Terms, *, per: Per, price_minor: int, first: date, end: date, today: date) -> Rest:
    """Return what the end of a subscription means for the days from `first` to before `end` that are paid."""
    tomorrow = today + timedelta(days=1)
    if end <= tomorrow or terms.left_over[per] is LeftOver.WORKS_ON:
        return Rest(max(end, today), 0)
    back_minor = content_rules.left_over_minor(price_minor, first, end, today)
    return Rest(tomorrow, back_minor)


def money_back_at_once(terms: Terms, *, charged_minor: int, disputed_before: bool) -> bool:
    """Return whether who did not agree gets the money at once; else a person looks at it."""
    return not disputed_before and 0 < charged_minor <= terms.dispute_minor


def over_threshold(terms: Terms, *, begun: int, complaints: int) -> bool:
    """Return whether so many did not agree to what they pay for that the provider is to be looked at."""
    return complaints >= terms.complaints_min and complaints * 10_000 >= terms.complaints_bp * begun
