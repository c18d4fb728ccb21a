"""Why something cost what it cost: which record, which rule, which price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl
from django.db import connection

from abonent.domains.billing import rating, rules
from abonent.domains.billing.rating_batch import Rater
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.lines import queries_bulk as lines
from abonent.domains.usage import queries as usage
from abonent.domains.usage import queries_bulk as usage_bulk


class NoSuchCharge(LookupError):
    """There is no such charge."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`amount_minor = billed_units * price_minor`: of `quantity` used (seconds, bytes, pieces; a fee is one piece),
    `included` came from an allowance, and the rest was paid by begun units of `unit_size`. `record` is None for a fee.
    """

    at: datetime
    line_id: int
    record: usage.Record | None
    tariff: TariffVersion
    rule: str
    category: rules.Category
    price_minor: int
    unit_size: int
    quantity: int
    included: int
    billed_units: int
    amount_minor: int


def explain(charge_id: UUID) -> Explanation:
    """Return why the charge was made; raises `NoSuchCharge`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select source_id, record_id, tariff_version_id, booked_at, line_id, rule, category, price_minor,
                      unit_size, quantity, included, billed_units, amount_minor from billing_charge where id = %s""",
            [charge_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NoSuchCharge(charge_id)
    source_id, record_id, version_id, at, line_id, *why = row
    record = usage.of_ids(keys=[(at, source_id, record_id)])[0] if record_id is not None else None
    return Explanation(at, line_id, record, catalog.tariff_version(version_id), *why)


def explain_record(record: usage.Record) -> Explanation | None:
    """Return why the record costs what it costs, also when that is nothing; None if the line had no tariff then.

    What an allowance covered has no charge, so the line's period is rated once more.
    """
    days = lines.assignments([record.line_id])["period_day"]
    if days.is_empty():
        return None
    rater = Rater()
    period = rules.period_of(days[0], record.started_at, rater.zone)
    schema = pl.Schema({"line_id": pl.Int64(), "start": rating.MOMENT, "end": rating.MOMENT})
    asked = pl.DataFrame([(record.line_id, period.start, period.end)], schema, orient="row")
    rated = rating.settle(rater.price(usage_bulk.of_periods(asked)), everything=True).charges.filter(
        (pl.col("source_id") == record.source_id) & (pl.col("record_id") == record.record_id)
    )
    if rated.is_empty():
        return None
    row = rated.row(0, named=True)
    return Explanation(
        at=record.started_at,
        line_id=record.line_id,
        record=record,
        tariff=catalog.tariff_version(row["tariff_version_id"]),
        **{name: row[name] for name in Explanation.__slots__[4:]},
    )
