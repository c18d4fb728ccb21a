"""What another number is for the network: one command; with its answer the line has the number (`lines.numbers`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from abonent.domains.billing import products as money
from abonent.domains.billing.products_rules import NUMBER_RULE
from abonent.domains.lines.numbers import actions as numbers
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.sims.fulfilment import LOST, ensure_same_sim, ensure_trusted
from abonent.domains.orders.steps import Impossible, enqueue


def ask(row: models.Order, line: Line, at: datetime) -> UUID | None:
    """Have the network serve the line as the new number, if who asked for it is still in charge."""
    ensure_trusted(row, line)
    if line.blocked_at is not None:
        raise Impossible(LOST)
    ensure_same_sim(row, line)
    change = models.NumberChange.objects.get(order_id=row.id)
    return enqueue(row, {f"{numbers.FEATURE}:{change.after}"}, set(), at)


def complete(row: models.Order, line: Line, done_at: datetime, at: datetime) -> None:
    """The line has its number already: what is left is the price."""
    row.taken_minor = money.take_for_line(
        order_id=row.id, line=line, once_minor=row.once_minor, rule=NUMBER_RULE, at=done_at
    )


def call_off(row: models.Order, at: datetime) -> None:
    """The old number stays, and the other may be had by anybody."""
    numbers.let_go(line_id=row.line_id)
