"""The table of days that a line is blocked by its owner's wish; private to the domain."""

from django.db import models
from django.db.models import F, Q


class FeePause(models.Model):
    """Local days for which the fees of a line are not asked for, from `first_day` to before `end_day`.

    From `free_until` on such a day costs `day_minor`. `order_id` is the order of the block.
    """

    order_id = models.UUIDField(primary_key=True)
    line_id = models.BigIntegerField(db_index=True)
    first_day = models.DateField()
    end_day = models.DateField()
    free_until = models.DateField()
    day_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(end_day__gte=F("first_day"), day_minor__gte=0), name="billing_pause_in_order"
            )
        ]
