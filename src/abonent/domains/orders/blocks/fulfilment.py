"""What a block by the owner's wish is for the network, and for fees when the network has done it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from abonent.domains.billing.fees.rules import first_day_from
from abonent.domains.billing.pauses import actions as pauses
from abonent.domains.billing.pauses.rules import Pause
from abonent.domains.identity import journal
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.provisioning import queries as provisioning_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.steps import Impossible, command_of
from abonent.domains.orders.tariffs.queries import midnight, zone

NO_BLOCK = "no block any more"


def ask(row: models.Order, line: Line, at: datetime) -> UUID | None:
    """Bar the line, unless it is blocked already or nobody worked until the block was over."""
    if midnight(row.end_day) <= at:
        raise Impossible(NO_BLOCK)
    pauses.take_turn()
    command_id = command_of(row)
    imposed = bars.impose(
        line_id=row.line_id,
        kind=Kind.VOLUNTARY,
        by=row.placed_by or journal.OWNER,
        at=at,
        ends_at=midnight(row.end_day),
        command_id=command_id,
        reference=row.id,
    )
    if not imposed:
        raise Impossible(NO_BLOCK)
    # What bars the line may bar as much already: then the network is not asked.
    return command_id if provisioning_queries.command(command_id) is not None else None


def complete(row: models.Order, line: Line, done_at: datetime, at: datetime) -> None:
    """The network has done it: fees rest from the promised day, if it was done on that day, else from the next one on.

    Whoever lifted the block meanwhile has no day of it.
    """
    on_time = row.effective_at > row.placed_at and queries.local_day(row.effective_at) == queries.local_day(done_at)
    first = row.first_day if on_time else max(row.first_day, first_day_from(done_at, zone()))
    end = max(first, row.end_day)
    stood = bars_queries.of_order(row.id)
    if stood is None or stood.until is not None:
        end = max(first, first_day_from(stood.until, zone())) if stood and stood.until else first
    free = (row.next_day - row.first_day) if row.next_day else end - first
    pause = Pause(first, end, first + free, row.next_minor)
    pauses.begin(order_id=row.id, line=line, pause=pause, once_minor=row.once_minor, at=at)
    row.taken_minor = row.once_minor


def call_off(row: models.Order, at: datetime) -> None:
    """The block comes to nothing: what bars the line for that order does so no more."""
    stood = bars_queries.of_order(row.id)
    if stood is not None and stood.until is None:
        bars.lift(line_id=row.line_id, kind=Kind.VOLUNTARY, by=row.placed_by or journal.OWNER, at=at)
