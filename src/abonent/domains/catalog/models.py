"""Tables of the catalogue; private to the domain."""

from django.db import models

from abonent.domains.catalog.offers.models import Offer as Offer
from abonent.domains.catalog.offers.models import OfferCategory as OfferCategory
from abonent.domains.catalog.offers.models import OfferVersion as OfferVersion
from abonent.domains.catalog.providers.models import ProviderVersion as ProviderVersion
from abonent.domains.catalog.words.models import OfferWord as OfferWord


class Tariff(models.Model):
    """A tariff as people know it: a name that stays while its terms change by version."""

    class Service(models.TextChoices):
        MOBILE = "mobile"
        INTERNET = "internet"
        TV = "tv"
        SATELLITE = "satellite"

    class Category(models.TextChoices):
        PHONE = "phone"
        COMPUTER = "computer"
        SPECIAL = "special"
        FIXED = "fixed"

    code = models.CharField(primary_key=True, max_length=40)
    service = models.CharField(max_length=10, choices=Service)
    category = models.CharField(max_length=10, choices=Category)
    name_ru = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    # What is said of it where it is offered.
    about_ru = models.CharField(max_length=300, blank=True)
    about_en = models.CharField(max_length=300, blank=True)
    # From this day on only who has it sees it.
    sold_until = models.DateField(null=True)


class TariffVersion(models.Model):
    """The terms of a tariff from a date on. Never edited: a change is a new version."""

    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    fee_minor = models.BigIntegerField()
    terms = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tariff", "valid_from"], name="catalog_one_version_a_day"),
            models.CheckConstraint(condition=models.Q(fee_minor__gte=0), name="catalog_fee_not_negative"),
        ]


class Destination(models.Model):
    """Where a call or message goes, told by the longest matching prefix; or a content service, told by its name."""

    code = models.CharField(primary_key=True, max_length=40)
    content = models.BooleanField(default=False)
    prefixes = models.JSONField(help_text="list of prefixes (`+7900`), or of exact short numbers and names")
    name_ru = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)


class Zone(models.Model):
    """A roaming zone; `home` is not one."""

    code = models.CharField(primary_key=True, max_length=20)
    name_ru = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
