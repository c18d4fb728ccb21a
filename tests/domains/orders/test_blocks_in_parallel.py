"""Blocks by many at once, and in the second of the fee, with real commits (CAB-13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from abonent.domains.billing.actions import charge_fees
from abonent.domains.catalog.rules import FeeTerms
from abonent.domains.lines import models as models_of_lines
from abonent.domains.lines.bars import actions as bars
from abonent.domains.orders import models
from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.blocks.rules import Why
from abonent.domains.orders.states import State
from tests.domains.orders.test_tariffs_in_parallel import together
from tests.factories import blocks as make_blocks
from tests.factories import network, offers
from tests.factories import orders as make
from tests.factories import tariffs as make_tariffs
from tests.factories.blocks import now, place, wish
from tests.factories.fees import BY_DAYS, DAILY, WHOLE_MONTH
from tests.factories.network import Switch
from tests.factories.orders import AT, assert_books_agree
from tests.factories.tariffs import paid, tariff

pytestmark = pytest.mark.django_db(transaction=True)
NEXT_PERIOD = datetime(2026, 4, 9, 21, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


@pytest.mark.parametrize("fee", [WHOLE_MONTH, BY_DAYS, DAILY], ids=["whole", "by-days", "daily"])
def test_cab_13_in_the_second_of_the_fee_the_days_of_the_block_are_not_paid(fee: FeeTerms) -> None:
    make_blocks.rules(free_days=40)
    lines = [make_tariffs.line(tariff("old", 30_000, fee), 5_000_000) for _ in range(2)]
    charge_fees(until=NEXT_PERIOD - DAY)
    orders = [place(now(line), date(2026, 4, 10), date(2026, 4, 25), at=NEXT_PERIOD - DAY) for line in lines]
    before = [paid(line) for line in lines]
    together(
        lambda: charge_fees(until=NEXT_PERIOD), lambda: make.work(NEXT_PERIOD),
        lambda: charge_fees(until=NEXT_PERIOD), lambda: make.work(NEXT_PERIOD),
    )  # fmt: skip
    make.work(NEXT_PERIOD)
    charge_fees(until=NEXT_PERIOD + 14 * DAY)
    for line, order, was in zip(lines, orders, before, strict=True):
        assert make.state(order) is State.COMPLETED
        assert paid(line) - was == 5_000, "only the block itself"
    charge_fees(until=NEXT_PERIOD + 15 * DAY)
    assert [paid(line) - was for line, was in zip(lines, before, strict=True)] == [
        5_000 + (30_000 if fee is DAILY else 15_000)
    ] * 2
    with transaction.atomic():
        assert_books_agree()


def test_cab_13_a_line_that_somebody_holds_keeps_no_other_from_the_end_of_its_block(switch: Switch) -> None:
    make_blocks.rules()
    stuck, other = make.rich(), make.rich(number="+79000000099")
    for line in (stuck, other):
        place(line, None, date(2026, 3, 20))
        make.work()
    at = datetime(2026, 3, 20, 3, tzinfo=UTC)
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            models_of_lines.Line.objects.select_for_update().get(id=stuck.id)
            held.set()
            done.wait(60)

    def end() -> None:
        held.wait(60)
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '100ms'")
        try:
            with pytest.raises(ExceptionGroup):
                blocks.end_due(at=at)
        finally:
            done.set()

    together(hold, end)
    assert (now(other).bars, now(stuck).bars) == ((), ("voluntary",))
    assert blocks.end_due(at=at) == 1, "the next round does it"


def test_cab_13_two_tabs_make_one_block_and_a_lost_phone_at_that_moment_is_blocked_as_well(switch: Switch) -> None:
    make_blocks.rules()
    line = make_tariffs.line(tariff("old", 31_000))
    charge_fees(until=AT)
    shown = [wish(line, None, date(2026, 3, 25)), wish(line, None, date(2026, 3, 26))]

    def press(number: int) -> object:
        try:
            return blocks.place(wish=shown[number // 2], at=AT).id
        except blocks.Refused as error:
            return error.refusal.why

    answers = together(
        *(lambda number=number: press(number) for number in range(4)),
        lambda: bars.report_lost(line_id=line.id, by="self", at=AT),
        lambda: bars.report_lost(line_id=line.id, by="self", at=AT),
    )
    assert sorted(map(str, answers[4:])) == ["False", "True"]
    made = [order.id for order in models.Order.objects.all()]
    assert len(made) <= 1
    assert set(map(str, answers[:4])) <= {*map(str, made), Why.ON_THE_WAY, Why.SILENT}
    together(lambda: make.work(AT), lambda: make.work(AT), lambda: make.work(AT))
    make.work(AT + timedelta(minutes=5))
    assert switch.on[line.number] == {"bar-all"}
    together(
        lambda: bars.found_again(line_id=line.id, by="self", at=AT + DAY),
        lambda: blocks.lift(line=now(line), by="self", at=AT + DAY),
        lambda: blocks.lift(line=now(line), by="self", at=AT + DAY),
    )
    make.work(AT + DAY)
    assert (list(now(line).bars), switch.on[line.number]) == ([], set())
    with transaction.atomic():
        assert_books_agree()
