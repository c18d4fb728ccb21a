"""Promised payments: who may take one, how much, until when, what repays it. Pure.

All of it is terms with a date from which they hold; a promise keeps the terms that it was given under.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from abonent.foundation.values.terms import Dated, InvalidTerms

METHOD = "promised"
CATEGORY = "promised"
FEE_RULE = "promised-fee"
WARNED_AT = time(12)


class State(StrEnum):
    """Where a promise stands: money is owed, it came back, or it was taken back at the deadline."""

    ACTIVE = "active"
    REPAID = "repaid"
    UNPAID = "unpaid"


class Why(StrEnum):
    """Why there is no promised payment now, what weighs most first."""

    NOT_OFFERED = "not offered"
    POSTPAID = "postpaid"
    BLOCKED = "blocked"
    ACTIVE = "active"
    UNPAID = "unpaid"
    OFTEN = "often"
    YOUNG = "young"
    SPENDING = "spending"
    BALANCE = "balance"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Choice:
    """A sum that may be had for so many days, and what that costs."""

    amount_minor: int
    fee_minor: int
    days: int


@dataclass(frozen=True, slots=True)
class Step:
    """Who is a customer for `age_days` and spends `spent_minor` a month on average may take up to `limit_minor`."""

    age_days: int
    spent_minor: int
    limit_minor: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised to whom. At most `times` in any `times_days` days; not below a balance of `balance_min_minor`.

    Spending is that of `spending_months` months. What is not repaid by `due_hour` (local) after the last day is taken
    back, and nothing is promised for `unpaid_pause_days`. Money that came by one of `spared` does not repay.
    """

    choices: tuple[Choice, ...]
    steps: tuple[Step, ...]
    spending_months: int
    times: int
    times_days: int
    balance_min_minor: int
    unpaid_pause_days: int
    due_hour: int = 9
    spared: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """Return the terms that `stored` says; raise `InvalidTerms` for what are none."""
        try:
            lists: dict[str, Any] = {
                "choices": tuple(Choice(**choice) for choice in stored["choices"]),
                "steps": tuple(Step(**step) for step in stored["steps"]),
                "spared": tuple(stored.get("spared", ())),
            }
            terms = cls(**dict(stored) | lists)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidTerms(f"not the terms of a promised payment: {error}") from None
        rows = [stored, *map(asdict, terms.choices), *map(asdict, terms.steps)]
        strange = sorted({name for row in rows for name, value in row.items() if not _fits(name, value)})
        if strange:
            raise InvalidTerms(f"whole numbers are asked for: {', '.join(strange)}")
        return terms


Rules = Dated[Terms]


@dataclass(frozen=True, slots=True)
class Past:
    """What became of an earlier promise; `closed_at` None: it is active."""

    taken_at: datetime
    state: State
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of who asks; `spent_minor` is of the months that `spending_since` begins.

    `limit_left_minor` is what the spending limit of the line leaves for a fee, None: it holds nothing back.
    """

    opened_at: datetime
    prepaid: bool
    blocked: bool
    balance_minor: int
    spent_minor: int
    past: tuple[Past, ...] = ()
    limit_left_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A choice as it would be now."""

    amount_minor: int
    fee_minor: int
    days: int
    due_at: datetime
    balance_after_minor: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be taken, the smallest sum first; never empty."""

    rules: Rules
    choices: tuple[Offered, ...]

    def choice(self, amount_minor: int) -> Offered | None:
        return next((choice for choice in self.choices if choice.amount_minor == amount_minor), None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is offered. `until`: when this reason is gone by itself. `short_minor`: the sum that would help."""

    why: Why
    until: datetime | None = None
    short_minor: int = 0


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` unless everybody can be told what the terms mean for them."""
    amounts = [choice.amount_minor for choice in terms.choices]
    wrong = {
        "there is a sum to choose": not amounts,
        "sums grow, each once": amounts != sorted(set(amounts)),
        "a sum is above its fee, which is not negative": any(
            not 0 <= choice.fee_minor < choice.amount_minor for choice in terms.choices
        ),
        "a promise lasts 1 to 365 days": any(not 1 <= choice.days <= 365 for choice in terms.choices),
        "there is a step": not terms.steps,
        "no step asks for less than nothing": any(min(s.age_days, s.spent_minor) < 0 for s in terms.steps),
        "each step reaches the smallest sum": any(s.limit_minor < min(amounts, default=0) for s in terms.steps),
        "spending is that of 1 to 24 months": not 1 <= terms.spending_months <= 24,
        "it may be taken at least once in at least a day": min(terms.times, terms.times_days) < 1,
        "the pause is not negative": terms.unpaid_pause_days < 0,
        "the hour is one of a day": not 0 <= terms.due_hour < 24,
    }
    if broken := [rule for rule, is_broken in wrong.items() if is_broken]:
        raise InvalidTerms("; ".join(broken))


def decide(rules: Rules | None, facts: Facts, at: datetime, zone: ZoneInfo) -> Offer | Refusal:
    """Return what may be taken at `at`, or why nothing; a day begins at midnight in `zone`."""
    if rules is None:
        return Refusal(Why.NOT_OFFERED)
    refusal = _of_standing(facts) or _of_past(rules.terms, facts.past, at) or _of_steps(rules.terms, facts, at, zone)
    if refusal:
        return refusal
    short_minor = rules.terms.balance_min_minor - facts.balance_minor
    if short_minor > 0:
        return Refusal(Why.BALANCE, short_minor=short_minor)
    limit_minor = max(step.limit_minor for step in _reached(rules.terms, facts, at, zone))
    choices = tuple(
        Offered(
            choice.amount_minor,
            choice.fee_minor,
            choice.days,
            due_at(rules.terms, choice.days, at, zone),
            facts.balance_minor + choice.amount_minor - choice.fee_minor,
        )
        for choice in rules.terms.choices
        if choice.amount_minor <= limit_minor and _fits_limit(choice, facts)
    )
    return Offer(rules, choices) if choices else Refusal(Why.LIMIT)


def due_at(terms: Terms, days: int, taken_at: datetime, zone: ZoneInfo) -> datetime:
    """Return when a promise taken at `taken_at` ends: in the morning after `days` whole local days."""
    last_day = taken_at.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(last_day + timedelta(days=1), time(terms.due_hour), zone)


def warned_at(days: int, taken_at: datetime, zone: ZoneInfo) -> datetime:
    """Return when people are reminded: at noon of the day before the last one, but not on the day of taking."""
    day = taken_at.astimezone(zone).date() + timedelta(days=max(days - 1, 1))
    return datetime.combine(day, WARNED_AT, zone)


def spending_since(months: int, at: datetime, zone: ZoneInfo) -> datetime:
    """Return the local midnight `months` calendar months before; the 31st of a shorter month is its last day."""
    today = at.astimezone(zone).date()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = min(today.day, monthrange(year, month + 1)[1])
    return datetime.combine(date(year, month + 1, day), time.min, zone)


def repayments(left_minor: int, came_minor: Sequence[int]) -> list[int]:
    """Return how much of each sum that came, in order, goes back to a promise with `left_minor` to repay."""
    taken = []
    for amount_minor in came_minor:
        taken.append(min(left_minor, amount_minor))
        left_minor -= taken[-1]
    return taken


def _fits_limit(choice: Choice, facts: Facts) -> bool:
    """Return whether the fee is within the spending limit: what is free always is."""
    return not choice.fee_minor or facts.limit_left_minor is None or choice.fee_minor <= facts.limit_left_minor


def _fits(name: str, value: object) -> bool:
    """Return whether a stored value is of its kind: all but the lists are whole numbers."""
    if name == "spared":
        return isinstance(value, list | tuple) and all(isinstance(method, str) for method in value)
    return name in ("choices", "steps") or type(value) is int


def _of_standing(facts: Facts) -> Refusal | None:
    if not facts.prepaid:
        return Refusal(Why.POSTPAID)
    return Refusal(Why.BLOCKED) if facts.blocked else None


def _of_past(terms: Terms, past: Sequence[Past], at: datetime) -> Refusal | None:
    """Refuse for what became of earlier promises."""
    if any(one.state == State.ACTIVE for one in past):
        return Refusal(Why.ACTIVE)
    pause = timedelta(days=terms.unpaid_pause_days)
    until = max((one.closed_at + pause for one in past if one.state == State.UNPAID and one.closed_at), default=at)
    if until > at:
        return Refusal(Why.UNPAID, until=until)
    span = timedelta(days=terms.times_days)
    lately = sorted(one.taken_at for one in past if one.taken_at + span > at)
    return Refusal(Why.OFTEN, until=lately[-terms.times] + span) if len(lately) >= terms.times else None


def _of_steps(terms: Terms, facts: Facts, at: datetime, zone: ZoneInfo) -> Refusal | None:
    """Refuse who reaches no step: for being new, or else for spending little."""
    if _reached(terms, facts, at, zone):
        return None
    age_days = _age_days(facts, at, zone)
    old_enough = [step for step in terms.steps if step.age_days <= age_days]
    if not old_enough:
        first = facts.opened_at.astimezone(zone).date() + timedelta(days=min(s.age_days for s in terms.steps))
        return Refusal(Why.YOUNG, until=datetime.combine(first, time.min, zone))
    spent = _spent_a_month(terms, facts)
    return Refusal(Why.SPENDING, short_minor=min(step.spent_minor for step in old_enough) - spent)


def _reached(terms: Terms, facts: Facts, at: datetime, zone: ZoneInfo) -> list[Step]:
    age_days, spent = _age_days(facts, at, zone), _spent_a_month(terms, facts)
    return [step for step in terms.steps if step.age_days <= age_days and step.spent_minor <= spent]


def _age_days(facts: Facts, at: datetime, zone: ZoneInfo) -> int:
    return (at.astimezone(zone).date() - facts.opened_at.astimezone(zone).date()).days


def _spent_a_month(terms: Terms, facts: Facts) -> int:
    return facts.spent_minor // terms.spending_months
