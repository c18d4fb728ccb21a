"""Lines with a spending limit, what they are charged, and what their owners are told."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.limits import messages as limits_messages
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.limits.queries import Limit
from abonent.domains.billing.limits.rules import OnReached
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import statement


def limited(line: Line, amount_minor: int, *, block: bool = False, at: datetime | None = None) -> Line:
    """Set a limit for the line."""
    at = at or now()
    on_reached = OnReached.BLOCK if block else OnReached.TELL
    limits.set_limit(
        line_id=line.id, version=stands(line, at).version, amount_minor=amount_minor, on_reached=on_reached, at=at
    )
    return line


def stands(line: Line, at: datetime | None = None) -> Limit:
    return limits_queries.standing([line.id], at or now())[line.id]


def spend(line: Line, amount_minor: int, at: datetime | None = None, *, at_once: bool = True) -> None:
    """Charge the line a sum, and let a worker look at it."""
    at = at or now()
    statement.fee(line, at, amount_minor)
    work([line.id], at, at_once=at_once)


def work(line_ids: list[int], at: datetime, *, at_once: bool = True) -> None:
    """Do what the worker does when the lines were charged."""
    limits.look(line_ids=line_ids, at=at, at_once=at_once)
    limits_messages.tell(at=at)


def told(number: str) -> list[tuple[str, str]]:
    """Return the thresholds that the number was told of, each with the limit, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select params ->> 'percent', params ->> 'limit' from messaging_message
                where recipient = %s and template = 'spending limit' order by created_at, id""",
            [number],
        )
        return list(cursor.fetchall())


def blocked(line: Line) -> bool:
    return models.SpendingLimit.objects.get(line_id=line.id).blocked_for is not None


def switch_services(**event: object) -> None:
    """Stand for whoever switches services of lines: named in the announcements, called by nobody here."""


def announced() -> list[str]:
    """Return what `switch_services` would hear, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select concat_ws(' ', args #>> '{event,line_id}',
                                case when args #>> '{event,month}' is null then 'lifted' else 'reached' end,
                                args #>> '{event,month}')
                 from procrastinate_jobs where args ->> 'reaction' like '%switch_services' order by id"""
        )
        return [said for (said,) in cursor.fetchall()]
