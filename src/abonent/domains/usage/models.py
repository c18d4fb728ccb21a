"""Tables of usage; private to the domain."""

from django.db import models


class Source(models.Model):
    """Who wrote a record: a network element or system. Record ids are unique within it."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=40, unique=True)


class Record(models.Model):
    """One fact from the network. The table is partitioned by month and made by SQL; nothing here is money.

    `kind` and `direction` are the numbers of `rules.Kind` and `rules.Direction`; `zone` is empty, `home` or
    a roaming zone.
    """

    pk = models.CompositePrimaryKey("record_id", "source_id", "started_at")
    line_id = models.BigIntegerField()
    started_at = models.DateTimeField()
    bytes = models.BigIntegerField()
    duration_s = models.IntegerField()
    units = models.IntegerField()
    source_id = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    direction = models.SmallIntegerField()
    record_id = models.CharField(max_length=100, db_collation="C")
    peer = models.CharField(max_length=40)
    zone = models.CharField(max_length=20)

    class Meta:
        db_table = "usage_record"
        indexes = [models.Index(fields=["line_id", "started_at"], name="usage_record_line_in_time")]


class Parked(models.Model):
    """A sound record whose line nobody knows yet; taken up when the line appears."""

    pk = models.CompositePrimaryKey("record_id", "source_id")
    line = models.CharField(max_length=40, db_index=True)
    started_at = models.DateTimeField()
    bytes = models.BigIntegerField()
    duration_s = models.IntegerField()
    units = models.IntegerField()
    source_id = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    direction = models.SmallIntegerField()
    record_id = models.CharField(max_length=100, db_collation="C")
    peer = models.CharField(max_length=40)
    zone = models.CharField(max_length=20)
