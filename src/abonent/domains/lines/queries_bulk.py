"""Reads of many lines at once, as frames: for rating and fees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
from django.db import connection

from abonent.foundation import frames

ASSIGNMENTS = pl.Schema(
    {
        "line_id": pl.Int64(),
        "contract_id": pl.Int64(),
        "period_day": pl.Int8(),
        "tariff_version_id": pl.Int64(),
        "valid_from": frames.Moment,
        "valid_until": frames.Moment,
    }
)
LINES = pl.Schema(
    {
        "line_id": pl.Int64(),
        "contract_id": pl.Int64(),
        "period_day": pl.Int8(),
        "opened_at": frames.Moment,
        "closed_at": frames.Moment,
    }
)


def assignments(line_ids: Iterable[int]) -> pl.DataFrame:
    """Return `ASSIGNMENTS`: which tariff version the lines had when; `valid_until` null is still."""
    return frames.load(
        """select line.id, line.contract_id, line.period_day, assignment.tariff_version_id,
                   assignment.valid_from, assignment.valid_until
              from lines_line line join lines_tariffassignment assignment on assignment.line_id = line.id
             where line.id = any ({ids}::bigint[])""",
        ASSIGNMENTS,
        ids=frames.array(line_ids),
    )


def opened(*, after: int, limit: int) -> pl.DataFrame:
    """Return `LINES`: at most `limit` lines, closed ones too, with an id above `after`, in the order of ids."""
    return frames.load(
        """select id, contract_id, period_day, opened_at, closed_at
              from lines_line where id > {after} order by id limit {limit}""",
        LINES,
        after=after,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class OfContract:
    """A line of a contract, served or closed, as papers name it."""

    line_id: int
    contract_id: int
    service: str
    number: str
    is_main: bool
    is_served: bool


def of_contracts(contract_ids: Iterable[int]) -> list[OfContract]:
    """Return every line the contracts ever had, in the order of ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select id, contract_id, service, number, is_main, closed_at is null from lines_line
                where contract_id = any(%s) order by id""",
            [list(contract_ids)],
        )
        return [OfContract(*row) for row in cursor.fetchall()]
