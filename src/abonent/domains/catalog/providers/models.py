"""The table of content providers; private to the domain."""

from django.db import models


class ProviderVersion(models.Model):
    """The terms of a provider from a day on, see `providers.rules.Provider`. Never edited: a change is a new row."""

    code = models.CharField(max_length=20)
    valid_from = models.DateField()
    short_number = models.CharField(max_length=6)
    terms = models.JSONField(help_text="names, contact, phone, address, services")

    class Meta:
        db_table = "catalog_provider_version"
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="catalog_one_provider_version_a_day"),
        ]
