"""Whose a line is, which number counts for an account, and how staff find it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from abonent.domains.customers.actions import NewContract, NewParty, register
from abonent.domains.customers.models import Contract
from abonent.domains.lines import models, queries
from abonent.domains.lines.actions import give_access
from abonent.domains.lines.network import actions as network
from abonent.foundation.clock import now
from tests.factories import customers, identity, lines

pytestmark = pytest.mark.django_db


def test_the_main_number_of_an_account_is_its_main_mobile_line() -> None:
    at = now()
    account = identity.account()
    main = lines.line()
    child = lines.line(contract_id=main.contract_id, is_main=False)
    give_access(line_id=child.id, account_id=account, at=at - timedelta(days=1))
    assert queries.main_number_of(account) == child.number
    give_access(line_id=main.id, account_id=account, at=at)
    assert queries.main_number_of(account) == main.number
    models.Line.objects.filter(id=main.id).update(closed_at=at)
    assert queries.main_number_of(account) == child.number


def test_an_account_without_a_mobile_line_has_no_number() -> None:
    account = identity.account()
    home = lines.line(number="net-1", service="internet", is_main=False)
    give_access(line_id=home.id, account_id=account, at=now())
    assert queries.main_number_of(account) is None
    assert queries.main_number_of(account + 1) is None


def test_a_line_is_seen_by_who_proved_it_and_by_the_owner_of_the_main_line() -> None:
    owner, child_account, stranger = identity.account(), identity.account(), identity.account()
    main = lines.line()
    child = lines.line(contract_id=main.contract_id, is_main=False)
    other = lines.line()
    give_access(line_id=main.id, account_id=owner, at=now())
    give_access(line_id=child.id, account_id=child_account, at=now())
    give_access(line_id=other.id, account_id=stranger, at=now())
    assert queries.accounts_of_line(child.id) == sorted([owner, child_account])
    assert queries.accounts_of_line(main.id) == [owner]
    models.Line.objects.filter(id=main.id).update(closed_at=now())
    assert queries.accounts_of_line(child.id) == [child_account]
    assert queries.accounts_of_line(child.id + 100) == []


def found(text: str) -> list[str]:
    return [line.number for line in queries.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "+79000000001", "8 (900) 000-00-01", "9000000001", "орлова", "ОРЛОВА анна", "орл ан", "Орлова Анна Ивановна",
        "C-1", "c1", "№ C-1", "7700 000 001", "7700000001",
    ],
)  # fmt: skip
def test_ops_1_staff_find_a_line_by_whatever_they_are_told(text: str) -> None:
    contract = customers.contract()
    Contract.objects.filter(id=contract).update(number="C1", account_number="7700000001")
    lines.line(number="+79000000001", contract_id=contract)
    lines.line(number="+79000000002", contract_id=customers.contract(customers.BORIS))
    assert found(text) == ["+79000000001"]


def test_ops_1_staff_find_by_login_by_contact_and_by_either_letter() -> None:
    contract = register(
        parties=[NewParty("Пётр", "", "Журавлёв")],
        contracts=[NewContract("C2", 0, "prepaid", date(2026, 1, 1), contact_number="+79161234567")],
    )[0]
    lines.line(number="net-000001", service="internet", contract_id=contract)
    for text in ("net-000001", "8 916 123-45-67", "журавлев петр", "ЖУРАВЛЁВ ПЁТР"):
        assert found(text) == ["net-000001"]
    assert found("журавлёв павел") == []


@pytest.mark.parametrize("text", ["", " ", "%", "__", "%%%", "\0", "о", "'; drop", "9" * 5000, "\ud800", "\\", "😀"])
def test_ops_1_nothing_is_found_by_what_means_nothing(text: str) -> None:
    lines.line(number="+79000000001")
    assert found(text) == []


def test_ops_1_no_more_than_twenty_are_found_those_served_first() -> None:
    contract = customers.contract()
    many = [lines.line(contract_id=contract, is_main=False) for _ in range(22)]
    models.Line.objects.filter(id=many[0].id).update(closed_at=now())
    shown = queries.find("орлова")
    assert len(shown) == 20
    assert all(line.is_open for line in shown)


def test_ops_1_who_holds_a_line_and_how_it_stands() -> None:
    line = lines.line(number="+79000000001")
    network.note_sim_replaced(number=line.number, imsi="999010000000007", at=now(), key="1")
    network.note_forwarding(number=line.number, condition="busy", target="+79161234567", at=now(), key="2")
    holder = queries.holder(line.id, now())
    assert (holder.name, holder.party_id, holder.number) == ("Орлова Анна Ивановна", line.party_id, line.number)
    assert holder.hold
    assert holder.forwarded
    assert holder.sim_since
    assert (holder.closed_at, holder.blocked_at, holder.close_reason) == (None, None, "")
    with pytest.raises(LookupError):
        queries.holder(line.id + 1, now())


def test_a_code_for_a_line_without_a_number_goes_to_what_its_contract_names() -> None:
    home = lines.line(number="net-1", service="internet", is_main=False)
    Contract.objects.filter(id=home.contract_id).update(contact_number="+79161234567", contact_email="a@example.org")
    assert queries.contact_of(home.id) == queries.Contact("", "")
    Contract.objects.filter(id=home.contract_id).update(entered_at=now())
    assert queries.contact_of(home.id) == queries.Contact("+79161234567", "a@example.org")
    mobile = lines.line(contract_id=home.contract_id)
    assert queries.contact_of(mobile.id) == queries.Contact(mobile.number, "")
    assert queries.contact_of(0) == queries.Contact("", "")
