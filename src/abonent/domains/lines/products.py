"""What a line has beside its tariff: written down when the network did it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from abonent.domains.catalog import offers_queries
from abonent.domains.lines import models
from abonent.domains.lines.products_queries import Product, value_of


@transaction.atomic
def begin(*, line_id: int, offer_version_id: int, at: datetime) -> Product:
    """The line has the service from `at` on, on the terms of that version; one that is there already stays."""
    code = offers_queries.offer_versions([offer_version_id])[offer_version_id].code
    row, _ = models.Product.objects.get_or_create(
        line_id=line_id, offer_code=code, until=None, defaults={"offer_version_id": offer_version_id, "since": at}
    )
    return value_of(row)


@transaction.atomic
def end(*, line_id: int, offer_code: str, at: datetime) -> Product | None:
    """The line has the service until `at`; return it, None when it was not there."""
    found = models.Product.objects.select_for_update().filter(line_id=line_id, offer_code=offer_code, until=None)
    row = found.first()
    if row is None:
        return None
    row.until = max(at, row.since)
    row.save(update_fields=["until"])
    return value_of(row)
