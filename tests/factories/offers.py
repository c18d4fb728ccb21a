"""A small catalogue of services that meets every case: prices, a requirement, a conflict, a region, one that ended."""

from __future__ import annotations

from datetime import date

from abonent.domains.catalog.offers import actions as offers
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import Catalogue, Category, OfferVersion

FROM = date(2025, 1, 1)
CATEGORIES = (
    Category("calls", {"ru": "Звонки", "en": "Calls"}),
    Category("travel", {"ru": "В поездках", "en": "Travelling"}),
)


def offer(code: str, **known: object) -> OfferVersion:
    """Return a version of a free service for mobile lines that the network must know; `known` says otherwise."""
    title = code.replace("-", " ").capitalize()
    return OfferVersion(
        **{
            "code": code,
            "category": "calls",
            "services": ("mobile",),
            "valid_from": FROM,
            "valid_until": None,
            "names": {"ru": f"Услуга {title}", "en": title},
            "texts": {"ru": f"Что даёт {title}.", "en": f"What {title} gives."},
            "network": (code,),
            **known,
        }
    )


OFFERS = (
    offer("free"),
    offer("monthly", once_minor=3_000, fee_minor=9_000),
    offer("daily", fee_minor=350, per="day"),
    offer("once", once_minor=5_000),
    offer("base", category="travel"),
    offer("above", category="travel", requires=("base",), fee_minor=6_000),
    offer("quiet", conflicts=("loud",)),
    offer("loud"),
    offer("northern", regions=("north",)),
    offer("ended", valid_until=date(2025, 6, 1)),
    offer("home", services=("internet",)),
    offer("paper", network=()),
)


def load(*more: OfferVersion) -> dict[str, int]:
    """Store the catalogue with `more` in it; return the ids of its versions by code, the last one of each."""
    offers.load(Catalogue(CATEGORIES, (*OFFERS, *more)), today=FROM)
    return {version.code: version.id or 0 for version in offers_queries.catalogue().versions}
