"""Blocks by the owner's wish, as people order them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid4

from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.blocks import queries as blocks_queries
from abonent.domains.orders.blocks.actions import Wish
from abonent.domains.orders.blocks.rules import Terms
from tests.factories.orders import AT

TERMS = Terms(
    free_days=10, once_minor=5_000, day_minor=300, shortest_days=3, longest_days=40, cool_down_days=7, ahead_days=90
)
VALID_FROM = date(2025, 1, 1)


def rules(**known: object) -> int:
    """Put terms in force, and return their id."""
    return blocks.publish_rules(valid_from=VALID_FROM, terms=replace(TERMS, **known))


def wish(line: Line, first: date | None, end: date | None, *, at: datetime = AT) -> Wish:
    """Return what a form asks for that was shown at `at`."""
    shown = blocks_queries.standing(line, first, end, at)
    return Wish(uuid4(), line, first, end or shown.pause.end, shown.rules.id, shown.total_minor, "web", None)


def place(line: Line, first: date | None, end: date | None, *, at: datetime = AT) -> UUID:
    """Order a block as a form does; return the order's id."""
    return blocks.place(wish=wish(line, first, end, at=at), at=at).id


def now(line: Line) -> Line:
    """Return the line as it is now."""
    found = lines.served_by_id(line.id)
    assert found
    return found
