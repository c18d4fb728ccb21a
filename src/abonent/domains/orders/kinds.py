"""What is peculiar to each kind of order, as one interface: a module for each, found by what the order does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, services_fulfilment
from abonent.domains.orders.blocks import fulfilment as blocks_fulfilment
from abonent.domains.orders.numbers import fulfilment as numbers_fulfilment
from abonent.domains.orders.rules import Action
from abonent.domains.orders.sims import fulfilment as sims_fulfilment
from abonent.domains.orders.tariffs import fulfilment as tariffs_fulfilment


class Kind(Protocol):
    """Each call is within the transaction that has the order's row locked."""

    def ask(self, row: models.Order, line: Line, at: datetime) -> UUID | None:
        """Ask the network; return the command, None when it has no part in it.

        Raises `steps.Impossible` and `steps.NotYet`, then nothing was asked.
        """

    def complete(self, row: models.Order, line: Line, done_at: datetime, at: datetime) -> None:
        """The network has done it, at `done_at`: write down what the line has now, and take what it costs."""

    def call_off(self, row: models.Order, at: datetime) -> None:
        """It failed or was undone: what `ask` and the placing did comes to nothing. Money is released elsewhere."""


KINDS: Mapping[str, Kind] = {
    Action.CONNECT: services_fulfilment,
    Action.DISCONNECT: services_fulfilment,
    Action.TARIFF: tariffs_fulfilment,
    Action.BLOCK: blocks_fulfilment,
    Action.SIM: sims_fulfilment,
    Action.NUMBER: numbers_fulfilment,
}
