"""Features of the network that several services of a line need: on as long as one of them does (CAB-11)."""

from __future__ import annotations

import pytest

from abonent.domains.lines.products import actions as products
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import fulfilment
from abonent.domains.orders.rules import Action
from tests.factories import network, offers
from tests.factories import orders as make
from tests.factories.network import Switch
from tests.factories.orders import AT, has

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch")]


@pytest.fixture
def line(switch: Switch) -> Line:
    offers.load(offers.offer("one", network=("shared", "one")), offers.offer("two", network=("shared", "two")))
    return make.rich()


def product(line: Line, code: str) -> int:
    return next(one.id for one in products_queries.of_line(line.id) if one.offer_code == code)


def asked(line: Line, code: str, action: Action) -> None:
    """Place an order and have its command written down, while the network is silent."""
    fulfilment.take_up(order_id=make.place(line, code, action), at=AT)


def test_cab_11_a_service_that_waits_for_money_takes_nothing_from_one_that_is_paid(line: Line, switch: Switch) -> None:
    make.done(line, "one")
    make.done(line, "two")
    products.pause(product_ids=[product(line, "one")], at=AT)
    network.sweep(AT)
    assert switch.on[line.number] == {"shared", "two"}
    make.done(line, "two", Action.DISCONNECT)
    assert switch.on[line.number] == set(), "what is paused needs nothing"
    products.resume(product_ids=[product(line, "one")], at=AT)
    network.sweep(AT)
    assert switch.on[line.number] == {"shared", "one"}


def test_cab_11_what_one_order_brings_another_on_the_way_does_not_take(line: Line, switch: Switch) -> None:
    make.done(line, "one")
    asked(line, "two", Action.CONNECT)
    asked(line, "one", Action.DISCONNECT)
    make.work()
    assert (has(line), switch.on[line.number]) == ({"two"}, {"shared", "two"})


def test_cab_11_two_that_go_at_once_leave_nothing_behind(line: Line, switch: Switch) -> None:
    make.done(line, "one")
    make.done(line, "two")
    for code in ("one", "two"):
        asked(line, code, Action.DISCONNECT)
    make.work()
    assert (has(line), switch.on[line.number]) == (set(), set())
