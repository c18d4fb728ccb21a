"""Writes of content providers: terms are published for a day and never edited."""

from __future__ import annotations

from django.db import connection, transaction

from abonent.domains.catalog import models
from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.catalog.providers import rules
from abonent.domains.catalog.providers.rules import BadProvider, Provider


@transaction.atomic
def publish(provider: Provider) -> int:
    """Put terms of a provider in force from a day on and return their id; the same again changes nothing.

    Raises `BadProvider`.
    """
    rules.check(provider)
    with connection.cursor() as cursor:
        # Two that are published at once would each be checked without the other.
        cursor.execute("select pg_advisory_xact_lock(hashtext('publish provider'))")
    if rules.shared_numbers([*providers_queries.versions(), provider]):
        raise BadProvider(f"the short number {provider.short_number} belongs to another provider")
    terms = provider.to_json()
    # They have columns of their own.
    del terms["code"], terms["short_number"]
    values = {"short_number": provider.short_number, "terms": terms}
    row, is_new = models.ProviderVersion.objects.get_or_create(
        code=provider.code, valid_from=provider.valid_from, defaults=values
    )
    if not is_new and (row.short_number, row.terms) != (values["short_number"], values["terms"]):
        raise BadProvider(f"{provider.code} has other terms from {provider.valid_from} on; they are never edited")
    return int(row.pk)
