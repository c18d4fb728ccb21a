"""Reads of registries: values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing.registries.rules import Kind

REGISTRIES_SHOWN = 60
DIFFERENCES_SHOWN = 100


class NoSuchRegistry(LookupError):
    """There is no such registry."""


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry in short; `open_count` of its differences are not worked off."""

    id: int
    name: str
    sha256: str
    first_day: date
    last_day: date
    line_count: int
    matched_count: int
    amount_minor: int
    taken_at: datetime
    difference_count: int
    open_count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a registry and our payments disagree; `resolved_at` None: nobody has worked it off."""

    id: int
    registry_id: int
    kind: Kind
    line_number: int | None
    payment_id: UUID | None
    reference: str
    theirs_minor: int | None
    ours_minor: int | None
    ours_state: str
    resolved_at: datetime | None
    resolved_by: str
    reason: str


_REGISTRIES = """
    select registry.id, name, sha256, first_day, last_day, line_count, matched_count, amount_minor, taken_at,
           count(difference.id), count(difference.id) filter (where resolved_at is null)
      from billing_registry registry left join billing_registrydifference difference on registry_id = registry.id
"""


def registries() -> list[Registry]:
    """Return the newest registries, newest first, in one query."""
    return _registries("group by registry.id order by taken_at desc, registry.id desc limit %s", REGISTRIES_SHOWN)


def registry(registry_id: int) -> Registry:
    """Return one registry; raise `NoSuchRegistry`."""
    found = _registries("where registry.id = %s group by registry.id", registry_id)
    if not found:
        raise NoSuchRegistry(registry_id)
    return found[0]


def differences(registry_id: int, *, after: int = 0, resolved: bool = False) -> list[Difference]:
    """Return differences of a registry with an id above `after` that are open, or worked off, in order of ids."""
    found = models.RegistryDifference.objects.filter(
        registry_id=registry_id, resolved_at__isnull=not resolved, id__gt=after
    )
    return [_difference(row) for row in found.order_by("id")[:DIFFERENCES_SHOWN]]


def difference(difference_id: int) -> Difference:
    """Return one difference; raise `NoSuchRegistry`."""
    row = models.RegistryDifference.objects.filter(id=difference_id).first()
    if row is None:
        raise NoSuchRegistry(difference_id)
    return _difference(row)


def _registries(rest: str, parameter: int) -> list[Registry]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_REGISTRIES} {rest}", [parameter])
        return [Registry(*row) for row in cursor.fetchall()]


def _difference(row: models.RegistryDifference) -> Difference:
    return Difference(
        row.pk,
        row.registry_id,
        Kind(row.kind),
        row.line_number,
        row.payment_id,
        row.reference,
        row.theirs_minor,
        row.ours_minor,
        row.ours_state,
        row.resolved_at,
        row.resolved_by,
        row.reason,
    )
