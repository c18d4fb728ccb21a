"""How people pay."""

from __future__ import annotations

from datetime import date, timedelta

from abonent.demo.payments import payments
from abonent.demo.people import PlannedContract, _opened
from tests.demo.worlds import NOW, world


def contract(payment: str = "prepaid", last_payment: int = 0) -> PlannedContract:
    return PlannedContract("100000042", 0, payment, world(10, 90).first_day, last_payment)


def spending() -> dict[date, int]:
    first = world(10, 90).first_day
    return {first + timedelta(days=day): 65_000 if day % 30 == 0 else 1_230 * (day % 3) for day in range(91)}


def test_prepaid_pays_before_the_money_runs_out() -> None:
    some = world(10, 90)
    spent = spending()
    planned = payments(some, contract(), _opened(some.first_day), spent)
    for day in spent:
        come_in = sum(p.amount_minor for p in planned if p.at.date() <= day)
        assert come_in >= sum(amount for other, amount in spent.items() if other <= day)
    assert all(p.amount_minor % 5_000 == 0 for p in planned)
    assert [p.at for p in planned] == sorted({p.at for p in planned})
    assert len({p.payment_id for p in planned}) == len(planned)
    assert planned == payments(some, contract(), _opened(some.first_day), spent)


def test_a_contract_pays_what_each_past_month_cost() -> None:
    some = world(10, 90)
    spent = spending()
    planned = payments(some, contract("postpaid"), _opened(some.first_day), spent)
    assert 2 <= len(planned) <= 3
    months = sorted({day.replace(day=1) for day in spent})
    bills = [sum(amount for day, amount in spent.items() if day.replace(day=1) == month) for month in months]
    assert [p.amount_minor for p in planned] == bills[: len(planned)]
    assert all(p.at <= NOW for p in planned)


def test_the_forgetful_stop_paying() -> None:
    some = world(10, 90)
    planned = payments(some, contract(last_payment=40), _opened(some.first_day), spending())
    assert max(p.at.date() for p in planned) <= some.today - timedelta(days=40)
