"""The table of PINs of lines; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.lines.pins.rules import TRIES, Guards


class LinePin(models.Model):
    """Four digits that the owner chose; kept as a slow hash under a key. `tries_left` 0: locked until a new one."""

    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    guards = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Guards])
    kept = models.CharField(max_length=200)
    tries_left = models.PositiveSmallIntegerField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "guards"], name="lines_one_pin_for_each"),
            models.CheckConstraint(condition=Q(tries_left__range=(0, TRIES)), name="lines_pin_tries"),
        ]
