"""What billing needs from outside, in our words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from abonent.domains.billing.fees.planned import Planned
from abonent.domains.billing.fiscal.rules import Receipt


class OrdersToCome(Protocol):
    """Who knows what is ordered for days to come."""

    def of_contract(self, contract_id: int, now: datetime) -> Sequence[Planned]:
        """Return what is ordered for the contract and has not taken effect, in time order."""

    def contracts(self, until: datetime) -> Sequence[int]:
        """Return the contracts for which something that is ordered takes effect by `until`."""


@dataclass(frozen=True, slots=True)
class Fiscal:
    """What makes a receipt one of the tax office's: numbers of the drive (FN) and document (FD), the sign (FPD).

    `check_address` is where anybody can look it up, empty when the register has no such place.
    """

    registered_at: datetime
    fiscal_drive: str
    fiscal_document: int
    fiscal_sign: int
    check_address: str = ""


class NotTaken(Exception):
    """The register refuses the receipt for good; the text says why, for staff, without the customer's data."""


class FiscalRegister(Protocol):
    """A cash register, or the service that runs some."""

    def register(self, receipt: Receipt) -> Fiscal | None:
        """Register the receipt once by its id, however often it is handed over; None: it is on its way, ask again.

        Raises `NotTaken`; anything else that is raised means "try later".
        """
