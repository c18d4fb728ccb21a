"""Reads of the switches of a line; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines.queries import Line
from abonent.domains.orders import queries, switches_rules
from abonent.domains.orders.switches_rules import Abroad, Switch


@dataclass(frozen=True, slots=True)
class Standing:
    """A switch: the service behind it, on which terms; whether the line `has` that, or it is `coming` or `going`.

    `is_paused`: it is off until its fee is paid. `is_sold`: who has it not may have it. `order_id` is what is on its
    way.
    """

    switch: Switch
    version: OfferVersion
    has: bool
    is_paused: bool
    is_sold: bool
    order_id: UUID | None

    @property
    def works(self) -> bool:
        """Return whether it is in effect now."""
        return self.has and not self.is_paused


@dataclass(frozen=True, slots=True)
class Overview:
    """All switches of a line, and what works abroad."""

    standings: tuple[Standing, ...]
    abroad: Abroad


def overview(line: Line, now: datetime) -> Overview:
    """Return the switches of a line."""
    shop = queries.shop(line, now)
    connected = {one.version.code: one for one in shop.connected}
    coming = {order.offer_code: order for order in shop.coming}
    sold = {version.code for version in shop.available}
    versions = [
        *(one.version for one in shop.connected),
        *offers_queries.offer_versions({order.version_id for order in shop.coming}).values(),
        *shop.available,
    ]
    found = []
    for switch, version in switches_rules.by_switch(versions).items():
        one, order = connected.get(version.code), coming.get(version.code)
        found.append(
            Standing(
                switch=switch,
                version=version,
                has=one is not None,
                is_paused=one is not None and one.product.paused_at is not None,
                is_sold=version.code in sold,
                order_id=one.order_id if one else order.id if order else None,
            )
        )
    return Overview(tuple(found), switches_rules.abroad([one.switch for one in found if one.works]))


def standing(line: Line, switch: Switch, now: datetime) -> Standing | None:
    """Return one switch of a line, None: the operator has no such service."""
    return next((one for one in overview(line, now).standings if one.switch is switch), None)
