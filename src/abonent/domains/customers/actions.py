"""Writes of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from abonent.domains.customers import models, rules
from abonent.domains.customers.hashes import hash_of
from abonent.domains.customers.rules import BadIdentity
from abonent.domains.messaging import actions as messaging


@dataclass(frozen=True, slots=True)
class NewContract:
    """A contract to sign; `party` is its index among the parties registered in the same call.

    `account_number` is what home internet and TV customers call «лицевой счёт»; `contact_number` (E.164) is where
    codes for the contract go, once `entered_at` says that an agent has entered who the customer is.
    """

    number: str
    party: int
    payment: str
    opened_on: date
    account_number: str | None = None
    contact_number: str = ""
    contact_email: str = ""
    entered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewParty:
    """A person to register; of document and code word nothing readable is kept."""

    given_name: str
    patronymic: str
    family_name: str
    language: str = "ru"
    birth_date: date | None = None
    document: str = ""
    code_word: str = ""


def take_turn(party_id: int) -> None:
    """Go on alone with this customer until the end of the transaction: what is counted over their things holds."""
    models.Party.objects.select_for_update(no_key=True).get(id=party_id)


@transaction.atomic
def register(*, parties: Sequence[NewParty], contracts: Sequence[NewContract]) -> list[int]:
    """Store people with their contracts, all or none; return the contracts' ids in order.

    Raises `rules.BadIdentity` for a document or code word that cannot be one.
    """
    people = models.Party.objects.bulk_create(
        [_party(party_id, new) for party_id, new in zip(_new_ids(len(parties)), parties, strict=True)]
    )
    signed = models.Contract.objects.bulk_create(
        [
            models.Contract(
                number=c.number,
                party=people[c.party],
                payment=c.payment,
                opened_on=c.opened_on,
                account_number=c.account_number,
                contact_number=c.contact_number,
                contact_email=c.contact_email,
                entered_at=c.entered_at,
            )
            for c in contracts
        ]
    )
    return [contract.pk for contract in signed]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a contract's customer is, as an agent read it from the document and entered it: all of it is needed.

    `contract_number` is typed by the agent and must be the contract's own; `contact_number` is E.164.
    """

    contract_number: str
    given_name: str
    patronymic: str
    family_name: str
    birth_date: date
    document: str
    contact_number: str
    contact_email: str = ""


@transaction.atomic
def note_identity(*, contract_id: int, identity: Identity, by: str, at: datetime) -> None:
    """Enter who the customer of a contract is: from then on its cabinet opens by a code to the contact.

    `by` is the agent as the audit names people. Raises `BadIdentity` (nothing is changed) and `LookupError`.
    """
    contract = models.Contract.objects.select_for_update().select_related("party").filter(id=contract_id).first()
    if contract is None:
        raise LookupError(contract_id)
    if rules.number_of(identity.contract_number) != rules.number_of(contract.number):
        raise BadIdentity("contract_number")
    for field in ("given_name", "family_name", "contact_number"):
        if not getattr(identity, field).strip():
            raise BadIdentity(field)
    party = contract.party
    party.given_name, party.patronymic = identity.given_name.strip(), identity.patronymic.strip()
    party.family_name, party.birth_date = identity.family_name.strip(), identity.birth_date
    _set_document(party, identity.document)
    party.save()
    _tell_old_contact(contract, identity)
    contract.contact_number, contract.contact_email = identity.contact_number, identity.contact_email.strip().lower()
    contract.entered_at, contract.entered_by = at, by
    contract.save(update_fields=["contact_number", "contact_email", "entered_at", "entered_by"])


@transaction.atomic
def change_document(*, party_id: int, document: str) -> None:
    """Keep what checks a new identity document; raises `BadIdentity`, `LookupError`."""
    party = _locked(party_id)
    _set_document(party, document)
    party.save(update_fields=["document_hash", "document_tail_hash"])


@transaction.atomic
def change_code_word(*, party_id: int, code_word: str) -> None:
    """Keep what checks a new code word; raises `BadIdentity`, `LookupError`."""
    party = _locked(party_id)
    party.code_word_hash = hash_of("code_word", party.pk, rules.code_word_of(code_word))
    party.save(update_fields=["code_word_hash"])


def forget_contact(*, number: str) -> int:
    """Send no contract's codes to `number` (E.164) any more, since it is another's; return how many did."""
    return models.Contract.objects.filter(contact_number=number).update(contact_number="")


def move_contact(*, contract_id: int, old: str, new: str) -> None:
    """The person of the contract has another number: codes of their own contracts go there, of others' nowhere."""
    party_id = models.Contract.objects.values_list("party_id", flat=True).get(id=contract_id)
    models.Contract.objects.filter(contact_number=old, party_id=party_id).update(contact_number=new)
    forget_contact(number=old)


def _party(party_id: int, new: NewParty) -> models.Party:
    party = models.Party(
        id=party_id,
        given_name=new.given_name,
        patronymic=new.patronymic,
        family_name=new.family_name,
        language=new.language,
        birth_date=new.birth_date,
    )
    if new.document:
        _set_document(party, new.document)
    if new.code_word:
        party.code_word_hash = hash_of("code_word", party_id, rules.code_word_of(new.code_word))
    return party


def _new_ids(count: int) -> list[int]:
    """Return ids for people to store: a hash belongs to one of them, so it has to be known who it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence('customers_party', 'id')) from generate_series(1, %s)", [count]
        )
        return [party_id for (party_id,) in cursor.fetchall()]


def _set_document(party: models.Party, said: str) -> None:
    document = rules.document_of(said)
    party.document_hash = hash_of("document", party.pk, document)
    party.document_tail_hash = hash_of("document_tail", party.pk, rules.tail_of(document))


def _locked(party_id: int) -> models.Party:
    party = models.Party.objects.select_for_update().filter(id=party_id).first()
    if party is None:
        raise LookupError(party_id)
    return party


def _tell_old_contact(contract: models.Contract, identity: Identity) -> None:
    """Tell whoever got the contract's codes until now that they go elsewhere from now on."""
    if contract.entered_at is None:
        return
    old = {"sms": contract.contact_number, "email": contract.contact_email}
    new = {"sms": identity.contact_number, "email": identity.contact_email.strip().lower()}
    for channel, address in old.items():
        if address and address != new[channel]:
            messaging.send(
                channel=channel, recipient=address, template="security", params={"kind": "agent acted"},
                language=contract.party.language,
            )  # fmt: skip
