"""Reads of service offers; values, not models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import Literal

from django.db.models import Q

from abonent.domains.catalog import models
from abonent.domains.catalog.family_rules import Family
from abonent.domains.catalog.offers.rules import LANGUAGES, Catalogue, Category, OfferVersion
from abonent.domains.catalog.packages_rules import Package

ListState = Literal["in force", "coming", "withdrawn"]
LISTED = 50
_STATES: Mapping[ListState, Callable[[date], Q]] = {
    "in force": lambda day: Q(valid_from__lte=day) & (Q(valid_until=None) | Q(valid_until__gt=day)),
    "coming": lambda day: Q(valid_from__gt=day),
    "withdrawn": lambda day: Q(valid_until__lte=day),
}


def categories() -> tuple[Category, ...]:
    """Return the categories in their order on the page."""
    rows = models.OfferCategory.objects.order_by("place")
    return tuple(Category(row.code, {"ru": row.name_ru, "en": row.name_en}) for row in rows)


def catalogue() -> Catalogue:
    """Return everything that was ever sold, with what will be."""
    rows = models.OfferVersion.objects.order_by("offer_id", "valid_from")
    return Catalogue(categories(), tuple(version_of(row) for row in rows))


def sold_on(day: date, service: str) -> list[OfferVersion]:
    """Return what is sold for lines of that kind on a local day, in the order of codes."""
    rows = models.OfferVersion.objects.filter(valid_from__lte=day).order_by("offer_id", "valid_from")
    versions = (version_of(row) for row in rows)
    return [version for version in versions if version.sold_on(day) and service in version.services]


def of_offers(codes: Iterable[str]) -> list[OfferVersion]:
    """Return every version of the offers, the first one of each first."""
    rows = models.OfferVersion.objects.filter(offer_id__in=set(codes)).order_by("offer_id", "valid_from")
    return [version_of(row) for row in rows]


def listed(
    *, day: date, state: ListState, words: str = "", after: tuple[str, date] | None = None
) -> list[OfferVersion]:
    """Return the versions in a state on a local day, `LISTED` of them in the order of codes, then days.

    `words` stand in their code or in a name of theirs; `after` is the code and first day of the last one seen.
    """
    rows = models.OfferVersion.objects.filter(_STATES[state](day)).order_by("offer_id", "valid_from")
    if words:
        named = [Q(**{f"terms__names__{language}__icontains": words}) for language in LANGUAGES]
        rows = rows.filter(reduce(or_, named, Q(offer__code__icontains=words)))
    if after is not None:
        rows = rows.filter(Q(offer_id__gt=after[0]) | Q(offer_id=after[0], valid_from__gt=after[1]))
    return [version_of(row) for row in rows[:LISTED]]


def offer_versions(ids: Iterable[int]) -> dict[int, OfferVersion]:
    """Return versions by id."""
    wanted = set(ids)
    rows = models.OfferVersion.objects.filter(pk__in=wanted) if wanted else []
    return {row.pk: version_of(row) for row in rows}


def names() -> dict[str, dict[str, str]]:
    """Return what every offer is called by language, in its newest version."""
    rows = models.OfferVersion.objects.order_by("valid_from").values_list("offer_id", "terms__names")
    return {code: dict(named) for code, named in rows}


def version_of(row: models.OfferVersion) -> OfferVersion:
    """Return the value of a row."""
    terms = row.terms
    return OfferVersion(
        code=row.offer_id,
        category=row.category_id,
        services=tuple(terms["services"]),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        names=terms["names"],
        texts=terms["texts"],
        once_minor=row.once_minor,
        fee_minor=row.fee_minor,
        per="day" if row.fee_per == "day" else "month",
        requires=tuple(terms["requires"]),
        conflicts=tuple(terms["conflicts"]),
        regions=tuple(terms["regions"]),
        network=tuple(terms["network"]),
        package=Package.from_json(terms["package"]) if "package" in terms else None,
        family=Family.from_json(terms["family"]) if "family" in terms else None,
        id=row.pk,
    )
