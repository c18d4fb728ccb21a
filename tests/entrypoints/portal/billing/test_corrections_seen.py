"""What the customer sees of money that staff moved (OPS-3), wherever a sum is seen."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from abonent.domains.billing.corrections import actions as corrections
from abonent.domains.billing.corrections.actions import Wish
from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.support import jobs
from abonent.domains.support.rules import Deed, Role
from abonent.foundation.clock import now
from tests.factories import bills, cabinet, identity, payments, support, topups
from tests.factories import corrections as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


def test_ops_3_a_credit_is_seen_with_its_reason_and_its_charge_everywhere() -> None:
    line = cabinet.line()
    client = identity.browser(line)
    bills.pay(line, now(), 50_000)
    charge_id, one = make.charge(line, 15_000), uuid4()
    wish = Wish(one, line.contract_id, line.id, Kind.CREDIT, 4_000, "not ordered", charge_id)
    corrections.post(wish=wish, at=now())
    assert "Корректировка в вашу пользу Услугу не заказывали" in words(client, "/home/")
    assert "Корректировки" in words(client, "/expenses/")
    found = words(client, "/statement/?type=fees")
    assert "Корректировка в вашу пользу" in found
    assert "Услугу не заказывали" in found
    why = words(client, f"/statement/charge/{one}/")
    assert "Услугу не заказывали" in why
    assert "Исправленное списание" in why
    assert "Тариф" not in why.partition("Услугу не заказывали")[2].partition("Исправленное")[0]
    assert "Возвращено 40,00 ₽" in words(client, f"/statement/charge/{charge_id}/")
    assert client.get(f"/statement/charge/{uuid4()}/").status_code == 404
    for extension in ("csv", "xlsx", "pdf"):
        assert client.get(f"/statement/statement.{extension}?type=fees").status_code == 200


def test_ops_3_a_refund_stands_in_the_history_with_its_reason(bank: payments.Bank) -> None:
    agent, line = support.agent(Role.CONTACT_CENTRE), make.customer(0)
    client = identity.browser(line)
    payment_id = make.paid(bank, line)
    proposal_id = make.proposed(
        agent, support.checked(agent, line), Deed.REFUND, amount_minor=20_000, reason="paid by mistake",
        payment_id=payment_id,
    )  # fmt: skip
    make.decide(support.agent(Role.ACCOUNTING), proposal_id)
    jobs.give_back_agreed(str(proposal_id))
    topups.hear()
    receipt = words(client, f"/payments/{proposal_id}/")
    assert "Деньги вернулись туда, откуда пришли" in receipt
    assert "Платёж по ошибке" in receipt
    assert "Оплатить ещё раз" not in receipt
    assert "200,00 ₽" in words(client, f"/payments/{payment_id}/")
    assert "Возвращено Карта MIR •• 4321" in words(client, "/payments/")
    changes = words(client, "/security/changes/")
    assert "предложил коллеге вернуть платёж" in changes
    assert "согласовал возврат платежа" in changes
