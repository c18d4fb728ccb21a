"""Orders placed, undone and carried out by many at once, on a real PostgreSQL with real commits (CAB-11)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from abonent.domains.billing import products as money
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.orders import actions, models
from abonent.domains.orders.actions import Refused, TooLate
from abonent.domains.orders.rules import Why
from abonent.domains.orders.states import State
from tests.factories import network, offers
from tests.factories import orders as make
from tests.factories.network import Switch
from tests.factories.orders import AT

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 6


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


def together(work: Callable[[int], object]) -> list[object]:
    """Run `work(number)` on every client at the same moment; return what came back."""
    start = Barrier(CLIENTS, timeout=60)

    def client(number: int) -> object:
        try:
            connection.ensure_connection()
            start.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def test_cab_11_two_tabs_and_two_devices_make_one_order_and_one_hold() -> None:
    line = make.rich()
    shown = [make.wish(line, "monthly") for _ in range(CLIENTS // 2)]

    def press(number: int) -> object:
        try:
            return actions.place(wish=shown[number // 2], at=AT).id
        except Refused as error:
            return error.refusal.why

    answers = together(press)
    assert models.Order.objects.count() == 1
    assert answers.count(Why.ON_THE_WAY) == CLIENTS - 2, "the same form twice is one order; other forms are refused"
    assert money.available(line.contract_id) == 38_000


def test_cab_2_orders_at_once_never_hold_more_than_there_is() -> None:
    line = make.rich(12_000)

    def press(number: int) -> object:
        try:
            return actions.place(wish=wishes[number], at=AT).state
        except Refused as error:
            return error.refusal.why

    wishes = [make.wish(line, code) for code in ("monthly", "once", "daily", "monthly", "once", "daily")]
    together(press)
    held = sum(order.once_minor + order.fee_minor for order in models.Order.objects.all())
    assert 0 <= money.available(line.contract_id) == 12_000 - held


def test_cab_11_undone_or_done_but_not_both(switch: Switch) -> None:
    line = make.rich()
    for turn in range(4):
        order = make.place(line, "once")

        def act(number: int, order: Any = order) -> object:
            if number % 2:
                make.work(AT)
                return None
            try:
                return actions.undo(order_id=order, line_ids=[line.id], at=AT).state
            except TooLate:
                return "too late"

        before = money.available(line.contract_id)
        answers = set(together(act)) - {None}
        make.work(AT)
        has = {one.offer_code for one in products_queries.of_line(line.id)}
        if make.state(order) is State.CANCELLED:
            assert (has, answers) == (set(), {State.CANCELLED})
            assert money.available(line.contract_id) == before + 5_000
        else:
            assert (make.state(order), has, answers) == (State.COMPLETED, {"once"}, {"too late"})
            assert switch.on[line.number] == {"once"}
            break
        assert turn < 4
