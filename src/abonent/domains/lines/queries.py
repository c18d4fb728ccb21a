"""Reads of lines; values, not models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from abonent.domains.lines import models, rules


@dataclass(frozen=True, slots=True)
class Line:
    """A line as its holder sees it; `tariff_version_id` is the one in force now, `prepaid` how its contract pays."""

    id: int
    contract_id: int
    party_id: int
    service: str
    number: str
    is_main: bool
    period_day: int
    opened_at: datetime
    tariff_version_id: int
    language: str
    prepaid: bool = True


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which tariff version a line had from `valid_from` until `valid_until` (None: still)."""

    line_id: int
    tariff_version_id: int
    valid_from: datetime
    valid_until: datetime | None


_SELECT = """
    select line.id, line.contract_id, contract.party_id, line.service, line.number, line.is_main, line.period_day,
           line.opened_at, assignment.tariff_version_id, party.language, contract.payment = 'prepaid'
      from lines_line line
      join customers_contract contract on contract.id = line.contract_id
      join customers_party party on party.id = contract.party_id
      join lines_tariffassignment assignment on assignment.line_id = line.id and assignment.valid_until is null
"""


def served_by_number(number: str) -> Line | None:
    """Return the line that `number` (E.164 or login) is served as now."""
    found = _lines(f"{_SELECT} where line.number = %s and line.closed_at is null", [number])
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Reached:
    """The mobile line that a number reaches; `forwarded`: some of its calls go elsewhere."""

    line_id: int
    forwarded: bool


def reached_by(number: str) -> Reached | None:
    """Return the mobile line that a message to `number` (E.164) reaches now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select line.id, exists (select from lines_forwarding where line_id = line.id and until is null)
                 from lines_line line
                where line.number = %s and line.closed_at is null and line.service = 'mobile'""",
            [number],
        )
        row = cursor.fetchone()
    return Reached(*row) if row else None


def account_of(line_id: int) -> int | None:
    """Return the id of the account that proved the line, if any."""
    return models.LineAccess.objects.filter(line_id=line_id).values_list("account_id", flat=True).first()


def of_account(account_id: int) -> list[Line]:
    """Return, in one query, the lines the account proved, and all of a party whose main line it proved."""
    # Gathered as ids first: with an `or` in its place the planner reads every line there is.
    return _lines(
        f"""with proven as (
            select line.id, line.contract_id, line.is_main and line.closed_at is null as opens_all
              from lines_lineaccess access join lines_line line on line.id = access.line_id
             where access.account_id = %s
        ), mine as (
            select id from proven
            union
            select own.id from proven
              join customers_contract signed on signed.id = proven.contract_id
              join customers_contract every on every.party_id = signed.party_id
              join lines_line own on own.contract_id = every.id
             where proven.opens_all
        )
        {_SELECT} where line.id in (select id from mine) and line.closed_at is null
        order by line.is_main desc, line.service <> 'mobile', line.number""",
        [account_id],
    )


def accounts_of_line(line_id: int) -> list[int]:
    """Return the accounts that see the line, in order: who proved it, and who proved its party's main line."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select access.account_id from lines_lineaccess access where access.line_id = %(line)s
                union
               select access.account_id
                 from lines_line line
                 join customers_contract signed on signed.id = line.contract_id
                 join customers_contract every on every.party_id = signed.party_id
                 join lines_line main on main.contract_id = every.id and main.is_main and main.closed_at is null
                 join lines_lineaccess access on access.line_id = main.id
                where line.id = %(line)s and line.closed_at is null
                order by 1""",
            {"line": line_id},
        )
        return [account_id for (account_id,) in cursor.fetchall()]


def main_number_of(account_id: int) -> str | None:
    """Return the E.164 number whose limits count for the account: its main mobile line, or the first one proven."""
    found = models.LineAccess.objects.filter(account_id=account_id, line__service="mobile", line__closed_at=None)
    return found.order_by("-line__is_main", "proven_at", "id").values_list("line__number", flat=True).first()


def hold_of(line_id: int, now: datetime, span: timedelta = rules.HOLD) -> rules.Hold | None:
    """Return why an SMS to the line proves nothing by itself at `now`, or None, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select (select max(sim.since) from lines_sim sim
                        where sim.line_id = %(line)s
                          and exists (select from lines_sim earlier
                                       where earlier.line_id = sim.line_id and earlier.since < sim.since)),
                      (select max(greatest(since, coalesce(until, since))) from lines_forwarding
                        where line_id = %(line)s)""",
            {"line": line_id},
        )
        sim, forwarding = cursor.fetchone()
    return rules.hold_of(sim_replaced_at=sim, forwarding_changed_at=forwarding, now=now, span=span)


def assignments(line_ids: Iterable[int]) -> list[Assignment]:
    """Return every tariff assignment of the lines."""
    rows = models.TariffAssignment.objects.filter(line_id__in=list(line_ids)).order_by("line_id", "valid_from")
    return [Assignment(*row) for row in rows.values_list("line_id", "tariff_version_id", "valid_from", "valid_until")]


def _lines(sql: str, parameters: Sequence[int | str]) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [Line(*row) for row in cursor.fetchall()]


class Served(NamedTuple):
    """When `number` was served as the line `line_id`; `closed_at` None means it still is."""

    number: str
    line_id: int
    opened_at: datetime
    closed_at: datetime | None


def served(*, numbers: Iterable[str] | None = None, line_ids: Iterable[int] | None = None) -> list[Served]:
    """Return every line the numbers ever were, or the given lines: made for many thousands in one query."""
    column, wanted = ("id", list(line_ids)) if line_ids is not None else ("number", list(numbers or ()))
    with connection.cursor() as cursor:
        cursor.execute(f"select number, id, opened_at, closed_at from lines_line where {column} = any(%s)", [wanted])
        return [Served(*row) for row in cursor.fetchall()]
