"""What lines have beside their tariff; values, not models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from abonent.domains.catalog.offers import queries as offers_queries
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
    paused_at: datetime | None = None


def of_line(line_id: int) -> list[Product]:
    """Return what the line has now, in the order in which it came."""
    return [value_of(row) for row in models.Product.objects.filter(line_id=line_id, until=None).order_by("since", "id")]


def needed(line_id: int) -> set[str]:
    """Return the features of the network that the line's services need, but for those that wait for money."""
    served = [one for one in of_line(line_id) if one.paused_at is None]
    versions = offers_queries.offer_versions(one.offer_version_id for one in served)
    return {feature for version in versions.values() for feature in version.network}


def of_lines(line_ids: Sequence[int], *, ended_after: datetime) -> list[Product]:
    """Return what the lines have, and had until after a moment, in the order of ids: made for many at once."""
    still = Q(until=None) | Q(until__gt=ended_after)
    # An array is one parameter, however many lines there are.
    rows = models.Product.objects.filter(still).extra(where=["line_id = any (%s)"], params=[list(line_ids)])
    return [value_of(row) for row in rows.order_by("id")]


def lines_of(product_ids: Sequence[int]) -> dict[int, int]:
    """Return on which line each of the services is, by its id."""
    return dict(models.Product.objects.filter(id__in=list(product_ids)).values_list("id", "line_id"))


def ended_on_day_of(at: datetime, *, line_id: int, offer_version_id: int) -> Product | None:
    """Return the service that the line had on those terms until earlier on the same local day, if there was one.

    That day is paid already.
    """
    row = models.Product.objects.filter(line_id=line_id, offer_version_id=offer_version_id, until__lte=at).last()
    if row is None or row.until is None:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    same = row.until.astimezone(zone).date() == at.astimezone(zone).date()
    return value_of(row) if same else None


def region_of(line_id: int) -> str:
    """Return where the line is sold to; empty: not known."""
    return models.Line.objects.values_list("region", flat=True).get(id=line_id)


def value_of(row: models.Product) -> Product:
    """Return the value of a row."""
    return Product(row.pk, row.line_id, row.offer_code, row.offer_version_id, row.since, row.until, row.paused_at)
