"""Reads of lines; values, not models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from abonent.domains.lines import models, rules
from abonent.domains.lines.queries_search import Found as Found
from abonent.domains.lines.queries_search import find as find
from abonent.foundation.clock import now


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
    # Its number proves nothing for a while, and why (a `bars.rules.Kind`).
    blocked_at: datetime | None = None
    block_reason: str = ""
    # From when another tariff is ordered, if it is.
    tariff_changes_at: datetime | None = None
    # Which bars stand (`bars.rules.Kind`), and when the one ends that has a day for it.
    bars: Sequence[str] = ()
    bar_ends_at: datetime | None = None
    # Since when it has this number.
    numbered_at: datetime | None = None
    # Of a line that its owner shared, as what (`sharing.rules.Role`) and by which agreement; of one's own neither.
    role: str = ""
    share_id: int = 0
    # How who looks calls it, and where it stands in their list.
    name: str = ""
    colour: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which tariff version a line had from `valid_from` until `valid_until` (None: still)."""

    line_id: int
    tariff_version_id: int
    valid_from: datetime
    valid_until: datetime | None


_COLUMNS = """
    select line.id, line.contract_id, contract.party_id, line.service, line.number, line.is_main, line.period_day,
           line.opened_at, assignment.tariff_version_id, party.language, contract.payment = 'prepaid',
           line.blocked_at, line.block_reason, line.tariff_changes_at,
           array(select kind::text from lines_bar where line_id = line.id and until is null order by id),
           (select max(ends_at) from lines_bar where line_id = line.id and until is null),
           coalesce(line.numbered_at, line.opened_at)
"""
_FROM = """
      from lines_line line
      join customers_contract contract on contract.id = line.contract_id
      join customers_party party on party.id = contract.party_id
      join lines_tariffassignment assignment on assignment.line_id = line.id
       and (assignment.valid_until is null and assignment.valid_from <= greatest(line.opened_at, %(now)s)
            or assignment.valid_until > %(now)s and assignment.valid_from <= %(now)s)
"""
_SELECT = _COLUMNS + _FROM


def served_by_number(number: str) -> Line | None:
    """Return the line that `number` (E.164 or login) is served as now."""
    found = _lines(f"{_SELECT} where line.number = %(number)s and line.closed_at is null", {"number": number})
    return found[0] if found else None


def served_by_id(line_id: int) -> Line | None:
    """Return the line, unless it is closed or not there."""
    found = _lines(f"{_SELECT} where line.id = %(line)s and line.closed_at is null", {"line": line_id})
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Reached:
    """The line that a number opens; `forwarded`: some of its calls go elsewhere."""

    line_id: int
    forwarded: bool


def reached_by(number: str) -> Reached | None:
    """Return the line that a message to `number` (E.164) opens now, in one query whatever is known of it.

    That is the mobile line of that number, unless it is blocked; for a number that is none of ours, the first line of
    the contract whose codes go there, once an agent has entered whose it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """with served as (
                select id, blocked_at from lines_line where number = %(number)s and closed_at is null
                   and service = 'mobile'
            )
            select id, exists (select from lines_forwarding where line_id = served.id and until is null)
              from served where blocked_at is null
            union all
            select min(line.id), false
              from customers_contract contract join lines_line line on line.contract_id = contract.id
             where contract.contact_number = %(number)s and contract.entered_at is not null
               and line.service <> 'mobile' and line.closed_at is null and not exists (select from served)
            having count(*) > 0""",
            {"number": number},
        )
        row = cursor.fetchone()
    return Reached(*row) if row else None


def is_forwarded(line_id: int) -> bool:
    """Return whether some calls of the line go elsewhere: then a code is not said in a call."""
    return models.Forwarding.objects.filter(line_id=line_id, until=None).exists()


@dataclass(frozen=True, slots=True)
class Contact:
    """Where codes for a line go that has no number of its own; each may be empty."""

    number: str
    email: str


def contact_of(line_id: int) -> Contact:
    """Return where a code proves that somebody holds the line: its own number, or what its contract names.

    Of a contract that no agent has entered, nothing counts. Both are empty for a line that is not there or blocked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select case when line.service = 'mobile' then line.number else contract.contact_number end,
                      case when line.service = 'mobile' then '' else contract.contact_email end
                 from lines_line line join customers_contract contract on contract.id = line.contract_id
                where line.id = %s and line.closed_at is null and line.blocked_at is null
                  and (line.service = 'mobile' or contract.entered_at is not null)""",
            [line_id],
        )
        return Contact(*(cursor.fetchone() or ("", "")))


def account_of(line_id: int) -> int | None:
    """Return the id of the account that proved the line, if any."""
    return models.LineAccess.objects.filter(line_id=line_id).values_list("account_id", flat=True).first()


def account_of_contract(contract_id: int) -> int | None:
    """Return the account that proved the contract, or else its party's main line, if any."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select access.account_id
                 from customers_contract proven
                 join customers_contract every on every.party_id = proven.party_id
                 join lines_line line on line.contract_id = every.id and line.closed_at is null
                  and (every.id = proven.id or line.is_main)
                 join lines_lineaccess access on access.line_id = line.id
                where proven.id = %s
                order by every.id <> proven.id, access.proven_at, line.id limit 1""",
            [contract_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


# Gathered as ids first: with an `or` in its place the planner reads every line there is.
_MINE = """
    with proven as (
        select line.id, line.contract_id, line.is_main and line.closed_at is null as opens_all
          from lines_lineaccess access join lines_line line on line.id = access.line_id
         where access.account_id = %(account)s
    ), mine as (
        select id from proven
        union
        select own.id from proven
          join customers_contract signed on signed.id = proven.contract_id
          join customers_contract every on every.party_id = signed.party_id
          join lines_line own on own.contract_id = every.id
         where proven.opens_all
    )
"""
_MAIN_FIRST = "line.is_main desc, line.service <> 'mobile', line.number"


def of_account(account_id: int) -> list[Line]:
    """Return, in one query, the lines the account proved, and all of a party whose main line it proved."""
    return _lines(
        f"""{_MINE} {_SELECT} where line.id in (select id from mine) and line.closed_at is null
        order by {_MAIN_FIRST}""",
        {"account": account_id},
    )


def seen_by(account_id: int) -> list[Line]:
    """Return, in one query, the account's own lines as `of_account` does, then those that others share with it.

    While an owner's cabinet is protected, what was shared of it is not seen: it may be the doing of somebody else.
    """
    return _lines(
        f"""{_MINE}, seen as (
            select id, '' as role, 0::bigint as share_id from mine
            union all
            select share.line_id, share.role, share.id
              from lines_share share
             where share.account_id = %(account)s and share.ended_at is null
               and share.line_id not in (select id from mine)
               and not exists (
                   select from lines_lineaccess proof join identity_account owner on owner.id = proof.account_id
                    where proof.line_id = share.line_id and owner.frozen_at is not null)
        )
        {_COLUMNS}, seen.role, seen.share_id, coalesce(label.name, ''), coalesce(label.colour, ''), label.position
        {_FROM} join seen on seen.id = line.id
          left join lines_label label on label.account_id = %(account)s and label.line_id = line.id
         where line.id in (select id from seen) and line.closed_at is null
         order by seen.role <> '', {_MAIN_FIRST}""",
        {"account": account_id},
    )


def of_party(party_id: int) -> list[Line]:
    """Return the lines that the customer is served by now, the main ones first."""
    return _lines(
        f"{_SELECT} where contract.party_id = %(party)s and line.closed_at is null order by line.is_main desc, line.id",
        {"party": party_id},
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


# When the SIM and the forwarding of `%(line)s` changed last; what served a line first did not change it.
CHANGES = """
    (select max(sim.since) from lines_sim sim
      where sim.line_id = %(line)s
        and exists (select from lines_sim earlier where earlier.line_id = sim.line_id and earlier.since < sim.since)),
    (select max(greatest(since, coalesce(until, since))) from lines_forwarding where line_id = %(line)s)
"""


def hold_of(line_id: int, now: datetime, span: timedelta = rules.HOLD) -> rules.Hold | None:
    """Return why an SMS to the line proves nothing by itself at `now`, or None, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {CHANGES}", {"line": line_id})
        sim, forwarding = cursor.fetchone()
    return rules.hold_of(sim_replaced_at=sim, forwarding_changed_at=forwarding, now=now, span=span)


def hold_of_number(number: str, now: datetime, span: timedelta = rules.HOLD) -> rules.Hold | None:
    """Return why an SMS to `number` proves nothing by itself; None when it does, and for numbers of others."""
    line_id = models.Line.objects.filter(number=number, closed_at=None).values_list("id", flat=True).first()
    return hold_of(line_id, now, span) if line_id else None


def assignments(line_ids: Iterable[int]) -> list[Assignment]:
    """Return every tariff assignment of the lines."""
    rows = models.TariffAssignment.objects.filter(line_id__in=list(line_ids)).order_by("line_id", "valid_from")
    return [Assignment(*row) for row in rows.values_list("line_id", "tariff_version_id", "valid_from", "valid_until")]


def _lines(sql: str, parameters: Mapping[str, int | str]) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"now": now(), **parameters})
        # A line is a key at times, so what it holds must not change.
        rows: list[list[Any]] = [
            [tuple(one) if isinstance(one, list) else one for one in row] for row in cursor.fetchall()
        ]
        return [Line(*row) for row in rows]


class Served(NamedTuple):
    """When `number` was the line `line_id`, until `closed_at` (None: still); a line with another number has several."""

    number: str
    line_id: int
    opened_at: datetime
    closed_at: datetime | None


def served(*, numbers: Iterable[str] | None = None, line_ids: Iterable[int] | None = None) -> list[Served]:
    """Return every line the numbers ever were, or the given lines: made for many thousands in one query."""
    column, past, wanted = (
        ("id", "line_id", list(line_ids)) if line_ids is not None else ("number", "number", list(numbers or ()))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select number, id, coalesce(numbered_at, opened_at), closed_at from lines_line
                 where {column} = any(%(wanted)s)
                union all
                select number, line_id, since, until from lines_pastnumber where {past} = any(%(wanted)s)""",
            {"wanted": wanted},
        )
        return [Served(*row) for row in cursor.fetchall()]


def closed_of(line_ids: Iterable[int]) -> set[int]:
    """Return which of the lines are served no more."""
    rows = models.Line.objects.filter(id__in=list(line_ids), closed_at__isnull=False)
    return set(rows.values_list("id", flat=True))


def of_contract(contract_id: int) -> list[Served]:
    """Return every line that the contract ever had."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, id, opened_at, closed_at from lines_line where contract_id = %s order by id", [contract_id]
        )
        return [Served(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a line, and how it stands: for staff. `hold`: an SMS to it proves nothing by itself until then."""

    line_id: int
    party_id: int
    contract_id: int
    contract_number: str
    account_number: str | None
    contact_number: str
    contact_email: str
    entered_at: datetime | None
    name: str
    language: str
    service: str
    number: str
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str
    blocked_at: datetime | None
    block_reason: str
    sim_since: datetime | None
    forwarded: bool
    hold: rules.Hold | None


def holder(line_id: int, now: datetime) -> Holder:
    """Return who holds the line, closed or not, and how it stands, in one query; raise `LookupError`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select line.id, contract.party_id, contract.id, contract.number, contract.account_number,
                       contract.contact_number, contract.contact_email, contract.entered_at,
                       concat_ws(' ', party.family_name, party.given_name, nullif(party.patronymic, '')),
                       party.language, line.service, line.number, line.opened_at, line.closed_at, line.close_reason,
                       line.blocked_at, line.block_reason,
                       (select since from lines_sim where line_id = line.id and until is null),
                       exists (select from lines_forwarding where line_id = line.id and until is null), {CHANGES}
                  from lines_line line join customers_contract contract on contract.id = line.contract_id
                  join customers_party party on party.id = contract.party_id
                 where line.id = %(line)s""",
            {"line": line_id},
        )
        row = cursor.fetchone()
    if row is None:
        raise LookupError(line_id)
    *known, sim, forwarding = row
    known.append(rules.hold_of(sim_replaced_at=sim, forwarding_changed_at=forwarding, now=now))
    return Holder(*known)
