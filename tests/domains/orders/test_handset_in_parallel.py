"""Confirmations from a phone that come at once, on a real PostgreSQL with real commits (CAB-11)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from abonent.domains.orders import models
from abonent.domains.orders.handset import actions as handset
from abonent.domains.orders.handset.rules import Kind, Said, Wanted
from tests.factories import network, offers
from tests.factories import orders as make
from tests.factories.network import Switch
from tests.factories.orders import AT, sums

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 6


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


def test_cab_11_the_same_question_and_the_same_yes_at_once_are_one_order_and_one_hold() -> None:
    line = make.rich()
    start, again = Barrier(CLIENTS, timeout=60), Barrier(CLIENTS, timeout=60)
    wanted = Wanted(Kind.CONNECT, "once")

    def client(_number: int) -> Said:
        try:
            connection.ensure_connection()
            start.wait()
            asked = handset.ask(line=line, account_id=None, channel="sms", wanted=wanted, language="ru", at=AT)
            again.wait()
            assert asked.wish_id
            return handset.confirm(wish_id=asked.wish_id, line=line, language="ru", at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        said = list(pool.map(client, range(CLIENTS)))
    assert {one.template for one in said} == {"order taken"}
    assert models.Order.objects.count() == models.HandsetWish.objects.count() == 1
    assert sums(line)[1] == 45_000
