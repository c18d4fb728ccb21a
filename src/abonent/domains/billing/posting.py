"""From what was rated to charges and money: accounts, ids, one COPY and one posting for all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import blake2b
from uuid import UUID

import polars as pl
from django.db import connection, transaction

from abonent.domains.billing import rules
from abonent.domains.ledger import actions as ledger
from abonent.foundation import frames

SUBSCRIBERS = "subscribers"
REVENUE = "revenue"
PAYMENTS = "payments"
PROMISED = "promised"

ACCOUNTS = pl.Schema({"contract_id": pl.Int64(), "account_id": pl.Int64(), "ledger_account_id": pl.Int64()})
CHARGE_COLUMNS = (
    "id", "account_id", "line_id", "booked_at", "amount_minor", "price_minor", "quantity", "included", "billed_units",
    "unit_size", "tariff_version_id", "revision", "source_id", "record_id", "category", "rule", "peer",
)  # fmt: skip
# The columns of a transfer.
POSTED = ("id", "debit", "credit", "amount_minor", "booked_at", "kind")


@transaction.atomic
def accounts(contract_ids: Iterable[int]) -> pl.DataFrame:
    """Return `ACCOUNTS` of the contracts; those that have none yet are opened."""
    wanted = set(contract_ids)
    known = _accounts(wanted)
    missing = sorted(wanted - set(known["contract_id"]))
    if not missing:
        return known
    opened = ledger.open_accounts(book=SUBSCRIBERS, codes=map(str, missing))
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_account (contract_id, ledger_account_id)
               select * from unnest(%s::bigint[], %s::bigint[]) on conflict (contract_id) do nothing""",
            [missing, [opened[str(contract_id)] for contract_id in missing]],
        )
    return _accounts(wanted)


def record_charge_ids(sources: Iterable[int], records: Iterable[str], revisions: Iterable[int]) -> list[str]:
    """Return the id of each revision of a record's charge, the same for ever."""
    return [
        _hash(f"record|{source}|{record}|{revision}")
        for source, record, revision in zip(sources, records, revisions, strict=True)
    ]


def fee_charge_id(line_id: int, month: int) -> str:
    """Return the id of the fee for a whole period, by line and the month it starts in, counted from the year 0."""
    return _hash(f"fee|{line_id}|{month}")


def fee_days_id(line_id: int, what: str, first: date, turn: int) -> str:
    """Return the id of a fee for days (`what` is `days`), or of its return (`back`), by line and first day.

    `turn` counts what was given back to the line so far: the same days may be paid anew under another tariff.
    """
    return _hash(f"fee|{line_id}|{what}|{first}|{turn}")


def service_days_id(product_id: int, what: str, first: date, turn: int) -> str:
    """Return the id of a fee for days of a service on a line, or of its return; as `fee_days_id`."""
    return _hash(f"service|{product_id}|{what}|{first}|{turn}")


def equipment_id(device_id: int, turn: int) -> str:
    """Return the id of a charge for a thing that is rented or paid by instalments, by the month counted from 0."""
    return _hash(f"equipment|{device_id}|{turn}")


def order_id(order: UUID, what: str) -> UUID:
    """Return the id of something that moves for an order: what is held, posted or released of which part of it."""
    return UUID(_hash(f"order {what}|{order.hex}"))


def reversal_id(charge_id: UUID | str) -> str:
    """Return the id of the transfer that takes a charge back."""
    return _hash(f"reversal|{UUID(str(charge_id)).hex}")


def promise_fee_id(promise_id: UUID) -> str:
    """Return the id of the charge for a promised payment."""
    return _hash(f"promise fee|{promise_id.hex}")


def repayment_id(of: UUID) -> str:
    """Return the id of what goes back to a promised payment: of a payment, or of the promise at its deadline."""
    return _hash(f"promise back|{of.hex}")


def store_charges(charges: pl.DataFrame) -> None:
    """Add charges (columns `CHARGE_COLUMNS`)."""
    frames.store(charges.select(CHARGE_COLUMNS), "billing_charge")


def postings(charges: pl.DataFrame, *, kind: str) -> pl.DataFrame:
    """Return the transfers of charges that cost something: from the subscriber to the revenue of their category.

    Beside those of a charge the column `ledger_account_id` is asked for.
    """
    revenue = revenue_accounts()
    return charges.filter(pl.col("amount_minor") > 0).select(
        "id",
        pl.col("ledger_account_id").alias("debit"),
        pl.col("category").replace_strict(revenue, return_dtype=pl.Int64).alias("credit"),
        "amount_minor",
        "booked_at",
        pl.lit(kind).alias("kind"),
    )


def returned_postings(charges: pl.DataFrame) -> pl.DataFrame:
    """Return the transfers of charges with a negative sum: from the revenue of their category to the subscriber."""
    back = postings(charges.with_columns(-pl.col("amount_minor")), kind="reversal")
    return back.rename({"debit": "credit", "credit": "debit"}).select(POSTED)


def reversed_postings(posted: pl.DataFrame) -> pl.DataFrame:
    """Return the transfers that take `posted` back."""
    return posted.select(
        pl.Series("id", [reversal_id(charge_id) for charge_id in posted["id"]], dtype=pl.String),
        pl.col("credit").alias("debit"),
        pl.col("debit").alias("credit"),
        "amount_minor",
        "booked_at",
        pl.lit("reversal").alias("kind"),
    )


def _accounts(contract_ids: Iterable[int]) -> pl.DataFrame:
    return frames.load(
        "select contract_id, id, ledger_account_id from billing_account where contract_id = any ({ids}::bigint[])",
        ACCOUNTS,
        ids=frames.array(contract_ids),
    )


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def payment_accounts(methods: Iterable[str]) -> dict[str, int]:
    """Return the house account of each way of paying."""
    return ledger.open_accounts(book=PAYMENTS, codes=methods, house=True)


def revenue_accounts() -> dict[str, int]:
    """Return the house account of each category."""
    return ledger.open_accounts(book=REVENUE, codes=rules.CATEGORIES, house=True)


def promised_account() -> int:
    """Return the house account that promised payments come from and go back to: what is owed, below zero."""
    return ledger.open_account(book=PROMISED, code=PROMISED, house=True)
