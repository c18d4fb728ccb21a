"""Reads of the catalogue; values, not models."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.db.models import Q

from abonent.domains.catalog import models, rules
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.providers import queries as providers_queries
from abonent.foundation.clock import now

NAMES_KEPT_S = 5 * 60


def tariff_versions(ids: Iterable[int] | None = None) -> dict[int, rules.TariffVersion]:
    """Return the versions of `ids` (all when None) by id."""
    rows = models.TariffVersion.objects.select_related("tariff")
    if ids is not None:
        rows = rows.filter(pk__in=set(ids))
    return {row.pk: _version(row) for row in rows}


@lru_cache(maxsize=1000)
def tariff_version(version_id: int) -> rules.TariffVersion:
    """Return a version; asked of the database once, since a version is never edited."""
    return _version(models.TariffVersion.objects.select_related("tariff").get(pk=version_id))


def offered(*, service: str, held: int, day: date) -> rules.Offered:
    """Return what is on sale of `service` on the local `day`, and the version `held`, in one query.

    Of a tariff the version in force that day is sold; nobody sees an archived one but who has it.
    """
    known = Q(tariff__service=service, valid_from__lte=day) | Q(pk=held)
    rows = models.TariffVersion.objects.select_related("tariff").filter(known).order_by("tariff_id", "valid_from")
    offers = {row.pk: _offer(row) for row in rows}
    latest = {
        offer.version.tariff_code: offer
        for offer in offers.values()
        if offer.version.service == service and offer.version.valid_from <= day and offer.is_sold(day)
    }
    return rules.Offered(offers[held], tuple(latest.values()))


def of_tariff(code: str) -> list[rules.Offer]:
    """Return every version of a tariff with what is said of it, the first one first; none for a code nobody has."""
    rows = models.TariffVersion.objects.select_related("tariff").filter(tariff_id=code).order_by("valid_from")
    return [_offer(row) for row in rows]


def all_tariffs() -> list[rules.Offer]:
    """Return every version of every tariff with what is said of it, in the order of codes and days."""
    rows = models.TariffVersion.objects.select_related("tariff").order_by("tariff_id", "valid_from")
    return [_offer(row) for row in rows]


def geography() -> rules.Geography:
    """Return every destination and zone."""
    return rules.Geography(
        tuple(
            rules.Destination(row.code, tuple(row.prefixes), {"ru": row.name_ru, "en": row.name_en}, row.content)
            for row in models.Destination.objects.order_by("code")
        ),
        tuple(
            rules.Zone(row.code, {"ru": row.name_ru, "en": row.name_en}) for row in models.Zone.objects.order_by("code")
        ),
    )


def service_names(peers: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what the content services that records call `peers`, and services by their codes, are called, by language.

    A process remembers the names for five minutes; one that it does not know is asked for at once.
    """
    wanted = set(peers)
    if not wanted:
        return {}
    window = int(now().timestamp() // NAMES_KEPT_S)
    known = _content_names(window)
    if not wanted <= known.keys():
        _content_names.cache_clear()
        known = _content_names(window)
    return {peer: known[peer] for peer in wanted if peer in known}


@lru_cache(maxsize=1)
def _content_names(window: int) -> dict[str, dict[str, str]]:  # noqa: ARG001 - what is remembered of a past one is not asked
    rows = models.Destination.objects.filter(content=True)
    contents = {peer: {"ru": row.name_ru, "en": row.name_en} for row in rows for peer in row.prefixes}
    return offers_queries.names() | providers_queries.names() | contents


def _offer(row: models.TariffVersion) -> rules.Offer:
    tariff = row.tariff
    return rules.Offer(_version(row), {"ru": tariff.about_ru, "en": tariff.about_en}, tariff.sold_until)


def _version(row: models.TariffVersion) -> rules.TariffVersion:
    return rules.TariffVersion(
        tariff_code=row.tariff.code,
        service=row.tariff.service,
        category=row.tariff.category,
        names={"ru": row.tariff.name_ru, "en": row.tariff.name_en},
        valid_from=row.valid_from,
        fee_minor=row.fee_minor,
        terms=rules.Terms.from_json(row.terms),
        id=row.pk,
    )
