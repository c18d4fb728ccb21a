"""Reads of content providers; values, not models."""

from __future__ import annotations

from datetime import date

from abonent.domains.catalog import models
from abonent.domains.catalog.providers import rules
from abonent.domains.catalog.providers.rules import Provider, Service


class NoSuchProvider(LookupError):
    """There is no provider of that code on that day."""


def versions() -> list[Provider]:
    """Return all terms that were ever published."""
    return [_value(row) for row in models.ProviderVersion.objects.order_by("code", "valid_from")]


def in_force(day: date) -> list[Provider]:
    """Return the providers of a day, in the order of codes."""
    return rules.in_force(versions(), day)


def provider(code: str, day: date) -> Provider:
    """Return the provider as it is on the day; raise `NoSuchProvider`."""
    rows = models.ProviderVersion.objects.filter(code=code, valid_from__lte=day).order_by("-valid_from")
    row = rows.first()
    if row is None:
        raise NoSuchProvider(code)
    return _value(row)


def by_short_number(number: str, day: date) -> Provider | None:
    """Return whose short number it is on the day."""
    return next((one for one in in_force(day) if one.short_number == number), None)


def names() -> dict[str, dict[str, str]]:
    """Return what every service was called last, by language, under `providers.rules.key`."""
    return {
        rules.key(one.code, service.code): rules.full_names(one, service)
        for one in sorted(versions(), key=lambda one: one.valid_from)
        for service in one.services
    }


def _value(row: models.ProviderVersion) -> Provider:
    terms = row.terms
    return Provider(
        code=row.code,
        names=terms["names"],
        contact=terms["contact"],
        short_number=row.short_number,
        phone=terms["phone"],
        services=tuple(Service.from_json(one) for one in terms["services"]),
        valid_from=row.valid_from,
        url=terms["url"],
        id=row.pk,
    )
