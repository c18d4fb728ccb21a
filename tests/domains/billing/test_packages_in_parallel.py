"""A gift while records are rated, two tabs that give the same, two that buy: on PostgreSQL, with threads (CAB-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections

from abonent.domains.billing import models
from abonent.domains.billing.gifts import actions as gifts
from abonent.domains.billing.gifts.queries import Gift
from abonent.domains.billing.packages.rules import Source
from abonent.domains.billing.transfers.states import State
from abonent.domains.ledger import queries as ledger
from abonent.domains.orders import actions, fulfilment
from abonent.domains.orders.actions import Refused
from abonent.domains.orders.queries import Order
from abonent.domains.orders.rules import Why
from abonent.domains.usage.rules import Kind
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.factories import billing, catalog, lines, network
from tests.factories import orders as ordering
from tests.factories import packages as make
from tests.factories import transfers as money
from tests.factories.billing import Use
from tests.factories.catalog import MIB

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8


@pytest.fixture(autouse=True)
def _leave_no_connection():
    yield
    close_old_connections()


def test_cab_12_gifts_and_records_at_once_give_nothing_twice_and_lose_nothing() -> None:
    """Eight gigabytes; at once four are given, in two tabs that confirm the same, and four records use one each."""
    anna, maria = lines.line(tariff_version_id=catalog.of_the_demo("legky")), money.maria()
    money.top_up(anna, 10_000)
    account_id, wish = money.account_of(anna), make.asked(anna, maria.number, 4 * 1024 * MIB)
    shown = money.code_for(wish, anna)
    at = now()

    def work(number: int) -> object:
        if number % 2:
            return gifts.confirm(gift_id=wish.id, account_id=account_id, shown=shown, at=at)
        records = [Use(anna.number, at - timedelta(minutes=number + 1), Kind.DATA, peer="", bytes=1024 * MIB)]
        return billing.store(records)

    answers = at_once(work, AT_ONCE)
    billing.use()
    done = [one for one in answers if isinstance(one, Gift)]
    assert {one.state for one in done} == {State.DONE}, answers
    assert models.GiftPart.objects.count() == 1
    (own,) = make.left(anna, "data", at)
    assert (own.given, own.left) == (4 * 1024 * MIB, 0)
    assert make.left(maria, "data", at, Source.GIFT)[0].left == 4 * 1024 * MIB
    assert models.Charge.objects.filter(record_id__isnull=False).count() == 0
    assert money.balances(anna) == [9_000]
    assert ledger.disagreements() == []


def test_cab_12_two_tabs_buy_one_package_each_form_once(settings: Any) -> None:
    make.load()
    network.open_network(settings)
    line = ordering.rich(tariff_version_id=catalog.small())
    wishes = [ordering.wish(line, "more-data") for _ in range(2)]

    def press(number: int) -> object:
        try:
            return actions.place(wish=wishes[number % 2], at=ordering.AT)
        except Refused as refused:
            return refused.refusal.why

    answers = at_once(press, AT_ONCE)
    (order_id,) = {one.id for one in answers if isinstance(one, Order)}
    assert {one for one in answers if not isinstance(one, Order)} <= {Why.ON_THE_WAY}
    at_once(lambda _: fulfilment.advance(order_id=order_id, at=ordering.AT), AT_ONCE)
    (left,) = make.left(line, "data", ordering.AT, Source.PACKAGE)
    assert (left.id, left.left) == (order_id, 2 * MIB)
    assert ordering.sums(line) == (40_000, 40_000)
