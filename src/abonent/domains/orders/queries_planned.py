"""What is ordered for a day to come, as what decides about the fees after it."""

from __future__ import annotations

from datetime import datetime

from abonent.domains.billing.fees.planned import Planned
from abonent.domains.billing.pauses.rules import Pause
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.orders import models
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import OPEN


def of_contract(contract_id: int, now: datetime) -> list[Planned]:
    """Return the orders of a contract that have not taken effect, in the order in which they will."""
    rows = list(models.Order.objects.filter(contract_id=contract_id, state__in=OPEN).order_by("effective_at", "id"))
    versions = offers_queries.offer_versions({row.offer_version_id for row in rows if row.offer_version_id})
    found = []
    for row in rows:
        at, action = max(row.effective_at, now), Action(row.action)
        tariff = catalog.tariff_version(row.tariff_version_id) if row.tariff_version_id else None
        offer = versions.get(row.offer_version_id or 0)
        free = (row.next_day - row.first_day) if row.next_day else row.end_day - row.first_day
        found.append(
            Planned(
                line_id=row.line_id, at=at, once_minor=row.once_minor,
                names=tariff.names if tariff else offer.names if offer else {}, tariff=tariff,
                pause=Pause(row.first_day, row.end_day, row.first_day + free, row.next_minor)
                if action is Action.BLOCK
                else None,
                connects=offer if action is Action.CONNECT else None,
                disconnects=row.offer_code if action is Action.DISCONNECT else "",
            )
        )  # fmt: skip
    return found


def contracts(until: datetime) -> list[int]:
    """Return the contracts with orders that have not taken effect and will by `until`."""
    rows = models.Order.objects.filter(state__in=OPEN, effective_at__lte=until)
    return list(rows.order_by("contract_id").values_list("contract_id", flat=True).distinct())
