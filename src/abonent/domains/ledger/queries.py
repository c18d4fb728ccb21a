"""Reads of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# Each transfer that moved money, from both its sides.
_SIDES = """
    select debit_account_id as account_id, amount_minor as debit, 0 as credit, booked_at
      from ledger_transfer where phase in ('single', 'post', 'reversal')
    union all
    select credit_account_id, 0, amount_minor, booked_at
      from ledger_transfer where phase in ('single', 'post', 'reversal')
"""
_PENDING_SIDES = """
    select debit_account_id as account_id, amount_minor as debit, 0 as credit from ledger_pending
    union all
    select credit_account_id, 0, amount_minor from ledger_pending
"""


class NoSuchAccount(LookupError):
    """There is no such account."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account shows, in minor units. Pending is what was held and neither posted nor released."""

    debits_posted_minor: int
    credits_posted_minor: int
    debits_pending_minor: int
    credits_pending_minor: int
    floor_minor: int | None
    currency: str
    entity: str

    @property
    def balance_minor(self) -> int:
        """Return credits less debits that are posted."""
        return self.credits_posted_minor - self.debits_posted_minor

    @property
    def available_minor(self) -> int:
        """Return the balance less what is held. A pending credit is not there yet."""
        return self.balance_minor - self.debits_pending_minor


def balance(account_id: int) -> int:
    """Return credits less debits of the account in minor units; a house account's is summed from its transfers."""
    with connection.cursor() as cursor:
        cursor.execute("select balance_minor from ledger_account where id = %s", [account_id])
        row = cursor.fetchone()
    if row is None:
        raise NoSuchAccount(account_id)
    return summed_balance(account_id) if row[0] is None else int(row[0])


def available(account_id: int) -> int:
    """Return the balance less what is held, in minor units: what may leave, were the floor 0."""
    return standing(account_id).available_minor


def standing(account_id: int) -> Standing:
    """Return all that the account shows; a house account's sums are added up from its transfers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select debits_posted_minor, credits_posted_minor, debits_pending_minor, credits_pending_minor,
                      floor_minor, currency, entity from ledger_account where id = %s""",
            [account_id],
        )
        row = cursor.fetchone()
        if row is None:
            raise NoSuchAccount(account_id)
        if row[0] is None:
            cursor.execute(
                f"""select * from (select coalesce(sum(debit), 0)::bigint, coalesce(sum(credit), 0)::bigint
                                     from ({_SIDES}) as side where account_id = %(id)s) as posted,
                                  (select coalesce(sum(debit), 0)::bigint, coalesce(sum(credit), 0)::bigint
                                     from ({_PENDING_SIDES}) as side where account_id = %(id)s) as pending""",
                {"id": account_id},
            )
            row = (*cursor.fetchone(), *row[4:])
    return Standing(*row)


def balance_at(account_id: int, at: datetime) -> int:
    """Return the balance in minor units of all that counts up to and with that moment, as it is known now.

    What is booked into the past later changes the answer; what only pends does not count. 0 before the first transfer.
    """
    with connection.cursor() as cursor:
        cursor.execute("select from ledger_account where id = %s", [account_id])
        if cursor.fetchone() is None:
            raise NoSuchAccount(account_id)
        cursor.execute(
            f"select coalesce(sum(credit - debit), 0)::bigint from ({_SIDES}) as side"
            " where account_id = %s and booked_at <= %s",
            [account_id, at],
        )
        return int(cursor.fetchone()[0])


def summed_balance(account_id: int) -> int:
    """Return credits less debits of the account, summed from every transfer that moved money: the slow truth."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select coalesce(sum(credit - debit), 0)::bigint from ({_SIDES}) as side where account_id = %s",
            [account_id],
        )
        return int(cursor.fetchone()[0])


def disagreements() -> list[int]:
    """Return the accounts whose sums are not those of their transfers: always none, or something is broken."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""with posted as (
                    select account_id, sum(debit) as debit, sum(credit) as credit from ({_SIDES}) as side group by 1
                ), pending as (
                    select account_id, sum(debit) as debit, sum(credit) as credit from ({_PENDING_SIDES}) as side
                     group by 1
                )
                select id from ledger_account
                  left join posted on posted.account_id = id left join pending on pending.account_id = id
                 where debits_posted_minor is not null
                   and (debits_posted_minor, credits_posted_minor, debits_pending_minor, credits_pending_minor)
                       is distinct from (coalesce(posted.debit, 0), coalesce(posted.credit, 0),
                                         coalesce(pending.debit, 0), coalesce(pending.credit, 0))
                 order by 1"""
        )
        return [row[0] for row in cursor.fetchall()]
