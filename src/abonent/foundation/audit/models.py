"""The table of the trail, for tools that look at tables; it is written by `records` alone."""

from django.db import models


class Entry(models.Model):
    """One record. Made by SQL: triggers refuse every change, even that of its owner."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    action = models.TextField()
    subject = models.TextField()
    on_behalf_of = models.TextField()
    origin = models.TextField()
    details = models.JSONField()
    previous = models.BinaryField()
    seal = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_entry"
