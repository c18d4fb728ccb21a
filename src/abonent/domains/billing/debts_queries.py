"""Reads of what a contract owes, and for what; values, not models."""

from __future__ import annotations

from django.db import connection

from abonent.domains.billing import debts_rules as rules
from abonent.domains.billing import models
from abonent.domains.billing.debts_rules import Charged, Debt, Part
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.ledger import queries as ledger

# Of a contract with many lines; what is older than so many charges stands under "other".
LOOKED_AT = 5_000


def owed_minor(contract_id: int) -> int:
    """Return what the contract owes now, in minor units."""
    promise = promised_queries.owed(contract_id)
    return rules.owed_minor(_balance(contract_id), promise.left_minor if promise else 0)


def debt(contract_id: int) -> Debt:
    """Return what the contract owes now, and what for."""
    promise = promised_queries.owed(contract_id)
    promised = promise.left_minor if promise else 0
    total = rules.owed_minor(_balance(contract_id), promised)
    if not total:
        return Debt(0, ())
    of_promise = min(total, promised)
    parts = (Part("promise", promise.taken_at, of_promise),) if promise and of_promise else ()
    rest = total - of_promise
    return Debt(total, parts + (rules.unpaid(rest, _newest_charges(contract_id)) if rest else ()))


def _balance(contract_id: int) -> int:
    found = models.Account.objects.filter(contract_id=contract_id).values_list("ledger_account_id", flat=True).first()
    return ledger.balance(found) if found is not None else 0


def _newest_charges(contract_id: int) -> list[Charged]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select category, booked_at, amount_minor from billing_charge
                where line_id = any(array(select id from lines_line where contract_id = %s)) and amount_minor > 0
                order by booked_at desc, id limit %s""",
            [contract_id, LOOKED_AT],
        )
        return [Charged(*row) for row in cursor.fetchall()]
