"""The package of a family rests while the fee of its service waits for money: a dated fact that rating knows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.billing import models
from abonent.domains.billing.families import queries, telling
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.lines import queries_bulk
from abonent.domains.lines.products import queries as products_queries


@transaction.atomic
def follow(*, product_ids: Collection[int], at: datetime) -> int:
    """Let packages rest, or be shared again, as the fees of these services stand; return for how many that changed.

    What is read is whether a fee waits, so that what was announced may come in any order.
    """
    rating_batch.take_turn()
    changed = 0
    for product_id, line_id in sorted(products_queries.lines_of(list(product_ids)).items()):
        product = queries.product_of(line_id)
        owner = models.FamilyMember.objects.filter(line_id=line_id, is_owner=True, until=None).first()
        if product is None or product.id != product_id or owner is None:
            continue
        waits = models.ProductFeeWaiting.objects.filter(product_id=product_id, charged_at=None).exists()
        if waits != _rests(owner.group_id):
            _switch(owner, rests=waits, at=at)
            changed += 1
    return changed


def close(*, group_id: UUID, at: datetime) -> None:
    """Let a package rest no more: its family ended, or somebody else pays."""
    for row in models.FamilyPause.objects.filter(group=group_id, until=None):
        row.until = max(at, row.since)
        row.save(update_fields=["until"])


def _rests(group_id: UUID) -> bool:
    return models.FamilyPause.objects.filter(group=group_id, until=None).exists()


def _switch(owner: models.FamilyMember, *, rests: bool, at: datetime) -> None:
    if rests:
        models.FamilyPause.objects.create(group_id=owner.group_id, since=at)
    else:
        close(group_id=owner.group_id, at=at)
    # What began since, and was stored before this, took from the package or paid beside it.
    day = queries_bulk.period_days([owner.line_id])[owner.line_id]
    rating_batch.rate_line_anew(line_id=owner.line_id, period_day=day, at=at)
    telling.paused(owner.group_id, "pool paused" if rests else "pool resumed")
