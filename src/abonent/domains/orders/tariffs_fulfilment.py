"""What a change of the tariff is for the network, and what it is when the network has done it."""

from __future__ import annotations

from datetime import datetime

from abonent.domains.billing import tariffs as billing
from abonent.domains.catalog import queries as catalog
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, tariffs_rules
from abonent.domains.orders.queries import local_day
from abonent.domains.orders.steps import release


def switched(row: models.Order, line: Line) -> tuple[set[str], set[str]]:
    """Return which features the network switches on and off."""
    own, new = (catalog.tariff_version(id_ or 0) for id_ in (line.tariff_version_id, row.tariff_version_id))
    return tariffs_rules.switched(own, new)


def change(row: models.Order, line: Line, done_at: datetime, at: datetime) -> None:
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
