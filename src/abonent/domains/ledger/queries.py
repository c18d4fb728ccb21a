"""Reads of the ledger."""

from __future__ import annotations

from django.db import connection


class NoSuchAccount(LookupError):
    """There is no such account."""


def balance(account_id: int) -> int:
    """Return credits less debits of the account in minor units; a house account's is summed from its transfers."""
    with connection.cursor() as cursor:
        cursor.execute("select balance_minor from ledger_account where id = %s", [account_id])
        row = cursor.fetchone()
    if row is None:
        raise NoSuchAccount(account_id)
    return summed_balance(account_id) if row[0] is None else int(row[0])


def summed_balance(account_id: int) -> int:
    """Return credits less debits of the account, summed from every transfer: the slow truth."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(sum(case credit_account_id when %s then amount_minor else -amount_minor end), 0)::bigint
                 from ledger_transfer where %s in (debit_account_id, credit_account_id)""",
            [account_id, account_id],
        )
        return int(cursor.fetchone()[0])


def disagreements() -> list[int]:
    """Return the accounts whose balance is not the sum of their transfers: always none, or something is broken."""
    with connection.cursor() as cursor:
        cursor.execute(
            """with side as (
                   select debit_account_id as account_id, -amount_minor as delta from ledger_transfer
                   union all
                   select credit_account_id, amount_minor from ledger_transfer
               ), summed as (select account_id, sum(delta) as total from side group by account_id)
               select account.id from ledger_account account left join summed on summed.account_id = account.id
                where balance_minor is not null and balance_minor <> coalesce(total, 0) order by 1"""
        )
        return [row[0] for row in cursor.fetchall()]
