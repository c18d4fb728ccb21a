"""What several lines have and cost, in a row of a list each; values, not models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from abonent.domains.billing.queries import months
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line


@dataclass(frozen=True, slots=True)
class Money:
    """The balance of each contract, and what each line cost this month until now, in minor units."""

    balance_minor: dict[int, int]
    spent_minor: dict[int, int]


def money_of(lines: Sequence[Line], now: datetime) -> Money:
    """Return the money of the lines in two queries, however many they are."""
    month, _ = months(now, ZoneInfo(settings.TIME_ZONE))
    with connection.cursor() as cursor:
        cursor.execute(
            """select 'account', contract_id, ledger_account_id from billing_account where contract_id = any(%s)
                union all
               select 'spent', line_id, sum(amount_minor)::bigint from billing_charge
                where line_id = any(%s) and booked_at >= %s and booked_at < %s group by line_id""",
            [list({line.contract_id for line in lines}), [line.id for line in lines], month.start, month.end],
        )
        rows = cursor.fetchall()
    accounts = {contract_id: account_id for kind, contract_id, account_id in rows if kind == "account"}
    balances = ledger.balances(accounts.values())
    return Money(
        balance_minor={line.contract_id: balances.get(accounts.get(line.contract_id, 0), 0) for line in lines},
        spent_minor={line_id: spent for kind, line_id, spent in rows if kind == "spent"},
    )
