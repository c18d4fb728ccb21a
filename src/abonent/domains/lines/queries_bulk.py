"""Reads of many lines at once, as frames: for rating and fees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

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
        "prepaid": pl.Boolean(),
    }
)
_LINES = """select line.id, line.contract_id, line.period_day, line.opened_at, line.closed_at,
                   contract.payment = 'prepaid'
              from lines_line line join customers_contract contract on contract.id = line.contract_id"""


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


def period_days(line_ids: Iterable[int]) -> dict[int, int]:
    """Return on which day of a month the periods of the lines begin."""
    with connection.cursor() as cursor:
        cursor.execute("select id, period_day from lines_line where id = any(%s)", [list(line_ids)])
        return dict(cursor.fetchall())


def opened(*, after: int, limit: int) -> pl.DataFrame:
    """Return `LINES`: at most `limit` lines, closed ones too, with an id above `after`, in the order of ids."""
    return frames.load(
        f"{_LINES} where line.id > {{after}} order by line.id limit {{limit}}", LINES, after=after, limit=limit
    )


def of_contracts(contract_ids: Iterable[int]) -> pl.DataFrame:
    """Return `LINES`: every line of the contracts, closed ones too, in the order of ids."""
    return frames.load(
        f"{_LINES} where line.contract_id = any ({{ids}}::bigint[]) order by line.id",
        LINES,
        ids=frames.array(contract_ids),
    )


def having(version_ids: Iterable[int], *, after: int, limit: int) -> list[int]:
    """Return at most `limit` lines, served and with an id above `after`, whose last tariff is one of the versions."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select line.id from lines_line line
                 join lines_tariffassignment assignment
                   on assignment.line_id = line.id and assignment.valid_until is null
                where assignment.tariff_version_id = any(%s) and line.closed_at is null and line.id > %s
                order by line.id limit %s""",
            [list(version_ids), after, limit],
        )
        return [line_id for (line_id,) in cursor.fetchall()]


class Told(NamedTuple):
    """Where an SMS about a line goes (E.164; empty: nowhere), in which language, and how people know the line."""

    number: str
    language: str
    line: str


def lock(line_id: int) -> str | None:
    """Lock the line until the transaction ends; return its number, None: it is served no more."""
    with connection.cursor() as cursor:
        cursor.execute("select number from lines_line where id = %s and closed_at is null for no key update", [line_id])
        row = cursor.fetchone()
    return row[0] if row else None


def told(line_ids: Iterable[int]) -> dict[int, Told]:
    """Return where messages about the lines go, by id: to a mobile number itself, else to the contract's contact.

    To a line that is closed or blocked nothing goes, nor to the contact of a contract that no agent has entered.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select line.id,
                      case when line.closed_at is not null or line.blocked_at is not null then ''
                           when line.service = 'mobile' then line.number
                           when contract.entered_at is not null then contract.contact_number
                           else '' end,
                      party.language, line.number
                 from lines_line line join customers_contract contract on contract.id = line.contract_id
                 join customers_party party on party.id = contract.party_id
                where line.id = any (%s)""",
            [list(line_ids)],
        )
        return {line_id: Told(*rest) for line_id, *rest in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class OfContract:
    """A line of a contract, served or closed, as papers name it."""

    line_id: int
    contract_id: int
    service: str
    number: str
    is_main: bool
    is_served: bool


def named_of_contracts(contract_ids: Iterable[int]) -> list[OfContract]:
    """Return every line the contracts ever had, in the order of ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select id, contract_id, service, number, is_main, closed_at is null from lines_line
                where contract_id = any(%s) order by id""",
            [list(contract_ids)],
        )
        return [OfContract(*row) for row in cursor.fetchall()]
