"""Reads of many accounts of the ledger at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from abonent.foundation import frames


def locked_available(account_ids: Iterable[int]) -> dict[int, int]:
    """Return what each account can spend, by id, less what is held; nobody moves it before this transaction ends.

    Locked in the order of ids, as a posting does. Whoever posts afterwards in the same transaction locks here all
    accounts that it is going to touch, or two such transactions may wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select id, balance_minor - debits_pending_minor from ledger_account
                where id = any (%s::bigint[]) and balance_minor is not null order by id for no key update""",
            [frames.array(account_ids)],
        )
        return dict(cursor.fetchall())
