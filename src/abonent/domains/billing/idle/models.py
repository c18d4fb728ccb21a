"""Tables of numbers that nobody uses; private to the domain."""

from django.db import models
from django.db.models import F, Q


class IdleRules(models.Model):
    """What becomes of numbers that nobody uses (`idle.rules.Terms`), from a local day on. Never edited."""

    valid_from = models.DateField(unique=True)
    terms = models.JSONField()


class IdleLine(models.Model):
    """A line that nobody used for so long that it was warned; the row goes when it is used again.

    `active_on` is the local day of the last use, `warned_days` the last warning. It is blocked on `blocks_on`, was on
    `blocked_on`, and is given away on `release_on`. `rules_id` None: the terms that hold without any being published.
    """

    line = models.OneToOneField("lines.Line", primary_key=True, on_delete=models.PROTECT, related_name="+")
    rules = models.ForeignKey(IdleRules, null=True, on_delete=models.PROTECT, related_name="+")
    active_on = models.DateField()
    warned_on = models.DateField()
    warned_days = models.PositiveSmallIntegerField()
    blocks_on = models.DateField()
    blocked_on = models.DateField(null=True)
    release_on = models.DateField(null=True)
    release_warned = models.BooleanField(default=False)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(blocked_on=None, release_on=None) | Q(release_on__gt=F("blocked_on")),
                name="billing_idle_released_after_its_block",
            )
        ]
        indexes = [
            models.Index(
                fields=["release_on"], condition=Q(released_at=None, release_on__isnull=False), name="billing_idle_ends"
            )
        ]
