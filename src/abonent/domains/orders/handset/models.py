"""The table of what was asked for from a phone and waits for a yes; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.orders.handset.rules import Kind, State


class HandsetWish(models.Model):
    """What a person was told from their phone, and may confirm until `expires_at`: then it is the order of this id.

    `version_id` is what was shown: a version of an offer or tariff, or the terms of blocks or promised payments.
    `about` is a code, of a phone that is lost its number. The code that confirms it follows from the id and is stored
    nowhere. Deleted after a month.
    """

    id = models.UUIDField(primary_key=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    account_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    about = models.CharField(max_length=40, blank=True)
    # Where the text went that asked for it, and where what becomes of it is told from; empty: no text.
    short_number = models.CharField(max_length=16, blank=True, default="")
    version_id = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    effective_at = models.DateTimeField(null=True)
    end_day = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    tries_left = models.PositiveSmallIntegerField()
    # What was told, without the code: it is said again when it is asked for again.
    told = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "channel", "kind", "about"],
                condition=Q(state="open"),
                name="orders_one_open_wish_from_a_phone",
            )
        ]
        indexes = [models.Index(fields=["line", "-asked_at"], name="orders_wishes_of_line")]
