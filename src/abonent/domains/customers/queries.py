"""Reads of customers; values, not models."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from abonent.domains.customers import models, rules
from abonent.domains.customers.hashes import is_hash_of


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract and where its codes go; `entered_at` None: nobody has entered yet who the customer is."""

    id: int
    party_id: int
    number: str
    account_number: str | None
    contact_number: str
    contact_email: str
    entered_at: datetime | None
    language: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A contract and whom its papers name; `name` is family name first."""

    id: int
    number: str
    account_number: str | None
    name: str
    language: str
    prepaid: bool = True


def postpaid(*, after: int, limit: int) -> list[Signed]:
    """Return at most `limit` contracts that pay afterwards with an id above `after`, in the order of ids."""
    rows = models.Contract.objects.filter(payment=models.Contract.Payment.POSTPAID, id__gt=after)
    return _signed(rows.order_by("id")[:limit])


def signed(contract_ids: Collection[int]) -> list[Signed]:
    """Return these contracts in the order of ids."""
    return _signed(models.Contract.objects.filter(id__in=contract_ids).order_by("id"))


def contract_by_number(typed: str) -> Contract | None:
    """Return the contract with that contract or account number, typed in any way, in one query."""
    number = rules.number_of(typed)
    found = models.Contract.objects.filter(Q(number=number) | Q(account_number=number)).select_related("party")
    return next((_contract(row) for row in found[:1]), None)


def contract(contract_id: int) -> Contract | None:
    """Return one contract."""
    found = models.Contract.objects.filter(id=contract_id).select_related("party").first()
    return _contract(found) if found else None


def has_document(party_id: int) -> bool:
    """Return whether a document of the party is known, so that one can be compared with it."""
    return models.Party.objects.filter(id=party_id).exclude(document_hash="").exists()


def verify(
    party_id: int,
    *,
    birth_date: date | None = None,
    document: str | None = None,
    document_tail: str | None = None,
    code_word: str | None = None,
) -> dict[str, bool]:
    """Return which of the given answers are right.

    The same work whether the party is known, and whether anything is known of it: what is not known is never right.
    """
    party = models.Party.objects.filter(id=party_id).first() or models.Party(id=party_id)
    right: dict[str, bool] = {}
    if birth_date is not None:
        known = party.birth_date.isoformat() if party.birth_date else ""
        right["birth_date"] = rules.is_same(known, birth_date.isoformat())
    asked: tuple[tuple[str, str | None, str, Callable[[str], str]], ...] = (
        ("document", document, party.document_hash, rules.document_of),
        ("document_tail", document_tail, party.document_tail_hash, rules.tail_said),
        ("code_word", code_word, party.code_word_hash, rules.code_word_of),
    )
    for field, said, known, form in asked:
        if said is not None:
            right[field] = is_hash_of(known, field, party_id, _in_form(form, said))
    return right


def _signed(rows: QuerySet[models.Contract]) -> list[Signed]:
    return [
        Signed(
            row.pk,
            row.number,
            row.account_number,
            _full_name(row.party),
            row.party.language,
            row.payment == models.Contract.Payment.PREPAID,
        )
        for row in rows.select_related("party")
    ]


def _full_name(party: models.Party) -> str:
    return " ".join(part for part in (party.family_name, party.given_name, party.patronymic) if part)


def _in_form(form: Callable[[str], str], said: str) -> str:
    try:
        return form(said)
    except rules.BadIdentity:
        # Nothing kept has this form, so nothing is the same.
        return ""


def _contract(row: models.Contract) -> Contract:
    return Contract(
        row.pk,
        row.party_id,
        row.number,
        row.account_number,
        row.contact_number,
        row.contact_email,
        row.entered_at,
        row.party.language,
    )
