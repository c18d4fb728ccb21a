"""Services on lines as what fees are due for: beside their lines, by the same rules, from the same balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection

from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.money import Tariffed, Waiting
from abonent.domains.billing.fees.rules import FeeLine, Mark
from abonent.domains.billing.fees.state import State
from abonent.domains.billing.pauses import queries as pauses_queries
from abonent.domains.billing.pauses import rules as pauses_rules
from abonent.domains.billing.pauses.rules import Pause
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.products.queries import Product

# Whoever ended a service longer ago was given back what there was to give back: the run comes every hour.
ENDED_WITHIN = timedelta(days=40)


def with_products(state: State, some: pl.DataFrame, until: datetime, zone: ZoneInfo) -> State:
    """Return the state with those services on `some` lines that may have something to do by `until`."""
    products = products_queries.of_lines(some["line_id"].to_list(), ended_after=until - ENDED_WITHIN)
    found = _state(some, products)
    wanted = {
        key for key, tariffed in found.lines.items()
        if key in found.waiting or _may_be_due(tariffed, found.marks[key], until, zone)
    }  # fmt: skip
    return _joined(
        state,
        State(
            {key: found.lines[key] for key in wanted},
            {key: found.marks[key] for key in wanted},
            found.waiting,
        ),
    )


def with_all_products(state: State, some: pl.DataFrame, now: datetime) -> State:
    """Return the state with every service on `some` lines that has a fee."""
    return _joined(state, _state(some, products_queries.of_lines(some["line_id"].to_list(), ended_after=now)))


def fee_line(line: FeeLine, product: Product) -> FeeLine:
    """Return a service as something that fees are due for; `line` is the one that it is on."""
    ends = [moment for moment in (product.until, line.closed_at) if moment is not None]
    return line._replace(
        opened_at=product.since, closed_at=min(ends, default=None), product_id=product.id, offer_code=product.offer_code
    )


def marks_of(product_ids: Sequence[int]) -> dict[int, Mark]:
    """Return how far the fees of services are settled, by id; one without a mark was never charged."""
    if not product_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select product_id, month, until_day, from_day, tariff_version_id, turn from billing_productfees
                where product_id = any (%s)""",
            [list(product_ids)],
        )
        return {product_id: Mark(*mark) for product_id, *mark in cursor.fetchall()}


def _state(some: pl.DataFrame, products: Sequence[Product]) -> State:
    versions = offers_queries.offer_versions({one.offer_version_id for one in products})
    versions = {id_: version for id_, version in versions.items() if version.fee_minor}
    paid = [one for one in products if one.offer_version_id in versions]
    columns = ("line_id", "contract_id", "period_day", "opened_at", "closed_at", "prepaid")
    rows = some.filter(pl.col("line_id").is_in([one.line_id for one in paid])).select(columns)
    lines = {row[0]: FeeLine(*row) for row in rows.iter_rows()}
    marks = marks_of([one.id for one in paid])
    pauses = pauses_queries.of_lines(list(lines)) if lines else {}
    return State(
        {
            -one.id: _tariffed(
                lines[one.line_id],
                one,
                versions[one.offer_version_id],
                marks.get(one.id),
                pauses.get(one.line_id, ()),
            )
            for one in paid
        },
        {-one.id: marks.get(one.id) for one in paid},
        _waiting([one.id for one in paid]),
    )


def _tariffed(
    line: FeeLine, product: Product, version: OfferVersion, mark: Mark | None, pauses: Sequence[Pause]
) -> Tariffed:
    assigned = [Assigned(version.as_fee(), product.since, None)]
    if pauses:
        free = [one.free_for_services() for one in pauses]
        assigned = pauses_rules.cut(assigned, free, line.day, ZoneInfo(settings.TIME_ZONE))
    return Tariffed(fee_line(line, product), assigned, mark.turn if mark else 0)


def _waiting(product_ids: Sequence[int]) -> dict[int, Waiting]:
    if not product_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select -product_id, contract_id, month, since, first_day, end_day, amount_minor,
                      tariff_version_id, by_day
                 from billing_productfeewaiting where product_id = any (%s) and charged_at is null""",
            [list(product_ids)],
        )
        return {row[0]: Waiting(*row) for row in cursor.fetchall()}


def _may_be_due(tariffed: Tariffed, mark: Mark | None, until: datetime, zone: ZoneInfo) -> bool:
    """Return whether the first day not settled has come, or days that were paid are not used."""
    line, blocked = tariffed.line, any(one.blocked for one in tariffed.assigned)
    day = fees_rules.next_day(line, mark, zone)
    if day <= until.astimezone(zone).date() and (line.closed_at is None or line.closed_at > line.opened_at):
        return True
    return (line.closed_at is not None or blocked) and mark is not None and mark.first is not None


def _joined(one: State, other: State) -> State:
    return State(one.lines | other.lines, one.marks | other.marks, one.waiting | other.waiting)
