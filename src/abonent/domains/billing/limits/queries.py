"""Reads of spending limits; values, not models. Sums in minor units."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing.limits import rules as limits_rules
from abonent.domains.billing.limits.rules import OnReached, Terms
from abonent.foundation.values import Period


@dataclass(frozen=True, slots=True)
class Limit:
    """How a line stands in the month that begins with `month`; `version` 0: nobody ever wanted a limit for it.

    `undo` are the terms that may be gone back to, None: that is over, or there was no change.
    """

    line_id: int
    month: date
    spent_minor: int
    terms: Terms
    version: int
    undo: Terms | None

    @property
    def limit_minor(self) -> int | None:
        return self.terms.in_force(self.month)

    @property
    def left_minor(self) -> int | None:
        return self.terms.left_minor(self.month, self.spent_minor)

    @property
    def percent(self) -> int:
        """Return how much of the limit is used, rounded down: 100 is said when it is reached, not before."""
        return self.spent_minor * 100 // self.limit_minor if self.limit_minor else 0


def standing(line_ids: Collection[int], at: datetime) -> dict[int, Limit]:
    """Return how the lines stand, by id, in two queries."""
    zone = ZoneInfo(settings.TIME_ZONE)
    month = limits_rules.month_of(at, zone)
    sums = spent(line_ids, limits_rules.period(month, zone))
    rows = {row.line_id: row for row in models.SpendingLimit.objects.filter(line_id__in=line_ids)}
    return {line_id: _limit(line_id, rows.get(line_id), month, sums[line_id], at) for line_id in line_ids}


def left_minor(line_id: int, at: datetime) -> int | None:
    """Return what may still be bought from the line this month, None: it has no limit that holds anything back."""
    row = models.SpendingLimit.objects.filter(line_id=line_id, on_reached=OnReached.BLOCK).first()
    if row is None or row.amount_minor is None:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    month = limits_rules.month_of(at, zone)
    return terms_of(row).left_minor(month, spent([line_id], limits_rules.period(month, zone))[line_id])


def spent(line_ids: Collection[int], period: Period) -> dict[int, int]:
    """Return what each of the lines cost in the period: the total that its page of expenses shows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select line_id, sum(amount_minor)::bigint from billing_charge
                where line_id = any(%s) and booked_at >= %s and booked_at < %s group by line_id""",
            [list(line_ids), period.start, period.end],
        )
        return dict.fromkeys(line_ids, 0) | dict(cursor.fetchall())


def terms_of(row: models.SpendingLimit) -> Terms:
    """Return what the owner wants."""
    return Terms(row.amount_minor, OnReached(row.on_reached), row.raised_for, row.raised_minor)


def undoable(row: models.SpendingLimit, at: datetime) -> Terms | None:
    """Return the terms before the last change, while that may be taken back."""
    if row.before is None or at >= row.changed_at + limits_rules.UNDO_FOR:
        return None
    return Terms.from_json(row.before)


def _limit(line_id: int, row: models.SpendingLimit | None, month: date, spent_minor: int, at: datetime) -> Limit:
    if row is None:
        return Limit(line_id, month, spent_minor, Terms(), 0, None)
    return Limit(line_id, month, spent_minor, terms_of(row), row.version, undoable(row, at))
