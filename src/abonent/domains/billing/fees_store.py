"""What was decided about fees, written down: charges with their transfers, marks, what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl
from django.db import connection

from abonent.domains.billing import posting
from abonent.domains.billing.fees_money import Settled
from abonent.domains.billing.fees_rules import DAY, PART, RETURN, WHOLE, Fee, Mark
from abonent.domains.ledger import actions as ledger
from abonent.foundation import frames

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
        "rule": pl.String(),
        "first_day": pl.Date(),
        "end_day": pl.Date(),
    }
)
_MARKS = pl.Schema(
    {
        "line_id": pl.Int64(),
        "month": pl.Int32(),
        "until": pl.Date(),
        "first": pl.Date(),
        "version_id": pl.Int64(),
        "turn": pl.Int16(),
    }
)
_FEE_COLUMNS = (*posting.CHARGE_COLUMNS, "first_day", "end_day")


def charge(fees: Sequence[Fee], accounts: pl.DataFrame) -> None:
    """Store the fees (sums that are not zero) as charges and post them; days given back go the other way."""
    if not fees:
        return
    charges = pl.DataFrame([_row(fee) for fee in fees], _CHARGES, orient="row").join(accounts, on="contract_id")
    charges = charges.with_columns(
        pl.lit(0, pl.Int64).alias("included"),
        pl.lit(0, pl.Int16).alias("revision"),
        pl.lit(None, pl.Int16).alias("source_id"),
        pl.lit(None, pl.String).alias("record_id"),
        pl.lit("fee").alias("category"),
        pl.lit("").alias("peer"),
    )
    frames.store(charges.select(_FEE_COLUMNS), "billing_charge")
    taken = posting.postings(charges, kind="fee")
    ledger.post_frame(pl.concat([taken, posting.returned_postings(charges)]))


def mark(marks: Mapping[int, Mark]) -> None:
    """Store how far the fees of the lines, by id, are settled."""
    if not marks:
        return
    rows = [(line_id, m.month, m.until, m.first, m.version_id, m.turn) for line_id, m in marks.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_feescharged (line_id, month, until_day, from_day, tariff_version_id, turn)
               select * from unnest(%s::bigint[], %s::integer[], %s::date[], %s::date[], %s::bigint[], %s::smallint[])
               on conflict (line_id) do update
                  set month = excluded.month, until_day = excluded.until_day, from_day = excluded.from_day,
                      tariff_version_id = excluded.tariff_version_id, turn = excluded.turn""",
            frames.arrays(pl.DataFrame(rows, _MARKS, orient="row")),
        )


def keep_waiting(settled: Settled, at: datetime) -> None:
    """Store what waits. What does no longer goes, or stays until the customer, told that it waits, is told of the end.

    A fee that waits anew, before the end of the last time was told, is told as a new one.
    """
    with connection.cursor() as cursor:
        if settled.waiting:
            rows = [
                (w.line_id, w.contract_id, w.month, w.since, w.first, w.end, w.amount_minor, w.version_id, w.by_day)
                for w in settled.waiting.values()
            ]
            cursor.execute(
                """insert into billing_feewaiting as known (line_id, contract_id, month, since, first_day, end_day,
                                                            amount_minor, tariff_version_id, by_day)
                   select * from unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::timestamptz[], %s::date[],
                                        %s::date[], %s::bigint[], %s::bigint[], %s::boolean[])
                   on conflict (line_id) do update
                      set month = excluded.month, since = excluded.since, first_day = excluded.first_day,
                          end_day = excluded.end_day, amount_minor = excluded.amount_minor,
                          tariff_version_id = excluded.tariff_version_id, by_day = excluded.by_day,
                          told_at = case when known.charged_at is null then known.told_at end,
                          charged_at = null, charged_minor = null""",
                [list(column) for column in zip(*rows, strict=True)],
            )
        if settled.paid:
            line_ids = list(settled.paid)
            cursor.execute(
                """update billing_feewaiting set charged_at = %s, charged_minor = ended.amount_minor
                     from unnest(%s::bigint[], %s::bigint[]) as ended (line_id, amount_minor)
                    where billing_feewaiting.line_id = ended.line_id""",
                [at, line_ids, list(settled.paid.values())],
            )
            cursor.execute(
                """delete from billing_feewaiting
                    where line_id = any (%s) and (told_at is null or charged_minor is null)""",
                [line_ids],
            )


def _row(fee: Fee) -> tuple[object, ...]:
    quantity, unit_size = (fee.days, fee.period_days) if fee.rule in (PART, RETURN) else (1, 1)
    line = fee.line
    return (
        _id(fee), line.contract_id, line.line_id, fee.at, fee.amount_minor, fee.version.fee_minor, quantity, quantity,
        unit_size, fee.version.id, fee.rule, fee.first, fee.end,
    )  # fmt: skip


def _id(fee: Fee) -> str:
    """Return the id of a fee, the same for ever: of a whole period by its month, of days by the first of them."""
    line_id = fee.line.line_id
    if fee.rule == WHOLE:
        return posting.fee_charge_id(line_id, fee.month)
    what = {PART: "days", DAY: "days", RETURN: "back"}[fee.rule]
    return posting.fee_days_id(line_id, what, fee.first, fee.turn)
