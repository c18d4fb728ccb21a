"""Tables of service offers; private to the domain."""

from django.db import models


class OfferCategory(models.Model):
    """A shelf on which people look for services; `place` is its turn on the page."""

    code = models.CharField(primary_key=True, max_length=40)
    place = models.SmallIntegerField()
    name_ru = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)


class Offer(models.Model):
    """A service that is sold beside tariffs: a code that stays while its terms change by version."""

    code = models.CharField(primary_key=True, max_length=40)


class OfferVersion(models.Model):
    """The terms of an offer from a day on, see `offers.rules.OfferVersion`.

    What began is never edited: a change is a new version. Only how long it is sold may be settled later.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(OfferCategory, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text="the first day on which it is not sold any more")
    once_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    fee_per = models.CharField(max_length=5, choices=[("month", "month"), ("day", "day")])
    terms = models.JSONField(help_text="names and texts by language, requirements, conflicts, regions, network")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "valid_from"], name="catalog_one_offer_version_a_day"),
            models.CheckConstraint(
                condition=models.Q(once_minor__gte=0, fee_minor__gte=0), name="catalog_offer_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gt=models.F("valid_from")),
                name="catalog_offer_ends_after_its_beginning",
            ),
        ]
