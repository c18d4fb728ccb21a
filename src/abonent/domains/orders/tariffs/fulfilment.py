"""What a change of the tariff is for the network, and what it is when the network has done it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from abonent.domains.billing import tariffs as billing
from abonent.domains.catalog import queries as catalog
from abonent.domains.lines import tariffs
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.queries import local_day
from abonent.domains.orders.steps import enqueue, release
from abonent.domains.orders.tariffs import rules as tariffs_rules


def ask(row: models.Order, line: Line, at: datetime) -> UUID | None:
    """Have the network switch on what the new tariff brings, and off what the old one takes along."""
    own, new = (catalog.tariff_version(id_ or 0) for id_ in (line.tariff_version_id, row.tariff_version_id))
    on, off = tariffs_rules.switched(own, new)
    return enqueue(row, on, off, at)


def complete(row: models.Order, line: Line, done_at: datetime, at: datetime) -> None:
    """Let the line have the tariff, from the moment that was promised if the network did it on that day.

    What was to begin with a day begins with it, however long the network took; else it begins when it was done.
    """
    promised = row.effective_at
    on_time = promised > row.placed_at and local_day(promised) == local_day(done_at)
    since = promised if on_time else done_at
    version = catalog.tariff_version(row.tariff_version_id or 0)
    if line.tariff_version_id == version.id:
        # Somebody gave it to the line meanwhile.
        release(row, at)
    else:
        billing.change(order_id=row.id, line=line, version=version, once_minor=row.once_minor, since=since, at=at)
        row.taken_minor = row.once_minor
    tariffs.plan(line_id=row.line_id, at=None)


def call_off(row: models.Order, at: datetime) -> None:
    """The line keeps its tariff, and no other is on its way."""
    tariffs.plan(line_id=row.line_id, at=None)
