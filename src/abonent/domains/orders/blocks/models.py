"""The table of what a block by the owner's wish costs, and how long it may be; private to the domain."""

from django.db import models


class BlockRules(models.Model):
    """The terms of blocks (`blocks.rules.Terms`) of a kind of lines, from a local day on.

    Never edited: a change is a new row.
    """

    service = models.CharField(max_length=10, default="mobile", db_default="mobile")
    valid_from = models.DateField()
    terms = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "valid_from"], name="orders_block_rules_once_a_day")]
