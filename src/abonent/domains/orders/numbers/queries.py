"""Reads for other numbers: what there is to choose from, what one costs, what stands in the way; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from abonent.domains.billing import products as money
from abonent.domains.lines.numbers import actions as numbers
from abonent.domains.lines.numbers.actions import Choice, Free, Held
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.numbers import rules
from abonent.domains.orders.numbers.rules import Beauty, Terms
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.sims.queries import NotOffered
from abonent.domains.orders.sims.rules import Refusal, Why
from abonent.foundation.dated import DatedTerms
from abonent.foundation.values.terms import Dated

SHOWN = 24
TERMS = DatedTerms(models.NumberRules, Terms.from_json)
Rules = Dated[Terms]


@dataclass(frozen=True, slots=True)
class Offered:
    """A number to choose, with what it is sold as (None: an ordinary one) and its price in minor units."""

    free: Free
    beauty: Beauty | None
    price_minor: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """Numbers to choose from; `more`: there are others after the last. `refusal` is why none can be had now."""

    rules: Rules
    offered: tuple[Offered, ...]
    more: bool
    held: Held | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the line's number would be and cost, or why not; it takes effect at `effective_at`."""

    rules: Rules
    number: str
    beauty: Beauty | None
    total_minor: int
    available_minor: int
    held_until: datetime | None
    effective_at: datetime
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Change:
    """Which number an order gives up for which, and until when nobody else can have the old one, once it is done."""

    before: str
    after: str
    beauty: str
    rests_until: datetime | None


def in_force(day: date) -> Rules:
    """Return the terms of a local day; raise `NotOffered`."""
    found = TERMS.in_force(day)
    if found is None:
        raise NotOffered
    return found


def every_rules() -> list[Rules]:
    """Return all terms by the day they hold from."""
    return TERMS.every()


def shelf(
    line: Line, now: datetime, *, digits: str = "", at_end: bool = False, region: str = "", kind: str = "",
    past: str = "",
) -> Shelf:  # fmt: skip
    """Return numbers to choose from; `kind` is a beauty's code or `ordinary`, empty: all. Raises `NotOffered`."""
    found = in_force(queries.local_day(now))
    terms = found.terms
    codes = [one.code for one in terms.beauties]
    wanted = -1 if kind == rules.ORDINARY else codes.index(kind) if kind in codes else None
    choice = Choice(line.id, digits, at_end, region if region in terms.regions else "", terms.by_rank(), wanted, past)
    free = numbers.free(choice, at=now, limit=SHOWN + 1)
    offered = tuple(Offered(one, terms.beauty_of(one.number), terms.price_of(one.number)) for one in free[:SHOWN])
    refusal = rules.refused(sims_queries.facts(line, None))
    return Shelf(found, offered, len(free) > SHOWN, numbers.held(line.id, now), refusal)


def standing(line: Line, number: str, now: datetime) -> Standing:
    """Return what it means that the line gets the number that it holds; raise `NotOffered`."""
    found = in_force(queries.local_day(now))
    terms, held = found.terms, numbers.held(line.id, now)
    effective_at = now + timedelta(minutes=terms.wait_min)
    total, available = terms.price_of(number), money.available(line.contract_id)
    refusal = rules.refused(sims_queries.facts(line, None))
    if refusal is None and (held is None or held.number != number):
        refusal = Refusal(Why.NOT_HELD)
    refusal = refusal or sims_queries.money_in_the_way(line, total, available, effective_at, now)
    return Standing(
        found, number, terms.beauty_of(number), total, available, held.until if held else None, effective_at, refusal
    )


def change_of(order_id: UUID) -> Change | None:
    """Return which number the order is for, None when it is for something else."""
    row = models.NumberChange.objects.select_related("order").filter(order_id=order_id).first()
    if row is None:
        return None
    return Change(row.before, row.after, row.beauty, numbers.rests_until(row.before, row.order.line_id))
