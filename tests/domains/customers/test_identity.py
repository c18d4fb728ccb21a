"""Who a customer is: kept so that answers can be checked, and nothing can be read out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from abonent.domains.customers import actions, models, queries, rules
from abonent.domains.customers.rules import BadIdentity
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from tests.factories import customers

IDENTITY = actions.Identity(
    contract_number="", given_name="Анна", patronymic="Ивановна", family_name="Орлова-Ежова",
    birth_date=date(1980, 5, 17), document="4509 123456", contact_number="+79000000042",
    contact_email="Anna@Example.org",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("4509 123456", "4509123456"),
        (" 45 09 №123456 ", "4509123456"),
        ("4509-123456", "4509123456"),
        ("i-ак 512 345", "IАК512345"),
        ("４５０９１２３４５６", "4509123456"),
    ],
)
def test_id_10_a_document_is_the_same_however_it_is_written(said: str, kept: str) -> None:
    assert rules.document_of(said) == kept


@pytest.mark.parametrize("said", ["", "    ", "12", "№ - №", "1" * 31, "\0"])
def test_what_can_be_no_document_is_refused(said: str) -> None:
    with pytest.raises(BadIdentity, match="document"):
        rules.document_of(said)


def test_a_code_word_is_the_same_in_any_case_and_with_either_letter() -> None:
    assert rules.code_word_of("  Зелёный   ЁЖ ") == rules.code_word_of("зеленый еж") == "зеленый еж"
    with pytest.raises(BadIdentity, match="code_word"):
        rules.code_word_of(" я ")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("100000001", "100000001"),
        (" 1000-00 001", "100000001"),
        ("t-000001", "T000001"),
        ("№ 5", "5"),
        ("п-5", ""),
        ("1" * 21, ""),
    ],
)
def test_a_contract_number_is_the_same_however_it_is_typed(typed: str, number: str) -> None:
    assert rules.number_of(typed) == number


def entered(**changed: object) -> int:
    contract_id = customers.contract()
    number = models.Contract.objects.get(id=contract_id).number
    actions.note_identity(
        contract_id=contract_id, identity=replace(IDENTITY, contract_number=number, **changed), by="agent:7", at=now()
    )
    return contract_id


@pytest.mark.django_db
def test_id_12_an_agent_enters_who_the_customer_is() -> None:
    contract = queries.contract(entered())
    assert contract
    assert contract.entered_at
    assert (contract.contact_number, contract.contact_email) == ("+79000000042", "anna@example.org")
    assert models.Party.objects.get(id=contract.party_id).family_name == "Орлова-Ежова"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [{"given_name": " "}, {"family_name": ""}, {"contact_number": ""}, {"document": "12"}],
)
def test_id_12_nothing_is_entered_while_something_is_missing(wrong: dict[str, str]) -> None:
    with pytest.raises(BadIdentity, match=next(iter(wrong))):
        entered(**wrong)
    contract = models.Contract.objects.get()
    assert contract.entered_at is None
    assert contract.contact_number == ""
    assert models.Party.objects.get().document_hash == ""


@pytest.mark.django_db
def test_id_12_the_contract_number_must_be_its_own() -> None:
    contract_id = customers.contract()
    with pytest.raises(BadIdentity, match="contract_number"):
        actions.note_identity(
            contract_id=contract_id, identity=replace(IDENTITY, contract_number="1"), by="agent:7", at=now()
        )
    with pytest.raises(LookupError):
        actions.note_identity(contract_id=0, identity=IDENTITY, by="agent:7", at=now())


@pytest.mark.django_db
def test_the_old_contact_hears_that_codes_go_elsewhere() -> None:
    contract_id = entered()
    number = models.Contract.objects.get(id=contract_id).number
    assert Message.objects.count() == 0
    new = replace(IDENTITY, contract_number=number, contact_number="+79000000043", contact_email="other@example.org")
    actions.note_identity(contract_id=contract_id, identity=new, by="agent:7", at=now())
    assert sorted(Message.objects.values_list("channel", "recipient")) == [
        ("email", "anna@example.org"),
        ("sms", "+79000000042"),
    ]


@pytest.mark.django_db
def test_id_10_answers_are_checked_and_nothing_of_them_can_be_read() -> None:
    contract = queries.contract(entered())
    assert contract
    actions.change_code_word(party_id=contract.party_id, code_word="Зелёный ёж")
    right = queries.verify(
        contract.party_id, birth_date=date(1980, 5, 17), document="45 09 123456", document_tail="34-56",
        code_word="зеленый ёж",
    )  # fmt: skip
    assert right == {"birth_date": True, "document": True, "document_tail": True, "code_word": True}
    wrong = queries.verify(
        contract.party_id, birth_date=date(1980, 5, 18), document="4509123457", document_tail="123456", code_word="ёж"
    )
    assert set(wrong.values()) == {False}
    with connection.cursor() as cursor:
        cursor.execute("select customers_party::text from customers_party")
        kept = " ".join(row for (row,) in cursor.fetchall())
    assert "4509" not in kept
    assert "ёж" not in kept.lower()


@pytest.mark.django_db
def test_what_is_not_known_is_never_right() -> None:
    customers.contract()
    party = models.Party.objects.get().id
    for party_id in (party, party + 1):
        assert queries.verify(party_id, birth_date=date(1980, 5, 17), document="", code_word="") == {
            "birth_date": False,
            "document": False,
            "code_word": False,
        }
    assert queries.verify(party) == {}


@pytest.mark.django_db
def test_two_people_with_one_document_are_not_told_apart_by_what_is_kept() -> None:
    party = actions.NewParty("Анна", "", "Орлова", document="4509 123456", code_word="ромашка")
    actions.register(parties=[party, party], contracts=[])
    hashes = models.Party.objects.values_list("document_hash", "document_tail_hash", "code_word_hash")
    assert len({kept for row in hashes for kept in row}) == 6


@pytest.mark.django_db
def test_a_new_document_takes_the_place_of_the_old_one() -> None:
    contract = queries.contract(entered())
    assert contract
    actions.change_document(party_id=contract.party_id, document="4510 654321")
    assert queries.verify(contract.party_id, document="4510654321", document_tail="4321") == {
        "document": True,
        "document_tail": True,
    }
    assert queries.verify(contract.party_id, document="4509123456") == {"document": False}
    with pytest.raises(LookupError):
        actions.change_document(party_id=contract.party_id + 1, document="4510 654321")


@pytest.mark.django_db
def test_answers_are_still_checked_after_the_servers_key_changed(settings: Any) -> None:
    contract = queries.contract(entered())
    assert contract
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 60
    assert queries.verify(contract.party_id, document="4509123456") == {"document": True}
    settings.SECRET_KEY_FALLBACKS = []
    assert queries.verify(contract.party_id, document="4509123456") == {"document": False}
