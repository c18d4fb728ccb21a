"""What bills and acts are made of: what was charged and paid on contracts, and what the ledger says they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

from abonent.domains.billing.bills.rules import BillPayment
from abonent.domains.ledger import queries as ledger
from abonent.foundation.values import Period


@dataclass(slots=True)
class Facts:
    """Of one contract and period, in minor units: `charges` are line id, category, sum, count.

    `end_minor` is what the ledger says now less what came and went since the end of the period.
    """

    charges: list[tuple[int, str, int, int]] = field(default_factory=list)
    payments: list[BillPayment] = field(default_factory=list)
    paid_before_minor: int = 0
    paid_minor: int = 0
    end_minor: int = 0

    @property
    def paid_total_minor(self) -> int:
        return self.paid_before_minor + self.paid_minor


_ROWS = """
    with account as (select id, contract_id from billing_account where contract_id = any(%(contracts)s)),
    paid as (
        select payment.id, contract_id, booked_at, amount_minor, method, detail
          from account join billing_payment payment on payment.account_id = account.id
    )
    select 'charge', line_id, null::timestamptz, sum(amount_minor)::bigint, count(*), category, ''
      from billing_charge
     where line_id = any(%(lines)s) and booked_at >= %(start)s and booked_at < %(end)s and amount_minor <> 0
     group by line_id, category
    union all
    select 'charged since', line_id, null, sum(amount_minor)::bigint, 0, '', ''
      from billing_charge where line_id = any(%(lines)s) and booked_at >= %(end)s group by line_id
    union all
    (select 'payment', contract_id, booked_at, amount_minor, 0, method, detail
       from paid where booked_at >= %(start)s and booked_at < %(end)s order by booked_at, id)
    union all
    select 'paid before', contract_id, null, sum(amount_minor)::bigint, 0, '', ''
      from paid where booked_at < %(start)s group by contract_id
    union all
    select 'paid since', contract_id, null, sum(amount_minor)::bigint, 0, '', ''
      from paid where booked_at >= %(end)s group by contract_id
"""


def facts_of(contract_ids: Sequence[int], contract_of_line: Mapping[int, int], period: Period) -> dict[int, Facts]:
    """Return what each contract's period is made of; `contract_of_line` names every line they ever had.

    Read from the rows that say why, so in time that grows with the period and what came after it, not with the years.
    """
    found = {contract_id: Facts() for contract_id in contract_ids}
    for contract_id, balance_minor in balances(contract_ids).items():
        found[contract_id].end_minor = balance_minor
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {
                "contracts": list(contract_ids),
                "lines": list(contract_of_line),
                "start": period.start,
                "end": period.end,
            },
        )
        for kind, key, at, amount, count, word, detail in cursor.fetchall():
            facts = found[contract_of_line[key] if kind.startswith("charge") else key]
            if kind == "charge":
                facts.charges.append((key, word, amount, count))
            elif kind == "charged since":
                facts.end_minor += amount
            elif kind == "payment":
                facts.payments.append(BillPayment(at, amount, word, detail))
                facts.paid_minor += amount
            elif kind == "paid before":
                facts.paid_before_minor = amount
            else:
                facts.end_minor -= amount
    return found


def balances(contract_ids: Sequence[int]) -> dict[int, int]:
    """Return the balance of each contract that has an account, in minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select contract_id, ledger_account_id from billing_account where contract_id = any(%s)",
            [list(contract_ids)],
        )
        accounts: dict[int, int] = dict(cursor.fetchall())
    known = ledger.balances(accounts.values())
    return {contract_id: known[account] for contract_id, account in accounts.items()}


def charged_before(line_ids: Iterable[int], moment: datetime) -> int:
    """Return all that was ever charged to the lines before a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(sum(amount_minor), 0)::bigint from billing_charge
                where line_id = any(%s) and booked_at < %s""",
            [list(line_ids), moment],
        )
        return int(cursor.fetchone()[0])


def charged_by_month(line_ids: Iterable[int], period: Period, zone: ZoneInfo) -> dict[tuple[int | None, date], int]:
    """Return what was charged to each line in each local month (its first day) of the period."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select line_id, date_trunc('month', booked_at at time zone %s)::date, sum(amount_minor)::bigint
                 from billing_charge where line_id = any(%s) and booked_at >= %s and booked_at < %s group by 1, 2""",
            [zone.key, list(line_ids), period.start, period.end],
        )
        return {(line_id, month): amount for line_id, month, amount in cursor.fetchall()}
