"""Measurements of the speed; private to the domain."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from abonent.domains.lines.speed.rules import Size


class SpeedTest(models.Model):
    """A measurement, by somebody signed in or by nobody we know; `asker` is whom the limits count it for.

    It holds a place among those that run until it ended, `ends_at` at the latest. The bytes are those that were handed
    out and taken in; `pieces` counts per stream those handed out, so that a stream has one at a time. The speeds are
    what the browser measured.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+", null=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+", null=True)
    asker = models.CharField(max_length=60)
    size = models.CharField(max_length=10, choices=[(size.value, size.value) for size in Size])
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    down_bytes = models.BigIntegerField(default=0)
    up_bytes = models.BigIntegerField(default=0)
    pieces = ArrayField(models.PositiveIntegerField())
    # What the tariff promised at most when it was measured; 0: it promises none.
    promised_kbps = models.PositiveIntegerField(default=0)
    down_kbps = models.PositiveIntegerField(null=True)
    up_kbps = models.PositiveIntegerField(null=True)
    latency_us = models.PositiveIntegerField(null=True)
    jitter_us = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(down_kbps=None, up_kbps=None, latency_us=None, jitter_us=None)
                | Q(
                    down_kbps__isnull=False, up_kbps__isnull=False, latency_us__isnull=False, jitter_us__isnull=False,
                    ended_at__isnull=False,
                ),
                name="lines_speed_measured_whole",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["asker", "started_at"], name="lines_speed_of_asker"),
            models.Index(fields=["account", "-started_at"], name="lines_speed_of_account"),
            models.Index(fields=["ends_at"], name="lines_speed_running", condition=Q(ended_at=None)),
        ]
