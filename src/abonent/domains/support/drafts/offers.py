"""A draft of service offers: read, set beside what is there, published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.utils.timezone import localdate

from abonent.domains.catalog.offers import actions as offers
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import Catalogue, OfferVersion
from abonent.domains.support.drafts.rules import Pair


def subject(text: str) -> tuple[tuple[str, ...], date | None]:
    """Return the codes of the services, or else of the categories, and the first day; raises `BadCatalogue`."""
    catalogue = offers_yaml.parse(text)
    if not catalogue.versions:
        return tuple(one.code for one in catalogue.categories), None
    return tuple(one.code for one in catalogue.versions), min(one.valid_from for one in catalogue.versions)


def publish(text: str, _code: str, at: datetime) -> None:
    """Load the draft; the version that a new one takes the place of ends with its day. Raises `BadCatalogue`."""
    offers.load(_completed(offers_yaml.parse(text)), today=localdate(at))


def pairs(text: str, _code: str) -> list[Pair]:
    """Return each version beside the stored one of its day, or the one before it."""
    catalogue = offers_yaml.parse(text)
    stored = offers_queries.of_offers(one.code for one in catalogue.versions)
    found = [
        Pair(one.code, _document(before) if (before := _before(one, stored)) else None, _document(one))
        for one in catalogue.versions
    ]
    known = {one.code: dict(one.names) for one in offers_queries.categories()}
    shelves = [(one.code, known.get(one.code), dict(one.names)) for one in catalogue.categories]
    return found + [Pair(code, {"name": was} if was else None, {"name": becomes}) for code, was, becomes in shelves]


def begin(code: str, *, since: date, anew: date | None = None, until: date | None = None) -> str:
    """Return the text of a stored version, to be corrected, to be sold no more from `until` on, or to follow `anew`."""
    version = next(one for one in offers_queries.of_offers([code]) if one.valid_from == since)
    if until is not None:
        version = replace(version, valid_until=until)
    if anew is not None:
        version = replace(version, valid_from=anew, valid_until=None)
    return offers_yaml.write(Catalogue((), (version,)))


def _document(version: OfferVersion) -> dict[str, object]:
    return {"from": version.valid_from, **offers_yaml.told(version)}


def _before(version: OfferVersion, stored: list[OfferVersion]) -> OfferVersion | None:
    earlier = [one for one in stored if one.code == version.code and one.valid_from <= version.valid_from]
    return earlier[-1] if earlier else None


def _completed(catalogue: Catalogue) -> Catalogue:
    """Add, with its end, what each new version takes the place of, and in their order the categories that stay."""
    stored = offers_queries.of_offers(one.code for one in catalogue.versions)
    named = {(one.code, one.valid_from) for one in catalogue.versions}
    ended = []
    for version in catalogue.versions:
        before = _before(version, stored)
        if before is None or (before.code, before.valid_from) in named:
            continue
        if before.valid_until is None or before.valid_until > version.valid_from:
            ended.append(replace(before, valid_until=version.valid_from))
    # A category that the draft only names otherwise stands where it stood; a new one is the last.
    shelves = {one.code: one for one in (*offers_queries.categories(), *catalogue.categories)}
    return replace(
        catalogue, categories=tuple(shelves.values()) if catalogue.categories else (),
        versions=(*catalogue.versions, *ended),
    )  # fmt: skip
