"""What bills are made of: charges, payments and balances of many contracts, as they stand at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

from abonent.domains.billing.bills_rules import BillPayment
from abonent.foundation.values import Period


@dataclass(slots=True)
class Facts:
    """Of one contract and period: sums by line and category, payments, balances at both ends, in minor units.

    `paid_total_minor` is everything paid before the end, `paid_before_minor` before the start.
    """

    charges: list[tuple[int, str, int, int]] = field(default_factory=list)
    payments: list[BillPayment] = field(default_factory=list)
    paid_before_minor: int = 0
    paid_total_minor: int = 0
    start_minor: int = 0
    end_minor: int = 0


# One statement, so that all of it is seen at the same moment: what is booked meanwhile is in none of the parts.
_FACTS = """
    with account as (
        select id, contract_id, ledger_account_id from billing_account where contract_id = any(%(contracts)s)
    ), moved as (
        select account.contract_id, transfer.booked_at,
               case when transfer.credit_account_id = account.ledger_account_id
                    then transfer.amount_minor else -transfer.amount_minor end as delta
          from account join ledger_transfer transfer
            on account.ledger_account_id in (transfer.credit_account_id, transfer.debit_account_id)
         where transfer.booked_at < %(end)s
    )
    select 'charge', line_id, null::timestamptz, sum(amount_minor)::bigint, count(*), category, ''
      from billing_charge
     where line_id = any(%(lines)s) and booked_at >= %(start)s and booked_at < %(end)s and amount_minor <> 0
     group by line_id, category
    union all
    (select 'payment', contract_id, booked_at, amount_minor, 0, method, detail
       from account join billing_payment payment on payment.account_id = account.id
      where booked_at >= %(start)s and booked_at < %(end)s order by booked_at, payment.id)
    union all
    select 'paid', contract_id, null, sum(amount_minor) filter (where booked_at < %(start)s)::bigint,
           sum(amount_minor)::bigint, '', ''
      from account join billing_payment payment on payment.account_id = account.id
     where booked_at < %(end)s group by contract_id
    union all
    select 'balance', contract_id, null, sum(delta) filter (where booked_at < %(start)s)::bigint, sum(delta)::bigint,
           '', ''
      from moved group by contract_id
"""


def facts_of(contract_ids: Sequence[int], contract_of_line: dict[int, int], period: Period) -> dict[int, Facts]:
    """Return what each contract's period is made of, all seen at one moment; `contract_of_line` names all lines."""
    found = {contract_id: Facts() for contract_id in contract_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            _FACTS,
            {
                "contracts": list(contract_ids),
                "lines": list(contract_of_line),
                "start": period.start,
                "end": period.end,
            },
        )
        for kind, key, at, one, other, word, detail in cursor.fetchall():
            facts = found[contract_of_line[key] if kind == "charge" else key]
            if kind == "charge":
                facts.charges.append((key, word, one, other))
            elif kind == "payment":
                facts.payments.append(BillPayment(at, one, word, detail))
            elif kind == "paid":
                facts.paid_before_minor, facts.paid_total_minor = one or 0, other
            else:
                facts.start_minor, facts.end_minor = one or 0, other
    return found


def charged_by_month(
    line_ids: Iterable[int], first: datetime, end: datetime, zone: ZoneInfo
) -> dict[tuple[int, date], int]:
    """Return what was charged to each line in each local month (its first day) between two moments."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select line_id, date_trunc('month', booked_at at time zone %s)::date, sum(amount_minor)::bigint
                 from billing_charge where line_id = any(%s) and booked_at >= %s and booked_at < %s group by 1, 2""",
            [zone.key, list(line_ids), first, end],
        )
        return {(line_id, month): amount for line_id, month, amount in cursor.fetchall()}
