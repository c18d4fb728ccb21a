"""Money that comes in."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import transaction

from abonent.domains.billing import actions, queries
from abonent.domains.billing.actions import NewPayment
from abonent.domains.ledger import queries as ledger
from abonent.domains.ledger.actions import DifferentTransfer
from tests.factories import billing, customers
from tests.factories.billing import march

pytestmark = pytest.mark.django_db


def payment(contract_id: int, amount_minor: int = 50_000) -> NewPayment:
    return NewPayment(uuid4(), contract_id, amount_minor, march(5), "card", "•• 4242")


def payments() -> list[tuple[object, ...]]:
    return billing.rows("select id, amount_minor, method, detail from billing_payment")


def test_a_payment_is_added_once() -> None:
    contract_id = customers.contract()
    new = {"payment_id": uuid4(), "contract_id": contract_id, "amount_minor": 50_000, "at": march(5), "method": "card"}
    assert [actions.top_up(**new) for _ in range(3)] == [True, False, False]
    assert queries.balance(contract_id) == 50_000
    assert payments() == [(new["payment_id"], 50_000, "card", "")]


@pytest.mark.parametrize(
    "change",
    [{"amount_minor": 50_001}, {"at": march(6)}, {"method": "cash"}, {"contract_id": None}],
    ids=lambda change: next(iter(change)),
)
def test_another_payment_under_a_taken_id_is_refused(change: dict[str, object]) -> None:
    contract_id, other = customers.contract(), customers.contract()
    first = payment(contract_id)
    actions.top_up_many([first])
    different = replace(first, **{name: value or other for name, value in change.items()})
    with pytest.raises(DifferentTransfer), transaction.atomic():
        actions.top_up_many([different])
    assert (queries.balance(contract_id), queries.balance(other)) == (50_000, 0)
    assert payments() == [(first.payment_id, 50_000, "card", "•• 4242")]


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_a_payment_of_nothing_or_less_is_refused(amount_minor: int) -> None:
    contract_id = customers.contract()
    with pytest.raises(ValueError, match="positive"), transaction.atomic():
        actions.top_up_many([payment(contract_id), payment(contract_id, amount_minor)])
    assert payments() == []
    assert queries.balance(contract_id) == 0


def test_many_payments_go_in_together() -> None:
    contracts = [customers.contract() for _ in range(3)]
    new = [payment(contract_id, 100 * number) for number, contract_id in enumerate(contracts, start=1)]
    assert actions.top_up_many([*new, new[0]]) == 3
    assert actions.top_up_many([*new, payment(contracts[0], 5)]) == 1
    assert [queries.balance(contract_id) for contract_id in contracts] == [105, 200, 300]
    assert ledger.disagreements() == []


def test_no_payments_are_nothing() -> None:
    assert actions.top_up_many([]) == 0


def test_an_account_is_opened_once() -> None:
    contracts = [customers.contract() for _ in range(2)]
    opened = actions.open_accounts(contract_ids=contracts)
    assert actions.open_accounts(contract_ids=[*contracts, *contracts]) == opened
    assert set(opened) == set(contracts)
    assert actions.open_accounts(contract_ids=[]) == {}
