"""What was decided about fees, written down: charges with their transfers, marks, what waits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import polars as pl
from django.db import connection

from abonent.domains.billing import posting
from abonent.domains.billing.fees.money import Settled, Waiting
from abonent.domains.billing.fees.rules import BLOCK_DAY, DAY, PART, RETURN, WHOLE, Fee, Mark
from abonent.domains.ledger import actions as ledger
from abonent.foundation import frames

T = TypeVar("T")

_CHARGES = pl.Schema(
    {
        "id": pl.String(),
        "contract_id": pl.Int64(),
        "line_id": pl.Int64(),
        "booked_at": frames.Moment,
        "amount_minor": pl.Int64(),
        "price_minor": pl.Int64(),
        "quantity": pl.Int64(),
        "billed_units": pl.Int64(),
        "unit_size": pl.Int64(),
        "tariff_version_id": pl.Int64(),
        "category": pl.String(),
        "rule": pl.String(),
        "peer": pl.String(),
        "first_day": pl.Date(),
        "end_day": pl.Date(),
    }
)
_MARKS = pl.Schema(
    {
        "id": pl.Int64(),
        "month": pl.Int32(),
        "until": pl.Date(),
        "first": pl.Date(),
        "version_id": pl.Int64(),
        "turn": pl.Int16(),
    }
)
# Where the marks and what waits of lines stand, and those of services: tables with the same columns after the first.
_OF_LINES = ("billing_feescharged", "billing_feewaiting", "line_id")
_OF_PRODUCTS = ("billing_productfees", "billing_productfeewaiting", "product_id")
_FEE_COLUMNS = (*posting.CHARGE_COLUMNS, "first_day", "end_day")


def charge(fees: Sequence[Fee], accounts: pl.DataFrame) -> None:
    """Store the fees (sums that are not zero) as charges and post them; days given back go the other way."""
    if not fees:
        return
    charges = write(fees, accounts)
    taken = posting.postings(charges, kind="fee")
    ledger.post_frame(pl.concat([taken, posting.returned_postings(charges)]))


def write(fees: Sequence[Fee], accounts: pl.DataFrame) -> pl.DataFrame:
    """Store the fees as charges, whose money moves under their ids; return them."""
    charges = pl.DataFrame([_row(fee) for fee in fees], _CHARGES, orient="row").join(accounts, on="contract_id")
    charges = charges.with_columns(
        pl.lit(0, pl.Int64).alias("included"),
        pl.lit(0, pl.Int16).alias("revision"),
        pl.lit(None, pl.Int16).alias("source_id"),
        pl.lit(None, pl.String).alias("record_id"),
    )
    frames.store(charges.select(_FEE_COLUMNS), "billing_charge")
    return charges


def mark(marks: Mapping[int, Mark]) -> None:
    """Store how far the fees of lines and services (`FeeLine.key`) are settled."""
    for (table, _, column), some in ((_OF_LINES, _positive(marks)), (_OF_PRODUCTS, _negative(marks))):
        if not some:
            continue
        rows = [(id_, m.month, m.until, m.first, m.version_id, m.turn) for id_, m in some.items()]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""insert into {table} ({column}, month, until_day, from_day, tariff_version_id, turn)
                   select * from unnest(%s::bigint[], %s::integer[], %s::date[], %s::date[], %s::bigint[],
                                        %s::smallint[])
                   on conflict ({column}) do update
                      set month = excluded.month, until_day = excluded.until_day, from_day = excluded.from_day,
                          tariff_version_id = excluded.tariff_version_id, turn = excluded.turn""",
                frames.arrays(pl.DataFrame(rows, _MARKS, orient="row")),
            )


def keep_waiting(settled: Settled, at: datetime) -> None:
    """Store what waits. What does no longer goes, or stays until the customer, told that it waits, is told of the end.

    A fee that waits anew, before the end of the last time was told, is told as a new one.
    """
    _keep_waiting(_OF_LINES, _positive(settled.waiting), _positive(settled.paid), at)
    _keep_waiting(_OF_PRODUCTS, _negative(settled.waiting), _negative(settled.paid), at)


def _keep_waiting(
    tables: tuple[str, str, str], waiting: Mapping[int, Waiting], paid: Mapping[int, int | None], at: datetime
) -> None:
    _, table, column = tables
    with connection.cursor() as cursor:
        if waiting:
            rows = [
                (id_, w.contract_id, w.month, w.since, w.first, w.end, w.amount_minor, w.version_id, w.by_day)
                for id_, w in waiting.items()
            ]
            cursor.execute(
                f"""insert into {table} as known ({column}, contract_id, month, since, first_day, end_day,
                                                  amount_minor, tariff_version_id, by_day)
                   select * from unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::timestamptz[], %s::date[],
                                        %s::date[], %s::bigint[], %s::bigint[], %s::boolean[])
                   on conflict ({column}) do update
                      set month = excluded.month, since = excluded.since, first_day = excluded.first_day,
                          end_day = excluded.end_day, amount_minor = excluded.amount_minor,
                          tariff_version_id = excluded.tariff_version_id, by_day = excluded.by_day,
                          told_at = case when known.charged_at is null then known.told_at end,
                          charged_at = null, charged_minor = null""",
                [list(column) for column in zip(*rows, strict=True)],
            )
        if paid:
            _end_waiting(cursor, table, column, paid, at)


def _end_waiting(cursor: Any, table: str, column: str, paid: Mapping[int, int | None], at: datetime) -> None:
    ids: Collection[int] = list(paid)
    cursor.execute(
        f"""update {table} set charged_at = %s, charged_minor = ended.amount_minor
             from unnest(%s::bigint[], %s::bigint[]) as ended (id, amount_minor)
            where {table}.{column} = ended.id""",
        [at, ids, list(paid.values())],
    )
    cursor.execute(
        f"delete from {table} where {column} = any (%s) and (told_at is null or charged_minor is null)", [ids]
    )


def _positive(by_key: Mapping[int, T]) -> dict[int, T]:
    """Return what is of lines, by their ids."""
    return {key: value for key, value in by_key.items() if key > 0}


def _negative(by_key: Mapping[int, T]) -> dict[int, T]:
    """Return what is of services, by their ids."""
    return {-key: value for key, value in by_key.items() if key < 0}


def _row(fee: Fee) -> tuple[object, ...]:
    quantity, unit_size = (fee.days, fee.period_days) if fee.rule in (PART, RETURN) else (1, 1)
    line = fee.line
    category = "service" if line.product_id else "fee"
    return (
        charge_id(fee), line.contract_id, line.line_id, fee.at, fee.amount_minor, fee.version.fee_minor, quantity,
        quantity, unit_size, fee.version.id, category, fee.rule, line.offer_code, fee.first, fee.end,
    )  # fmt: skip


def charge_id(fee: Fee) -> str:
    """Return the id of a fee, the same for ever: of a whole period by its month, of days by the first of them."""
    line = fee.line
    what = {WHOLE: "days", PART: "days", DAY: "days", BLOCK_DAY: "days", RETURN: "back"}[fee.rule]
    if line.product_id:
        return posting.service_days_id(line.product_id, what, fee.first, fee.turn)
    if fee.rule == WHOLE and not fee.turn:
        return posting.fee_charge_id(line.line_id, fee.month)
    return posting.fee_days_id(line.line_id, what, fee.first, fee.turn)
