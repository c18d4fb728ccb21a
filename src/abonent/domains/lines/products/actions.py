"""What a line has beside its tariff: written down when the network did it, paused while its fee is not paid."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.lines import models
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.products.queries import Product, value_of
from abonent.domains.lines.provisioning import actions as provisioning


@transaction.atomic
def begin(*, line_id: int, offer_version_id: int, at: datetime) -> Product:
    """The line has the service from `at` on, on the terms of that version; one that is there already stays.

    What ended earlier on the same day goes on: the day is paid, and nobody pays it twice.
    """
    code = offers_queries.offer_versions([offer_version_id])[offer_version_id].code
    if (there := models.Product.objects.filter(line_id=line_id, offer_code=code, until=None).first()) is not None:
        return value_of(there)
    ended = products_queries.ended_on_day_of(at, line_id=line_id, offer_version_id=offer_version_id)
    if ended is not None:
        models.Product.objects.filter(id=ended.id).update(until=None)
        return value_of(models.Product.objects.get(id=ended.id))
    row = models.Product.objects.create(line_id=line_id, offer_code=code, offer_version_id=offer_version_id, since=at)
    return value_of(row)


@transaction.atomic
def end(*, line_id: int, offer_code: str, at: datetime) -> Product | None:
    """The line has the service until `at`; return it, None when it was not there."""
    found = models.Product.objects.select_for_update().filter(line_id=line_id, offer_code=offer_code, until=None)
    row = found.first()
    if row is None:
        return None
    row.until, row.paused_at = max(at, row.since), None
    row.save(update_fields=["until", "paused_at"])
    return value_of(row)


def pause(*, product_ids: Collection[int], at: datetime) -> None:
    """Have the network switch the services off: their fees are not paid. Those that are off, or ended, stay."""
    for product_id in sorted(product_ids):
        _switch(product_id, on=False, at=at)


def resume(*, product_ids: Collection[int], at: datetime) -> None:
    """Have the network switch the services on again: their fees are paid."""
    for product_id in sorted(product_ids):
        _switch(product_id, on=True, at=at)


@transaction.atomic
def _switch(product_id: int, *, on: bool, at: datetime) -> None:
    # Two services of a line that need the same are switched one after the other.
    models.Line.objects.select_for_update(no_key=True).filter(
        id__in=products_queries.lines_of([product_id]).values()
    ).first()
    row = models.Product.objects.select_for_update().filter(id=product_id, until=None).first()
    if row is None or (row.paused_at is None) == on:
        return
    row.paused_at = None if on else at
    row.save(update_fields=["paused_at"])
    features = set(offers_queries.offer_versions([row.offer_version_id])[row.offer_version_id].network)
    switched_on = features if on else set()
    off = set() if on else features - products_queries.needed(row.line_id)
    if switched_on or off:
        provisioning.enqueue(command_id=uuid4(), line_id=row.line_id, on=switched_on, off=off, reference=None, at=at)
