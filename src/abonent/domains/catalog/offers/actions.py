"""Writes of service offers: a catalogue is loaded whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from abonent.domains.catalog import models
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import rules as offers_rules
from abonent.domains.catalog.offers.rules import BadCatalogue, Catalogue, OfferVersion, Problem
from abonent.foundation.said import N_, said


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a catalogue did: versions that are new, those that changed, those that were there."""

    new: int
    changed: int
    known: int


@transaction.atomic
def load(catalogue: Catalogue, *, today: date, only_check: bool = False) -> Loaded:
    """Store a catalogue and return what it did; raise `offers.rules.BadCatalogue` and change nothing.

    What it does not name stays. `only_check` decides the same and stores nothing.
    """
    with connection.cursor() as cursor:
        # Two catalogues at once would each be checked against what the other replaces.
        cursor.execute("select pg_advisory_xact_lock(hashtext('load offers'))")
    stored = offers_queries.catalogue()
    offers_rules.check_change(catalogue, stored.versions, today)
    kept = tuple(one for one in stored.categories if one.code not in {new.code for new in catalogue.categories})
    every = offers_rules.merged(stored.versions, catalogue)
    offers_rules.check(Catalogue(catalogue.categories + kept, every.versions, catalogue.lines))
    _refuse_repeats(catalogue)
    before = {(version.code, version.valid_from): version for version in stored.versions}
    new = [one for one in catalogue.versions if (one.code, one.valid_from) not in before]
    changed = [
        one for one in catalogue.versions
        if (old := before.get((one.code, one.valid_from))) is not None and _stored(one) != _stored(old)
    ]  # fmt: skip
    if not only_check:
        _store(catalogue, kept_after=len(catalogue.categories), new=new, changed=changed)
    return Loaded(len(new), len(changed), len(catalogue.versions) - len(new) - len(changed))


def _refuse_repeats(catalogue: Catalogue) -> None:
    keys = [(version.code, version.valid_from) for version in catalogue.versions]
    if len(set(keys)) != len(keys):
        raise BadCatalogue([Problem(0, said(N_("a version stands there twice")))])


def _store(catalogue: Catalogue, *, kept_after: int, new: list[OfferVersion], changed: list[OfferVersion]) -> None:
    models.OfferCategory.objects.bulk_create(
        [
            models.OfferCategory(code=one.code, place=place, name_ru=one.names["ru"], name_en=one.names["en"])
            for place, one in enumerate(catalogue.categories)
        ],
        update_conflicts=True, unique_fields=["code"], update_fields=["place", "name_ru", "name_en"],
    )  # fmt: skip
    others = models.OfferCategory.objects.exclude(code__in=[one.code for one in catalogue.categories])
    for place, row in enumerate(others.order_by("place"), kept_after):
        row.place = place
        row.save(update_fields=["place"])
    models.Offer.objects.bulk_create([models.Offer(code=version.code) for version in new], ignore_conflicts=True)
    models.OfferVersion.objects.bulk_create(
        models.OfferVersion(offer_id=version.code, valid_from=version.valid_from, **_stored(version)) for version in new
    )
    for version in changed:
        rows = models.OfferVersion.objects.filter(offer_id=version.code, valid_from=version.valid_from)
        rows.update(**_stored(version))


def _stored(version: OfferVersion) -> dict[str, object]:
    return {
        "category_id": version.category,
        "valid_until": version.valid_until,
        "once_minor": version.once_minor,
        "fee_minor": version.fee_minor,
        "fee_per": version.per,
        "terms": {
            "services": list(version.services),
            "names": dict(version.names),
            "texts": dict(version.texts),
            "requires": list(version.requires),
            "conflicts": list(version.conflicts),
            "regions": list(version.regions),
            "network": list(version.network),
            **({"package": version.package.to_json()} if version.package else {}),
            **({"family": version.family.to_json()} if version.family else {}),
        },
    }
