"""Changes of the tariff by many at once, and in the second of the fee, with real commits (CAB-10)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from abonent.domains.billing.actions import charge_fees
from abonent.domains.catalog.rules import FeeTerms
from abonent.domains.orders import actions, fulfilment, models
from abonent.domains.orders.actions import Refused, TooLate
from abonent.domains.orders.rules import Why
from abonent.domains.orders.states import State
from abonent.domains.orders.tariffs import actions as tariffs
from tests.factories import network, offers
from tests.factories import orders as make
from tests.factories import tariffs as make_tariffs
from tests.factories.fees import BY_DAYS, DAILY, WAITS, WHOLE_MONTH
from tests.factories.network import Switch
from tests.factories.orders import AT, assert_books_agree, sums
from tests.factories.tariffs import fees_of, own, place, tariff, wish

pytestmark = pytest.mark.django_db(transaction=True)
NEXT_PERIOD = datetime(2026, 4, 9, 21, tzinfo=UTC)


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


def together(*work: Callable[[], object]) -> list[object]:
    """Do all of it at the same moment, each on a connection of its own; return what came back."""
    start = Barrier(len(work), timeout=60)

    def alone(one: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            start.wait()
            return one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(alone, work))


@pytest.mark.parametrize("fee", [WHOLE_MONTH, WAITS, BY_DAYS, DAILY], ids=["whole", "waits", "by-days", "daily"])
def test_cab_10_in_the_second_of_the_fee_the_period_is_paid_once_by_the_new_tariff(fee: FeeTerms) -> None:
    lines = [make_tariffs.line(tariff("old", 31_000, fee)) for _ in range(3)]
    new = tariff("new", 45_001, WHOLE_MONTH, price_minor=700)
    orders = [place(line, new, NEXT_PERIOD) for line in lines]
    charge_fees(until=AT)
    before = [sums(line)[0] for line in lines]
    paid = [sum(int(str(row[1])) for row in fees_of(line)) for line in lines]
    together(
        lambda: charge_fees(until=NEXT_PERIOD), lambda: make.work(NEXT_PERIOD),
        lambda: charge_fees(until=NEXT_PERIOD), lambda: make.work(NEXT_PERIOD),
    )  # fmt: skip
    make.work(NEXT_PERIOD)
    charge_fees(until=NEXT_PERIOD)
    for line, order, had, was in zip(lines, orders, before, paid, strict=True):
        assert (make.state(order), own(line)) == (State.COMPLETED, "new")
        # Days of a daily fee between the two moments were due meanwhile.
        days = 30 * 31_000 if fee is DAILY else 0
        taken = sum(int(str(row[1])) for row in fees_of(line))
        assert taken - was == 45_001 + 700 + days, fees_of(line)
        assert sums(line) == (had - 45_001 - 700 - days,) * 2
    with transaction.atomic():
        assert_books_agree()


def test_cab_10_two_tabs_and_two_devices_make_one_order() -> None:
    line = make_tariffs.line(tariff("old", 31_000))
    charge_fees(until=AT)
    shown = [wish(line, tariff("new", 62_000, price_minor=5_000)), wish(line, tariff("other", 10_000))]

    def press(number: int) -> object:
        try:
            return tariffs.place(wish=shown[number // 2], at=AT).id
        except Refused as error:
            return error.refusal.why

    answers = together(*(lambda number=number: press(number) for number in range(4)))
    made = models.Order.objects.get().id
    assert sorted(map(str, answers)) == sorted(map(str, [made, made, Why.ON_THE_WAY, Why.ON_THE_WAY]))
    with pytest.raises(Refused):
        tariffs.place(wish=replace(shown[0], order_id=uuid4()), at=AT)


def test_cab_10_undone_or_done_but_not_both(switch: Switch) -> None:
    line = make_tariffs.line(tariff("old", 31_000))
    charge_fees(until=AT)
    order = place(line, tariff("new", 62_000, price_minor=5_000))
    fulfilment.take_up(order_id=order, at=AT)

    def undo() -> object:
        try:
            return actions.undo(order_id=order, line_ids=[line.id], at=AT).state
        except TooLate:
            return "too late"

    answer, _ = together(undo, lambda: make.work(AT))
    make.work(AT)
    if make.state(order) is State.CANCELLED:
        assert (answer, own(line), switch.on, sums(line)) == (State.CANCELLED, "old", {}, (469_000, 469_000))
    else:
        assert (answer, own(line), switch.on[line.number]) == ("too late", "new", {"tariff-new"})
    with transaction.atomic():
        assert_books_agree()
