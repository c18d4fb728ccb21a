"""Writes of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from abonent.domains.customers import models


@dataclass(frozen=True, slots=True)
class NewContract:
    """A contract to sign; `party` is its index among the parties registered in the same call."""

    number: str
    party: int
    payment: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class NewParty:
    """A person to register."""

    given_name: str
    patronymic: str
    family_name: str
    language: str = "ru"


@transaction.atomic
def register(*, parties: Sequence[NewParty], contracts: Sequence[NewContract]) -> list[int]:
    """Store people with their contracts, all or none; return the contracts' ids in order."""
    people = models.Party.objects.bulk_create(
        [
            models.Party(
                given_name=p.given_name, patronymic=p.patronymic, family_name=p.family_name, language=p.language
            )
            for p in parties
        ]
    )
    signed = models.Contract.objects.bulk_create(
        [
            models.Contract(number=c.number, party=people[c.party], payment=c.payment, opened_on=c.opened_on)
            for c in contracts
        ]
    )
    return [contract.pk for contract in signed]
