"""Reads of billing for many lines at once, as frames."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from django.conf import settings

from abonent.foundation import frames

SPENT = pl.Schema({"line_id": pl.Int64(), "day": pl.Date(), "amount_minor": pl.Int64()})


def spent_by_day(line_ids: Iterable[int], *, fees: bool = True) -> pl.DataFrame:
    """Return `SPENT`: what the lines cost on each local day on which they cost anything, `fees` among it or not."""
    return frames.load(
        """select line_id, (booked_at at time zone {zone})::date as day, sum(amount_minor)::bigint
              from billing_charge where line_id = any ({ids}::bigint[]) and amount_minor <> 0
               and ({fees} or record_id is not null)
             group by line_id, day""",
        SPENT,
        ids=frames.array(line_ids),
        zone=settings.TIME_ZONE,
        fees=fees,
    )
