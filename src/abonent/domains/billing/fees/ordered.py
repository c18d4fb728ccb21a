"""What is ordered for days to come: known on the floor of orders, which tells when it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import cast

from abonent.domains.billing.fees.planned import Planned
from abonent.domains.billing.ports import OrdersToCome

_told_by: list[str] = []


def wire(path: str) -> None:
    """Tell, by the dotted path of a module, who knows what is ordered (`ports.OrdersToCome`)."""
    _told_by[:] = [path]


def of_contract(contract_id: int, now: datetime) -> Sequence[Planned]:
    """Return what is ordered for the contract and has not taken effect, in time order."""
    return [one for orders in _orders() for one in orders.of_contract(contract_id, now)]


def contracts(until: datetime) -> list[int]:
    """Return the contracts for which something that is ordered takes effect by `until`."""
    return [contract_id for orders in _orders() for contract_id in orders.contracts(until)]


def _orders() -> list[OrdersToCome]:
    return [cast(OrdersToCome, import_module(path)) for path in _told_by]
