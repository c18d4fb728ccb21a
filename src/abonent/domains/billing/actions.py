"""Writes of billing: accounts, top-ups, usage turned into charges, fees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection, transaction

from abonent.domains.billing import posting
from abonent.domains.billing.events import MoneyCame
from abonent.domains.billing.fees.actions import charge_fees
from abonent.domains.billing.promised import repayment as promised_repayment
from abonent.domains.billing.promised.repayment import Came
from abonent.domains.billing.rating.batch import Rater, rerate_late
from abonent.domains.ledger import actions as ledger
from abonent.domains.usage import actions as usage
from abonent.foundation import outbox

__all__ = ["NewPayment", "charge_fees", "import_usage", "open_accounts", "rate", "rerate_late", "top_up", "top_up_many"]


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money that came in for a contract: `amount_minor` > 0. Whoever sends it makes the id, the same at every try.

    `came_by` is the way of paying whose house account it came through, when it is not called by that `method`.
    """

    payment_id: UUID
    contract_id: int
    amount_minor: int
    at: datetime
    method: str
    detail: str = ""
    came_by: str = ""


def open_accounts(*, contract_ids: Iterable[int]) -> dict[int, int]:
    """Open an account for each contract that has none; return the account's id by contract."""
    return dict(posting.accounts(contract_ids).select("contract_id", "account_id").iter_rows())


def top_up(
    *,
    payment_id: UUID,
    contract_id: int,
    amount_minor: int,
    at: datetime,
    method: str,
    detail: str = "",
    came_by: str = "",
) -> bool:
    """Add money to the contract once; return False when this payment was already there. Raises as `top_up_many`."""
    return top_up_many([NewPayment(payment_id, contract_id, amount_minor, at, method, detail, came_by)]) == 1


@transaction.atomic
def top_up_many(payments: Sequence[NewPayment]) -> int:
    """Add money to many contracts, all or none; return how many payments were new.

    A promised payment of the contract is repaid first, from what is new. Raises `ledger.DifferentTransfer` when an id
    is taken by a payment with another sum, contract, time or method, and `ValueError` for a sum that is not positive.
    """
    if any(p.amount_minor <= 0 for p in payments):
        raise ValueError("a payment is of a positive sum")
    if not payments:
        return 0
    own = {row[0]: row[1:] for row in posting.accounts(p.contract_id for p in payments).iter_rows()}
    house = posting.payment_accounts({p.came_by or p.method for p in payments})
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_payment (id, account_id, booked_at, amount_minor, method, detail)
               select * from unnest(%s::uuid[], %s::bigint[], %s::timestamptz[], %s::bigint[], %s::text[], %s::text[])
               on conflict (id) do nothing returning id""",
            [
                [p.payment_id for p in payments],
                [own[p.contract_id][0] for p in payments],
                [p.at for p in payments],
                [p.amount_minor for p in payments],
                [p.method for p in payments],
                [p.detail for p in payments],
            ],
        )
        new = {row[0] for row in cursor.fetchall()}
    came = {}
    for p in payments:
        if p.payment_id in new:
            account_id, ledger_account_id = own[p.contract_id]
            came[p.payment_id] = Came(p.payment_id, account_id, ledger_account_id, p.amount_minor, p.at, p.method)
    back = promised_repayment.repay(list(came.values()))
    ledger.post_many(
        [
            ledger.Posting(
                p.payment_id,
                house[p.came_by or p.method],
                own[p.contract_id][1],
                p.amount_minor,
                p.at,
                "payment",
            )
            for p in payments
        ]
        + back
    )
    outbox.announce(MoneyCame(sorted(own)))
    return len(new)


def rate(records: pl.DataFrame) -> None:
    """Charge newly stored records, in the transaction that stores them: see `rating.batch.Rater.rate`."""
    Rater().rate(records)


def import_usage(
    *,
    path: Path,
    source: str | None = None,
    file_format: str | None = None,
    progress: Callable[..., None] | None = None,
    rejected: Any = None,
) -> usage.Result:
    """Import a file of usage records and charge them; arguments and result are those of `usage.import_file`."""
    result = usage.import_file(
        path=path, source=source, file_format=file_format, then=Rater().rate, progress=progress, rejected=rejected
    )
    rerate_late()
    return result
