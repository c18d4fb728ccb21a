"""What payments and refunds were done, for comparison with the gateway's registries; many at once, in order of ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from abonent.domains.payments.states import RefundState, State

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Known:
    """A payment by its state: `settled_minor` None when it is not settled; `refunds` that were done: id and sum."""

    state: State
    currency: str
    settled_minor: int | None
    refunds: list[tuple[UUID, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Done:
    """A payment that was settled, or a refund (`is_refund`) that was done; `id` is its own."""

    id: UUID
    payment_id: UUID
    is_refund: bool
    amount_minor: int


def known(payment_ids: Collection[UUID]) -> dict[UUID, Known]:
    """Return those of the payments that there are, in two queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, state, currency, settled_minor from payments_payment where id = any(%s)", [list(payment_ids)]
        )
        found = {row[0]: Known(State(row[1]), row[2], row[3]) for row in cursor.fetchall()}
        cursor.execute(
            """select payment_id, id, amount_minor from payments_refund
                where payment_id = any(%s) and state = %s order by id""",
            [list(found), RefundState.REFUNDED],
        )
        for payment_id, refund_id, amount_minor in cursor.fetchall():
            found[payment_id].refunds.append((refund_id, amount_minor))
    return found


def done_between(start: datetime, end: datetime) -> Iterator[list[Done]]:
    """Yield what was settled and given back from `start` up to, not including, `end`, some at a time."""
    for is_refund, query in ((False, _SETTLED), (True, _REFUNDED)):
        after = UUID(int=0)
        while some := _some(query, start, end, after):
            after = some[-1][0]
            yield [Done(id_, payment_id, is_refund, amount) for id_, payment_id, amount in some]


_SETTLED = """
    select id, id, settled_minor from payments_payment
     where settled_at >= %s and settled_at < %s and id > %s order by id limit %s
"""
_REFUNDED = """
    select id, payment_id, amount_minor from payments_refund
     where state = 'refunded' and ended_at >= %s and ended_at < %s and id > %s order by id limit %s
"""


def _some(query: str, start: datetime, end: datetime, after: UUID) -> list[tuple[UUID, UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [start, end, after, AT_ONCE])
        return [tuple(row) for row in cursor.fetchall()]
