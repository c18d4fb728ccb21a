"""A worker's round over many customers: one that fails holds up no other, and the job fails where one looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
import time_machine

from abonent.domains.billing import equipment, jobs, models, queries
from abonent.domains.billing.cashback import actions as cashback
from abonent.domains.billing.family_pays import actions as family_pays
from abonent.domains.billing.idle import actions as idle
from abonent.domains.billing.promised import repayment as promised_repayment
from abonent.domains.billing.promised.rules import State
from tests.factories import cashback as purchases
from tests.factories import fixed, lines, promised, transfers

pytestmark = pytest.mark.django_db
AT = fixed.AT


@pytest.fixture(autouse=True)
def _at_that_day() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def fails_once(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the first call of something fail."""

    def fail(module: ModuleType, name: str) -> None:
        real, failed = getattr(module, name), []

        def act(*given: Any, **named: Any) -> Any:
            if not failed:
                failed.append(True)
                raise ValueError(name)
            return real(*given, **named)

        monkeypatch.setattr(module, name, act)

    return fail


def test_cashback_of_others_comes(fails_once: Any) -> None:
    purchases.partner()
    first, second = (lines.line(opened_at=AT - timedelta(days=40)) for _ in range(2))
    for number, line in enumerate((first, second)):
        purchases.take(purchases.row(line, purchase_id=f"T-{number}"))
    fails_once(cashback, "_locked")
    with pytest.raises(ExceptionGroup):
        purchases.accrue()
    assert models.CashbackPurchase.objects.filter(state="accrued").count() == 1
    assert purchases.accrue() == 1


def test_other_members_are_covered(fails_once: Any) -> None:
    payer, members = transfers.rich(500_000), (transfers.maria(50_000), transfers.rich(50_000))
    for one in members:
        transfers.agreed(payer, one)
        transfers.drain(one, 45_000)
    fails_once(family_pays, "cover")
    with pytest.raises(ExceptionGroup):
        family_pays.cover_all(at=AT)
    assert sorted(transfers.balances(*members)) == [5_000, 35_000]
    assert family_pays.cover_all(at=AT) == 1


def test_other_promises_are_taken_back(fails_once: Any) -> None:
    with time_machine.travel(promised.NOW, tick=False):
        promised.rules()
        for _ in range(2):
            promised.take(promised.regular(), amount_minor=10_000)
    fails_once(promised_repayment, "_take_back")
    late = promised.NOW + timedelta(days=30)
    with pytest.raises(ExceptionGroup):
        promised_repayment.take_back_due(now=late)
    assert models.Promise.objects.filter(state=State.ACTIVE).count() == 1
    assert promised_repayment.take_back_due(now=late) == 1


def test_other_things_are_paid_for(fails_once: Any) -> None:
    for number in (1, 2):
        line = fixed.line(f"net-00000{number}")
        fixed.hand_out(line, terms=fixed.RENTED, serial=f"OW6A0000{number}")
    fails_once(equipment, "_charge")
    at = AT.replace(month=12, day=2)
    with pytest.raises(ExceptionGroup):
        equipment.charge_due(at=at)
    assert models.Charge.objects.filter(category="equipment").count() == 3
    assert equipment.charge_due(at=at) == 1


def test_other_numbers_are_warned(fails_once: Any) -> None:
    for _ in range(2):
        lines.line(opened_at=AT - timedelta(days=400))
    fails_once(idle, "_warn")
    with pytest.raises(ExceptionGroup):
        idle.run(at=AT)
    assert models.IdleLine.objects.count() == 1
    assert idle.run(at=AT).warned == 1


def test_fees_that_fail_hold_up_neither_rent_nor_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    line = fixed.line()
    fixed.hand_out(line, terms=fixed.RENTED)

    def fail(**_: object) -> None:
        raise ValueError

    monkeypatch.setattr(jobs.actions, "charge_fees", fail)
    with time_machine.travel(AT.replace(month=12, day=2), tick=False), pytest.raises(ExceptionGroup):
        jobs.charge_fees(0)
    assert queries.balance(line.contract_id) == -19800
