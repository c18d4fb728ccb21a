"""The table of what a block by the owner's wish costs, and how long it may be; private to the domain."""

from django.db import models


class BlockRules(models.Model):
    """The terms of blocks (`blocks_rules.Terms`), from a local day on. Never edited: a change is a new row."""

    valid_from = models.DateField(unique=True)
    terms = models.JSONField()
