"""The table of bars; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.lines.bars.rules import Kind


class Bar(models.Model):
    """That a line is barred, and why, from `since` until `until` (None: still); of each kind one stands at a time.

    `ends_at` is when it is to end by itself, None: somebody lifts it. `by` and `lifted_by` are who did it, as in the
    owner's journal; `reference` is the order for which it was.
    """

    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    # That it ends soon was told.
    warned_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=40)
    lifted_by = models.CharField(max_length=40, blank=True)
    reference = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "kind"], condition=Q(until=None), name="lines_one_bar_of_a_kind"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="lines_bar_ends_after"),
        ]
        indexes = [
            models.Index(fields=["line", "since"], name="lines_bar_of_line"),
            models.Index(fields=["ends_at"], condition=Q(until=None, ends_at__isnull=False), name="lines_bar_to_end"),
        ]
