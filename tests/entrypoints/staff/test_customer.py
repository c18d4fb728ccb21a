"""Who the customer of a contract is, entered from the document: once, and never over somebody known."""

from __future__ import annotations

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.customers import models as customers
from abonent.domains.customers import queries as known
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines.queries import Line
from abonent.domains.support import queries
from abonent.domains.support.rules import Contact, Role
from abonent.foundation.audit import verify
from abonent.foundation.clock import now
from tests.factories import lines, support
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db


def given(line: Line, **other: str) -> dict[str, str]:
    customer = queries.customer(line.id)
    assert customer
    return {
        "contract_number": customer.contract_number.lower(), "kind": "passport", "number": "45 09 № 123456",
        "family_name": "Соколова", "given_name": "Ирина", "patronymic": "", "birth_date": "31.12.1980",
        "contact_number": "8 900 555-00-11", "owner": "on",
    } | other  # fmt: skip


def visit(line: Line) -> tuple[Client, int]:
    shop = support.agent(Role.SHOP)
    return support.browser(shop), support.case(shop, line, Contact.VISIT)


def test_id_12_the_shop_enters_who_the_customer_is_and_the_contract_can_be_opened() -> None:
    line = lines.line(service="internet", number="net-900001")
    client, case_id = visit(line)
    address = f"/staff/case/{case_id}/customer/"
    assert "Данные абонента ещё не внесены" in words(client, f"/staff/case/{case_id}/")
    for wrong in ({"contract_number": "X-1"}, {"contact_number": "12"}, {"owner": ""}, {"number": "1"},
                  {"birth_date": "x"}, {"family_name": ""}, {"given_name": " "}):  # fmt: skip
        page = client.post(address, {**given(line), **wrong})
        assert page.status_code == 200, wrong
        assert "Ошибка:" in page.content.decode()
    assert known.contract(line.contract_id).entered_at is None
    assert client.post(address, given(line))["Location"] == f"/staff/case/{case_id}/"
    entered = known.contract(line.contract_id)
    assert entered
    assert (entered.contact_number, entered.entered_at is None) == ("+79005550011", False)
    assert known.verify(line.party_id, document="4509123456") == {"document": True}
    assert "Личность подтверждена" in words(client, f"/staff/case/{case_id}/")
    assert client.post(address, given(line)).status_code == 404, "once for a contract"
    assert verify.newest(1)[0].details == {"contact": "+7 900 ···-··-11", "document": "passport"}


def test_nobody_is_written_over_somebody_whose_document_is_known() -> None:
    line = support.customer()
    client, case_id = visit(line)
    address = f"/staff/case/{case_id}/customer/"
    refused = client.post(address, given(line, number="4444 000000"))
    assert refused.status_code == 409
    assert customers.Party.objects.get(id=line.party_id).family_name == "Орлова"
    assert known.verify(line.party_id, document=support.DOCUMENT) == {"document": True}
    assert client.post(address, given(line, number=support.DOCUMENT)).status_code == 302


def own_line(owner: Line) -> Line:
    """Return another line of the customer, on a contract of its own that nobody has entered."""
    contract = customers.Contract.objects.create(
        number="T-990001", party_id=owner.party_id, payment="prepaid", opened_on=now().date()
    )
    return lines.line(service="internet", number="fttx-99", contract_id=contract.pk, is_main=False)


def test_who_sees_the_contract_already_hears_that_its_codes_go_elsewhere_now() -> None:
    line = own_line(support.customer())
    agent = support.agent(Role.SHOP)
    client, case_id = support.browser(agent), support.case(agent, line, Contact.VISIT)
    SecurityEvent.objects.all().delete()
    sent = given(line, number=support.DOCUMENT)
    assert client.post(f"/staff/case/{case_id}/customer/", sent).status_code == 302
    acted = SecurityEvent.objects.filter(kind="agent acted").latest("id")
    assert (acted.by, acted.detail["deed"]) == (agent.by, "customer entered")
    assert ProcrastinateJob.objects.filter(args__event__kind="agent acted").exists()


def test_id_11_nobody_is_entered_into_a_cabinet_that_no_document_protects() -> None:
    """Whoever gets the contract's codes gets in: one agent alone could enter anybody, with a number of their own."""
    owner = support.customer()
    customers.Party.objects.filter(id=owner.party_id).update(document_hash="")
    line = own_line(owner)
    client, case_id = visit(line)
    assert "Данные абонента ещё не внесены" not in words(client, f"/staff/case/{case_id}/")
    assert client.post(f"/staff/case/{case_id}/customer/", given(line)).status_code == 404
    contract = known.contract(line.contract_id)
    assert contract
    assert (contract.entered_at, contract.contact_number) == (None, "")
    assert customers.Party.objects.get(id=owner.party_id).family_name == "Орлова"
