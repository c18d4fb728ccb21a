"""The table of changes of call barring; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.orders.barring.rules import LENGTH_MAX, Direction, State


class BarringChange(models.Model):
    """Calls of one direction are to be barred by a programme, or (none) no longer; `id` is that of the form.

    What is on follows from the newest one that is done.
    """

    id = models.UUIDField(primary_key=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=3, choices=[(one.value, one.value) for one in Direction])
    program = models.CharField(max_length=LENGTH_MAX, blank=True)
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    reason = models.CharField(max_length=100, blank=True)
    account_id = models.BigIntegerField(null=True)
    placed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    command_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "direction"], condition=Q(state=State.ASKED.value), name="orders_one_barring_change"
            )
        ]
        indexes = [
            models.Index(fields=["line", "direction", "-placed_at"], name="orders_barring_of_line"),
            models.Index(fields=["placed_at"], condition=Q(state=State.ASKED.value), name="orders_barring_open"),
        ]
