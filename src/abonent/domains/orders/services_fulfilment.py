"""What connecting and disconnecting a service is for the network, and what it is when the network has done it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from abonent.domains.billing import products as money
from abonent.domains.billing.packages import actions as packages
from abonent.domains.billing.products_rules import Price
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, rules
from abonent.domains.orders.rules import OF_SERVICES, Action
from abonent.domains.orders.states import OPEN
from abonent.domains.orders.steps import enqueue


def ask(row: models.Order, line: Line, at: datetime) -> UUID | None:
    """Have the network switch on or off what the service is there."""
    on, off = rules.switched(Action(row.action), _version(row), _others(row))
    return enqueue(row, on, off, at)


def complete(row: models.Order, line: Line, done_at: datetime, at: datetime) -> None:
    """The line has the service or has it no more, and what was held for it is taken."""
    if row.action == Action.DISCONNECT:
        products.end(line_id=row.line_id, offer_code=row.offer_code, at=done_at)
        return
    version = _version(row)
    if version.package is not None:
        # One that was to begin later begins then, however late somebody looks after it.
        since = row.effective_at if row.effective_at > row.placed_at else done_at
        row.taken_minor = packages.begin(
            order_id=row.id, line=line, version=version, once_minor=row.once_minor, since=since, at=at
        )
        return
    product = products.begin(line_id=row.line_id, offer_version_id=version.id or 0, at=done_at)
    held = Price(row.once_minor, row.fee_minor, row.first_day, row.end_day, row.next_minor, row.next_day)
    row.taken_minor = money.take(order_id=row.id, line=line, product=product, version=version, held=held, at=done_at)


def call_off(row: models.Order, at: datetime) -> None:
    """Nothing but money was held for it."""


def _others(row: models.Order) -> dict[str, OfferVersion]:
    """Return the terms of what the line will have when the network has done what it was asked before, by code.

    What waits for money is off, so it needs nothing.
    """
    before = models.Order.objects.filter(
        line_id=row.line_id, action__in=OF_SERVICES, state__in=OPEN, command_id__isnull=False
    ).exclude(id=row.id)
    ids = {one.offer_code: one.offer_version_id for one in products_queries.of_line(row.line_id) if not one.paused_at}
    ids |= {one.offer_code: one.offer_version_id or 0 for one in before if one.action == Action.CONNECT}
    for one in before:
        if one.action == Action.DISCONNECT:
            ids.pop(one.offer_code, None)
    versions = offers_queries.offer_versions(ids.values())
    return {code: versions[version_id] for code, version_id in ids.items()}


def _version(row: models.Order) -> OfferVersion:
    version_id = row.offer_version_id or 0
    return offers_queries.offer_versions([version_id])[version_id]
