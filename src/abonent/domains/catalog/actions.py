"""Writes of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from abonent.domains.catalog import models, rules


@transaction.atomic
def publish(version: rules.TariffVersion) -> int:
    """Store a version of a tariff and return its id; the same version again changes nothing.

    Raises `rules.InvalidTerms`, and `ValueError` when that day already has other terms: a version is never edited.
    """
    rules.check(version.terms)
    tariff, _ = models.Tariff.objects.get_or_create(
        code=version.tariff_code,
        defaults={
            "service": version.service,
            "category": version.category,
            "name_ru": version.names["ru"],
            "name_en": version.names["en"],
        },
    )
    stored, created = models.TariffVersion.objects.get_or_create(
        tariff=tariff,
        valid_from=version.valid_from,
        defaults={"fee_minor": version.fee_minor, "terms": version.terms.to_json()},
    )
    if not created and (stored.fee_minor, rules.Terms.from_json(stored.terms)) != (version.fee_minor, version.terms):
        raise ValueError(f"{version.tariff_code} of {version.valid_from} is already in force with other terms")
    return stored.pk


def present(*, tariff_code: str, about: Mapping[str, str], sold_until: date | None = None) -> None:
    """Store what is said of a tariff, by language, and from which day on it is sold no more (None: it is on sale).

    Raises `LookupError` for a tariff that was never published.
    """
    changed = models.Tariff.objects.filter(code=tariff_code).update(
        about_ru=about["ru"], about_en=about["en"], sold_until=sold_until
    )
    if not changed:
        raise LookupError(tariff_code)


@transaction.atomic
def set_geography(geography: rules.Geography) -> None:
    """Store destinations and zones; those known by code get the new prefixes and names."""
    models.Destination.objects.bulk_create(
        [
            models.Destination(
                code=destination.code,
                content=destination.content,
                prefixes=list(destination.prefixes),
                name_ru=destination.names["ru"],
                name_en=destination.names["en"],
            )
            for destination in geography.destinations
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["content", "prefixes", "name_ru", "name_en"],
    )
    models.Zone.objects.bulk_create(
        [models.Zone(code=zone.code, name_ru=zone.names["ru"], name_en=zone.names["en"]) for zone in geography.zones],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name_ru", "name_en"],
    )
