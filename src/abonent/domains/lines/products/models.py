"""What lines have beside their tariff; private to the domain."""

from django.db import models
from django.db.models import F, Q


class Product(models.Model):
    """A service on a line from `since` until `until` (None: still), on the terms of one version of its offer."""

    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    offer_code = models.CharField(max_length=40)
    offer_version = models.ForeignKey("catalog.OfferVersion", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    # Off at the network for want of money, until there is some.
    paused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "offer_code"], condition=Q(until=None), name="lines_product_once_on_a_line"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="lines_product_ends_after_its_beginning"
            ),
        ]
        indexes = [models.Index(fields=["line", "since"], name="lines_product_of_line")]
