"""Which usage an allowance covered. What costs nothing leaves no charge behind, so the tariff is asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from abonent.domains.billing.rules import Assigned
from abonent.domains.billing.statement.rules import Entry
from abonent.domains.catalog.rules import HOME, KINDS, Geography

# How many different parties, zones and the like are remembered while a statement is read.
REMEMBERED = 20_000
_ASKED = ("which", "kind", "direction", "peer", "zone")


class Cover:
    """Completes `included` of entries: all of the usage was taken from an allowance.

    Usage without a charge was when the rule that answers it takes from an allowance that the tariff has; a rule that
    never asks for money does not. `assigned` are the line's tariffs in time order.
    """

    def __init__(self, assigned: Sequence[Assigned], geography: Geography) -> None:
        self._assigned = assigned
        self._geography = geography
        self._takes = lru_cache(REMEMBERED)(self._takes_from_allowance)

    def of_entry(self, entry: Entry) -> Entry:
        """Return the entry with its `included`."""
        which = sum(one.valid_from <= entry.at for one in self._assigned) - 1
        if entry.charge_id or not entry.quantity or entry.kind not in KINDS:
            return entry
        return entry._replace(included=self._takes(which, entry.kind, entry.direction, entry.peer, entry.zone))

    def of_frame(self, entries: pl.DataFrame) -> pl.DataFrame:
        """Return the entries with their `included`, asking once for what comes again."""
        which = pl.sum_horizontal(pl.lit(-1), *(pl.col("at") >= one.valid_from for one in self._assigned))
        known = pl.col("charge_id").is_not_null() | (pl.col("quantity") == 0) | ~pl.col("kind").is_in(KINDS)
        entries = entries.with_columns(which.cast(pl.Int32).alias("which"))
        asked = entries.filter(~known).select(_ASKED).unique()
        takes = pl.Series("takes", [self._takes(*row) for row in asked.iter_rows()], pl.Boolean)
        told = entries.join(asked.with_columns(takes), on=_ASKED, how="left", maintain_order="left")
        included = pl.when(known).then("included").otherwise("takes").alias("included")
        return told.with_columns(included).drop("which", "takes")

    def _takes_from_allowance(self, which: int, kind: str, direction: str, peer: str, zone: str) -> bool:
        if which < 0:
            return False
        terms = self._assigned[which].version.terms
        price = terms.price(kind, direction, self._geography.destination_of(kind, peer), zone or HOME)
        # What costs something and was not charged, though its tariff includes none, was taken from a package.
        return bool(price.bucket and (terms.allowance(price.bucket) or price.price_minor))
