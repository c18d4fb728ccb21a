"""The table of words by which what is sold is asked for from a phone; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.catalog.words.rules import Kind


class OfferWord(models.Model):
    """What an offer or a tariff is called in a text, by language, and which digits of a USSD code mean it.

    The words are as `words.rules.plain` writes them; none of them, and no digits, mean two things.
    """

    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    code = models.CharField(max_length=40)
    ru = models.CharField(max_length=20, unique=True)
    en = models.CharField(max_length=20, unique=True)
    digits = models.CharField(max_length=6, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="catalog_words_once"),
            models.CheckConstraint(condition=~Q(ru="") & ~Q(en="") & ~Q(digits=""), name="catalog_words_whole"),
        ]
