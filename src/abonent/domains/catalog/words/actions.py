"""Words for what is sold are loaded whole or not at all, and looked up."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection, transaction
from django.db.models import Q

from abonent.domains.catalog import models
from abonent.domains.catalog.words import rules as words_rules
from abonent.domains.catalog.words.rules import BadWords, Kind, Word


@transaction.atomic
def load(words: Iterable[Word]) -> int:
    """Let these words hold instead of those before; return how many they are. Raises `BadWords` and changes nothing."""
    every = list(words)
    words_rules.check(every)
    with connection.cursor() as cursor:
        # Two files at once would each be stored beside the other.
        cursor.execute("select pg_advisory_xact_lock(hashtext('load words'))")
    unknown = _unknown(every)
    if unknown:
        raise BadWords("\n".join(f"{code}: nothing of that code was ever sold" for code in unknown))
    models.OfferWord.objects.all().delete()
    models.OfferWord.objects.bulk_create(
        models.OfferWord(kind=one.kind, code=one.code, ru=one.ru, en=one.en, digits=one.digits) for one in every
    )
    return len(every)


def _unknown(words: Collection[Word]) -> list[str]:
    offers = set(models.Offer.objects.values_list("code", flat=True))
    tariffs = set(models.Tariff.objects.values_list("code", flat=True))
    return sorted(one.code for one in words if one.code not in (offers if one.kind is Kind.OFFER else tariffs))


def meant(typed: str) -> Word | None:
    """Return what a word or the digits mean, however they were typed; the code of what is sold means that as well."""
    word = words_rules.plain(typed[: 4 * words_rules.LENGTH_MAX])
    if not word:
        return None
    row = models.OfferWord.objects.filter(Q(ru=word) | Q(en=word) | Q(digits=word)).first()
    row = row or models.OfferWord.objects.filter(code=typed.strip().casefold()[:40]).first()
    return _value(row) if row else None


def of_codes(kind: Kind, codes: Iterable[str]) -> dict[str, Word]:
    """Return the words of these codes; those that have none are left out."""
    rows = models.OfferWord.objects.filter(kind=kind, code__in=list(codes))
    return {row.code: _value(row) for row in rows}


def every() -> list[Word]:
    """Return all words, in the order of kinds and codes."""
    return [_value(row) for row in models.OfferWord.objects.order_by("kind", "code")]


def _value(row: models.OfferWord) -> Word:
    return Word(Kind(row.kind), row.code, row.ru, row.en, row.digits)
