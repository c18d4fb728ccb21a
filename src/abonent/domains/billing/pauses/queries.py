"""The days for which lines are blocked by their owners' wish; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from abonent.domains.billing import models
from abonent.domains.billing.pauses.rules import Pause


def of_lines(line_ids: Collection[int]) -> dict[int, list[Pause]]:
    """Return every block that the lines had, have, or are to have, by line, in time order: made for many at once."""
    # An array is one parameter, however many lines there are.
    rows = models.FeePause.objects.extra(where=["line_id = any (%s)"], params=[list(line_ids)])
    found: dict[int, list[Pause]] = {}
    for line_id, *fields in rows.order_by("first_day").values_list(
        "line_id", "first_day", "end_day", "free_until", "day_minor"
    ):
        found.setdefault(line_id, []).append(Pause(*fields))
    return found


def of_line(line_id: int) -> list[Pause]:
    """Return every block of one line, in time order."""
    return of_lines([line_id]).get(line_id, [])


def owed_minor(line_id: int, available_minor: int) -> int:
    """Return what lacks to pay the fee of the line that waits, and to a balance of nothing."""
    waits = models.FeeWaiting.objects.filter(line_id=line_id, charged_at=None).values_list("amount_minor", flat=True)
    return max(0, sum(waits) - available_minor)


def of_order(order_id: UUID) -> Pause | None:
    """Return the days of the block that was ordered so, None while it has not begun."""
    row = models.FeePause.objects.filter(order_id=order_id).first()
    return Pause(row.first_day, row.end_day, row.free_until, row.day_minor) if row else None


def begun(pauses: dict[int, list[Pause]], today: date, since: date) -> list[int]:
    """Return the lines with a block that began by `today` and ended not before `since`."""
    return [line_id for line_id, own in pauses.items() if any(one.first <= today and one.end >= since for one in own)]
