"""People and their contracts."""

from __future__ import annotations

from datetime import date
from itertools import count

from abonent.domains.customers.actions import NewContract, NewParty, register

ANNA = NewParty("Анна", "Ивановна", "Орлова")
BORIS = NewParty("Борис", "", "Ким", "en")

_numbers = count(1)


def contract(party: NewParty = ANNA, *, payment: str = "prepaid") -> int:
    """Register the person with one contract and return the contract's id."""
    new = NewContract(f"T-{next(_numbers):06}", 0, payment, date(2026, 1, 10))
    return register(parties=[party], contracts=[new])[0]
