"""Reads for blocks by the owner's wish; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from abonent.domains.billing import products as money
from abonent.domains.billing.pauses import actions as pauses
from abonent.domains.billing.pauses import queries as pauses_queries
from abonent.domains.billing.pauses.rules import Pause, Quote
from abonent.domains.billing.products_rules import Price, missing_minor
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.blocks import rules
from abonent.domains.orders.blocks.rules import Facts, Refusal, Terms, Why
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import OPEN
from abonent.domains.orders.tariffs.queries import midnight
from abonent.foundation.dated import DatedTerms
from abonent.foundation.values.terms import Dated

# Of a kind of lines each.
TERMS = DatedTerms(models.BlockRules, Terms.from_json, part="service")
Rules = Dated[Terms]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a block on those days means, or why it cannot be; `free_left` days of it cost nothing.

    `effective_at` is when it begins, None: at once.
    """

    rules: Rules
    pause: Pause
    quote: Quote
    effective_at: datetime | None
    free_left: int
    available_minor: int
    refusal: Refusal | None

    @property
    def once_minor(self) -> int:
        return self.rules.terms.once_minor

    @property
    def days_minor(self) -> int:
        """Return what the days of the block cost that are not free."""
        return self.quote.paid_days * self.pause.day_minor

    @property
    def total_minor(self) -> int:
        """Return what the block costs if it lasts as long as it is to."""
        return self.once_minor + self.days_minor


class NotOffered(LookupError):
    """No terms of blocks are in force: nobody can have one."""


def in_force(day: date, service: str) -> Rules | None:
    """Return the terms of a local day for a kind of lines."""
    return TERMS.in_force(day, service)


def every_rules() -> list[Rules]:
    """Return all terms by the kind of lines and the day they hold from."""
    return TERMS.every()


def standing(line: Line, first: date | None, end: date | None, now: datetime) -> Standing:
    """Return what it means to block the line from `first` (None: at once) to before `end` (None: as long as may be).

    Raises `NotOffered`.
    """
    today = queries.local_day(now)
    found = in_force(today, line.service)
    if found is None:
        raise NotOffered
    past, available = pauses_queries.of_line(line.id), money.available(line.contract_id)
    terms = found.terms
    # Of days that are refused anyway nothing is worked out.
    asked = (first, end) if rules.may_be(terms, today, first, end) else (None, None)
    pause = rules.asked_for(terms, past, today, *asked)
    quote = pauses.quote(line, pause)
    facts = Facts(
        network=provisioning_network.is_there(),
        silent=line.blocked_at is not None,
        blocked=Kind.VOLUNTARY in line.bars,
        coming=coming(line.id),
        owed_minor=pauses_queries.owed_minor(line.id, available) if line.prepaid else 0,
        past=past,
    )
    effective_at = midnight(asked[0]) if asked[0] else None
    refusal = rules.refused(terms, facts, today, first, end) or _short(
        line, price_of(terms, pause, quote), available, effective_at, now
    )
    return Standing(
        found, pause, quote, effective_at, rules.free_left(terms, past, pause.first), available,
        refusal,
    )  # fmt: skip


def coming(line_id: int) -> UUID | None:
    """Return the id of a block that is ordered and has not begun."""
    open_ = models.Order.objects.filter(line_id=line_id, action=Action.BLOCK, state__in=OPEN)
    return open_.values_list("id", flat=True).first()


def price_of(terms: Terms, pause: Pause, quote: Quote) -> Price:
    """Return what is held for a block; its paid days are charged one by one."""
    day_minor = pause.day_minor if quote.paid_from else 0
    return Price(terms.once_minor, 0, pause.first, pause.end, day_minor, quote.paid_from)


def _short(
    line: Line, price: Price, available_minor: int, effective_at: datetime | None, now: datetime
) -> Refusal | None:
    if missing := missing_minor(price.once_minor, available_minor, prepaid=line.prepaid):
        return Refusal(Why.SHORT, missing_minor=missing)
    limited = queries.held_back(line, price, effective_at or now, now)
    return Refusal(Why.LIMIT, missing_minor=limited.left_minor) if limited else None
