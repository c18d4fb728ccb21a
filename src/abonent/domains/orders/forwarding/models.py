"""The table of forwardings that were asked for here; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.lines.network.rules import CONDITIONS
from abonent.domains.orders.forwarding.rules import OPEN, State

STILL_OPEN = sorted(state.value for state in OPEN)


class ForwardingChange(models.Model):
    """That calls of a line are to go elsewhere under a condition, or (no `target`) to come here again.

    `id` is that of the form. The network is asked at `effective_at`, under `command_id`; what it does then stands with
    the lines, as whatever else it says of forwarding.
    """

    id = models.UUIDField(primary_key=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    condition = models.CharField(max_length=12, choices=[(name, name) for name in CONDITIONS])
    target = models.CharField(max_length=16, blank=True, help_text="E.164")
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    reason = models.CharField(max_length=100, blank=True)
    account_id = models.BigIntegerField(null=True)
    placed_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    command_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "condition"], condition=Q(state__in=STILL_OPEN), name="orders_one_forwarding_change"
            )
        ]
        indexes = [
            models.Index(fields=["line", "placed_at"], name="orders_forwarding_of_line"),
            models.Index(fields=["effective_at"], condition=Q(state__in=STILL_OPEN), name="orders_forwarding_open"),
        ]
