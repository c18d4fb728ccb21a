"""What lines have beside their tariff; values, not models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from abonent.domains.lines import models


@dataclass(frozen=True, slots=True)
class Product:
    """A service on a line; see the table of the same name."""

    id: int
    line_id: int
    offer_code: str
    offer_version_id: int
    since: datetime
    until: datetime | None


def of_line(line_id: int) -> list[Product]:
    """Return what the line has now, in the order in which it came."""
    return [value_of(row) for row in models.Product.objects.filter(line_id=line_id, until=None).order_by("since", "id")]


def of_lines(line_ids: Iterable[int]) -> list[Product]:
    """Return everything that the lines ever had, in the order of ids: made for many at once."""
    rows = models.Product.objects.filter(line_id__in=list(line_ids)).order_by("id")
    return [value_of(row) for row in rows]


def region_of(line_id: int) -> str:
    """Return where the line is sold to; empty: not known."""
    return models.Line.objects.values_list("region", flat=True).get(id=line_id)


def value_of(row: models.Product) -> Product:
    """Return the value of a row."""
    return Product(row.pk, row.line_id, row.offer_code, row.offer_version_id, row.since, row.until)
