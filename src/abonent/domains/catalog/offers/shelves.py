"""What is sold for a line, shelf by shelf: of each the beginning, one of them page by page, or what a search finds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from abonent.domains.catalog import models
from abonent.domains.catalog.offers.queries import version_of
from abonent.domains.catalog.offers.rules import LANGUAGES, OfferVersion

ON_A_SHELF, ON_A_PAGE = 12, 50
WORDS_LENGTH_MAX = 100
PAGES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody looks at: the beginning of every shelf, or a page of one, or of what has such `words` in a name."""

    category: str = ""
    words: str = ""
    page: int = 1

    @property
    def is_whole(self) -> bool:
        return not self.category and not self.words


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is shown of a category, out of `total`; of a search in all of them the code is empty."""

    code: str
    total: int
    versions: tuple[OfferVersion, ...]


def shelves(*, day: date, service: str, region: str, without: Collection[str], look: Look) -> list[Shelf]:
    """Return what is sold on a local day for lines of that kind in a region, but for packages and some codes."""
    rows = _sold(day, service, region).exclude(offer_id__in=list(without))
    if look.words:
        named = [Q(**{f"terms__names__{language}__icontains": look.words}) for language in LANGUAGES]
        return _page("", rows.filter(reduce(or_, named)), look)
    if look.category:
        return _page(look.category, rows.filter(category_id=look.category), look)
    ranked = rows.annotate(
        turn=Window(RowNumber(), partition_by=F("category_id"), order_by=F("offer_id").asc()),
        total=Window(Count("id"), partition_by=F("category_id")),
    )
    found: dict[str, tuple[int, list[OfferVersion]]] = {}
    for row in ranked.filter(turn__lte=ON_A_SHELF).order_by("category_id", "offer_id"):
        found.setdefault(row.category_id, (row.total, []))[1].append(version_of(row))
    return [Shelf(code, total, tuple(versions)) for code, (total, versions) in found.items()]


def sold(*, day: date, service: str, codes: Collection[str]) -> list[OfferVersion]:
    """Return those of the offers that are sold for lines of that kind on a local day."""
    return [version_of(row) for row in _on_sale(day, service).filter(offer_id__in=list(codes)).order_by("offer_id")]


def with_features(*, day: date, service: str, features: Collection[str]) -> list[OfferVersion]:
    """Return what is sold for lines of that kind and needs any of those features of the network."""
    rows = _on_sale(day, service).filter(reduce(or_, [Q(terms__network__contains=[one]) for one in sorted(features)]))
    return [version_of(row) for row in rows.order_by("offer_id")]


def packages(*, day: date, service: str, region: str) -> list[OfferVersion]:
    """Return the packages that are sold, in the order of codes."""
    rows = _in_region(_on_sale(day, service), region).filter(terms__has_key="package")
    return [version_of(row) for row in rows.order_by("offer_id")]


def _page(code: str, rows: QuerySet[models.OfferVersion], look: Look) -> list[Shelf]:
    ordered = rows.annotate(total=Window(Count("id"))).order_by("offer_id")
    begin = (look.page - 1) * ON_A_PAGE
    found = list(ordered[begin : begin + ON_A_PAGE])
    return [Shelf(code, found[0].total, tuple(version_of(row) for row in found))] if found else []


def _sold(day: date, service: str, region: str) -> QuerySet[models.OfferVersion]:
    return _in_region(_on_sale(day, service), region).exclude(terms__has_key="package")


def _on_sale(day: date, service: str) -> QuerySet[models.OfferVersion]:
    lasts = Q(valid_until=None) | Q(valid_until__gt=day)
    return models.OfferVersion.objects.filter(lasts, valid_from__lte=day, terms__services__contains=[service])


def _in_region(rows: QuerySet[models.OfferVersion], region: str) -> QuerySet[models.OfferVersion]:
    return rows.filter(Q(terms__regions=[]) | Q(terms__regions__contains=[region]))
