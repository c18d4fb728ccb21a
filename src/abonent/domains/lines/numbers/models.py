"""Tables of numbers that lines had or can have, and of cards that wait for one; private to the domain."""

from django.db import models
from django.db.models import F, Q


class PastNumber(models.Model):
    """A number that a line was served as from `since` until `until`, before the one that stands with the line."""

    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40, help_text="E.164")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(until__gte=F("since")), name="lines_past_number_in_order")]
        indexes = [models.Index(fields=["number", "since"], name="lines_past_number_in_time")]


class FreeNumber(models.Model):
    """A number that nobody is served as and that can be had.

    It is held for a line until `held_until`, or (None) until what was ordered has its end; then `rest_days` says how
    long the number that it takes the place of is kept for nobody else. Until `free_from` only `former_line` can have
    it.
    """

    number = models.CharField(primary_key=True, max_length=16, help_text="E.164")
    region = models.CharField(max_length=40)
    held_for = models.ForeignKey("lines.Line", null=True, on_delete=models.PROTECT, related_name="+")
    held_until = models.DateTimeField(null=True)
    rest_days = models.PositiveSmallIntegerField(default=0)
    former_line = models.ForeignKey("lines.Line", null=True, on_delete=models.PROTECT, related_name="+")
    free_from = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # A line decides about one number at a time.
            models.UniqueConstraint(fields=["held_for"], name="lines_one_number_held"),
        ]
        indexes = [models.Index(fields=["region", "number"], name="lines_free_number_of_region")]


class AwayNumber(models.Model):
    """A number of ours that another operator serves: nobody here is served as it, or can have it, before it is back."""

    number = models.CharField(primary_key=True, max_length=16, help_text="E.164")
    operator = models.CharField(max_length=60)
    region = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()


class SpareCard(models.Model):
    """A SIM that serves nobody yet, by the number printed on it; `taken_for` names the order that is to use it."""

    iccid = models.CharField(primary_key=True, max_length=20)
    imsi = models.CharField(max_length=15, unique=True)
    # Sealed by the vault; empty: not known here.
    puk = models.CharField(max_length=200, default="", db_default="", blank=True)
    taken_for = models.UUIDField(null=True, unique=True)
    used_at = models.DateTimeField(null=True)
