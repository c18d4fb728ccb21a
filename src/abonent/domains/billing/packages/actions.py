"""Packages of a line: they begin when their order is done, and are bought again until somebody says no."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models, products
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.packages.rules import Source
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines.queries import Line

ONE_BY_ONE = 500


class NoSuchPackage(LookupError):
    """The package is not there, or not yours: the same answer to both."""


@transaction.atomic
def begin(*, order_id: UUID, line: Line, version: OfferVersion, once_minor: int, since: datetime, at: datetime) -> int:
    """Let the line have the package from `since` on, take what is held for it, and return how much that was.

    What was used since then is rated anew. The same order again changes nothing.
    """
    package = version.package
    if package is None:
        raise ValueError("no package")
    # No import reads that there is none and charges for what this one covers.
    rating_batch.take_turn()
    _, made = models.PackageBucket.objects.get_or_create(
        id=order_id,
        defaults={
            "line_id": line.id,
            "bucket": package.bucket,
            "amount": package.amount,
            "valid_from": since,
            "valid_until": package.ends_at(since, ZoneInfo(settings.TIME_ZONE)),
            "source": Source.PACKAGE.value,
            "offer_version_id": version.id,
            "hour_first": package.hours.first if package.hours else None,
            "hour_end": package.hours.end if package.hours else None,
            "created_at": at,
            "renews": package.renews,
        },
    )
    if not made:
        return once_minor
    rating_batch.rate_line_anew(line_id=line.id, period_day=line.period_day, at=since)
    taken = products.take_once(order_id=order_id, line=line, version=version, once_minor=once_minor, at=at)
    limits.note_charges([line.id], at_once=False)
    return taken


@transaction.atomic
def stop(*, bucket_id: UUID, line_ids: list[int], at: datetime, why: str = "") -> None:
    """Buy the package no more when it ends; it stays until then. Raises `NoSuchPackage`; the same again is the same."""
    found = models.PackageBucket.objects.select_for_update(no_key=True).filter(
        id=bucket_id, line_id__in=line_ids, renews=True
    )
    row = found.first()
    if row is None:
        raise NoSuchPackage
    if row.stopped_at is None and row.renewal_order_id is None:
        row.stopped_at, row.stopped_why = at, why[:20]
        row.save(update_fields=["stopped_at", "stopped_why"])


def renewed(*, bucket_id: UUID, order_id: UUID) -> None:
    """The package was ordered again, in the transaction of that order."""
    models.PackageBucket.objects.filter(id=bucket_id).update(renewal_order_id=order_id)


def ending(*, until: datetime) -> list[UUID]:
    """Return the packages that are to be bought again and end until then, the first first."""
    rows = models.PackageBucket.objects.filter(
        renews=True, renewal_order_id=None, stopped_at=None, valid_until__lte=until
    ).order_by("valid_until", "id")
    return list(rows.values_list("id", flat=True)[:ONE_BY_ONE])


def locked(bucket_id: UUID) -> tuple[int, int, datetime] | None:
    """Lock a package that is to be bought again; return its line, its version and its end, None: not any more."""
    row = (
        models.PackageBucket.objects.select_for_update(no_key=True)
        .filter(id=bucket_id, renews=True, renewal_order_id=None, stopped_at=None)
        .first()
    )
    return (row.line_id, row.offer_version_id or 0, row.valid_until) if row else None
