"""State of a contract's account at a moment, and the act of reconciliation for a period.

Both go back from what the ledger says now over the rows that say why: in time that grows with what happened since, not
with the years. They agree with the ledger's balance at that moment, since every transfer has its row.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from abonent.domains.billing.acts_rules import Act, Movement
from abonent.domains.billing.bills.facts import balances
from abonent.domains.billing.bills.rules import Payer
from abonent.domains.customers import queries as customers
from abonent.domains.lines import queries_bulk as lines
from abonent.foundation.moments import one_moment
from abonent.foundation.values import Period

# What is booked at the very end of a period belongs to the next one.
_MOMENT = timedelta(microseconds=1)
_MOVED_SINCE = """
    select coalesce((
               select sum(amount_minor) from billing_payment
                where account_id = (select id from billing_account where contract_id = %(contract)s)
                  and booked_at > %(at)s), 0)::bigint
         - coalesce((
               select sum(amount_minor) from billing_charge
                where line_id = any(%(lines)s) and booked_at > %(at)s), 0)::bigint
"""
_MOVEMENTS = """
    select (booked_at at time zone %(zone)s)::date as day, 1 as turn, category, line_id, '' as method, '' as detail,
           count(*) as count, case when count(*) = 1 then min(id::text)::uuid end as document,
           -sum(amount_minor)::bigint as amount
      from billing_charge
     where line_id = any(%(lines)s) and booked_at >= %(start)s and booked_at < %(end)s and amount_minor <> 0
     group by day, category, line_id
    union all
    select (booked_at at time zone %(zone)s)::date, 0, 'payment', null, method, detail, 1, id, amount_minor
      from billing_payment
     where account_id = (select id from billing_account where contract_id = %(contract)s)
       and booked_at >= %(start)s and booked_at < %(end)s
     order by day, turn, line_id, category, document
"""


def balance_at(contract_id: int, at: datetime) -> int:
    """Return what the contract's account had after all that is booked up to and with the moment, in minor units."""
    with one_moment():
        own = [line.line_id for line in lines.named_of_contracts([contract_id])]
        return _balance_at(contract_id, own, at)


def act(contract_id: int, period: Period) -> Act:
    """Return the act of a period of whole local days, in six queries; raise `LookupError` for no such contract."""
    with one_moment():
        return _act(contract_id, period)


def _act(contract_id: int, period: Period) -> Act:
    zone = ZoneInfo(settings.TIME_ZONE)
    signed = next(iter(customers.signed([contract_id])), None)
    if signed is None:
        raise LookupError(contract_id)
    served = {line.line_id: line for line in lines.named_of_contracts([contract_id])}
    parameters: dict[str, Any] = {
        "contract": contract_id, "lines": list(served), "start": period.start, "end": period.end, "zone": zone.key,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MOVEMENTS, parameters)
        rows = cursor.fetchall()
    movements = tuple(
        Movement(
            day,
            category,
            served[line_id].service if line_id else "",
            served[line_id].number if line_id else "",
            method,
            detail,
            count,
            document,
            amount,
        )
        for day, _, category, line_id, method, detail, count, document, amount in rows
    )
    closing_minor = _balance_at(contract_id, list(served), period.end - _MOMENT)
    return Act(
        contract_id=contract_id,
        payer=Payer(signed.name, signed.number, signed.account_number or "", signed.language),
        first=period.start.astimezone(zone).date(),
        last=(period.end.astimezone(zone) - _MOMENT).date(),
        opening_minor=closing_minor - sum(movement.amount_minor for movement in movements),
        movements=movements,
    )


def _balance_at(contract_id: int, line_ids: list[int], at: datetime) -> int:
    balance_minor = balances([contract_id]).get(contract_id, 0)
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_SINCE, {"contract": contract_id, "lines": line_ids, "at": at})
        return balance_minor - int(cursor.fetchone()[0])
