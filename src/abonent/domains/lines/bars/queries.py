"""Reads of bars; values, not models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from abonent.domains.lines import models
from abonent.domains.lines.bars.rules import Kind

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar on a line; see the table of the same name."""

    line_id: int
    kind: Kind
    since: datetime
    until: datetime | None
    ends_at: datetime | None
    by: str
    reference: UUID | None


def standing(line_id: int) -> list[Bar]:
    """Return the bars that stand on the line, the gravest first."""
    found = [_value(row) for row in models.Bar.objects.filter(line_id=line_id, until=None)]
    return sorted(found, key=lambda bar: list(Kind).index(bar.kind))


def stands(line_id: int, kind: Kind) -> Bar | None:
    """Return the standing bar of that kind."""
    row = models.Bar.objects.filter(line_id=line_id, kind=kind, until=None).first()
    return _value(row) if row else None


def of_order(reference: UUID) -> Bar | None:
    """Return the bar that was set for an order, whether it stands or not."""
    row = models.Bar.objects.filter(reference=reference).first()
    return _value(row) if row else None


def of_lines(line_ids: Sequence[int], kind: Kind) -> set[int]:
    """Return which of the lines have a standing bar of that kind."""
    return set(
        models.Bar.objects.filter(line_id__in=list(line_ids), kind=kind, until=None).values_list("line_id", flat=True)
    )


def all_with(kind: Kind) -> list[int]:
    """Return every line that has a standing bar of that kind, in order."""
    return list(models.Bar.objects.filter(kind=kind, until=None).order_by("line_id").values_list("line_id", flat=True))


def ending(kind: Kind, by: datetime, *, told: bool) -> list[Bar]:
    """Return the standing bars of that kind that end by then, the first to end first; not `told`: not warned yet."""
    rows = models.Bar.objects.filter(kind=kind, until=None, ends_at__lte=by)
    rows = rows.filter(Q() if told else Q(warned_at=None)).order_by("ends_at", "line_id")[:AT_ONCE]
    return [_value(row) for row in rows]


def _value(row: models.Bar) -> Bar:
    return Bar(row.line_id, Kind(row.kind), row.since, row.until, row.ends_at, row.by, row.reference)
