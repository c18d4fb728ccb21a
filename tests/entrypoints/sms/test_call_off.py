"""An order from a phone is called off by a word while that is possible, once, and by nobody else (CAB-11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from abonent.domains.lines import actions as lines_actions
from abonent.domains.orders import models
from abonent.domains.orders.states import State
from abonent.foundation.clock import now
from tests.factories import blocks, channels, network, offers, promised
from tests.factories import orders as make
from tests.factories.channels import code, last, text
from tests.factories.network import Switch
from tests.factories.orders import assert_books_agree, sums

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    channels.load_words()
    blocks.rules()
    return network.open_network(settings)


def test_cab_11_the_last_order_is_called_off_and_its_money_is_free_again() -> None:
    line = channels.served()
    text(line, "вкл раз")
    digits = code(line)
    text(line, digits)
    assert sums(line) == (50_000, 45_000)
    for words in ("ОТМЕНА", "cancel"):
        text(line, words)
        assert "Заказ «Услуга Once» отменён" in last(line)
    text(line, digits)
    assert "отменён" in last(line), "the digits of before, sent again by the network"
    make.work(now())
    assert [row.state for row in models.Order.objects.all()] == [State.CANCELLED]
    assert sums(line) == (50_000, 50_000)
    assert_books_agree()


def test_cab_11_said_twice_it_calls_off_one_order_and_not_the_one_before() -> None:
    line = channels.served()
    for words in ("вкл месяц", "вкл раз"):
        text(line, words)
        text(line, code(line))
    for _ in range(2):
        text(line, "отмена")
    assert dict(models.Order.objects.values_list("offer_code", "state")) == {
        "monthly": State.ACKNOWLEDGED, "once": State.CANCELLED,
    }  # fmt: skip


def test_cab_11_what_waits_for_its_digits_is_dropped_first() -> None:
    line = channels.served()
    text(line, "вкл раз")
    digits = code(line)
    text(line, "отмена")
    assert "Ничего не заказано" in last(line)
    text(line, digits)
    assert not models.Order.objects.exists()
    assert sums(line) == (50_000, 50_000)


def test_cab_11_what_has_taken_effect_stays_and_says_how_to_be_rid_of_it() -> None:
    line = channels.served()
    text(line, "вкл раз")
    text(line, code(line))
    make.work(now())
    before = sums(line)
    text(line, "отмена")
    assert "ВЫКЛ" in last(line)
    assert (models.Order.objects.get().state, sums(line)) == (State.COMPLETED, before)


def test_cab_8_a_promise_that_was_paid_out_is_not_called_off() -> None:
    promised.rules()
    line = promised.regular(at=now())
    lines_actions.open_line(line_id=line.id, language="ru", at=now())
    text(line, "обещанный")
    text(line, code(line))
    before = sums(line)
    text(line, "отмена")
    assert "отменить" in last(line)
    assert sums(line) == before


def test_cab_11_nothing_of_another_line_of_a_day_ago_or_of_the_cabinet_is_called_off() -> None:
    line, other = channels.served(), channels.served()
    text(line, "вкл раз")
    text(line, code(line))
    placed = make.place(other, "once", at=now())
    text(other, "отмена")
    assert "нет заказов" in last(other)
    with time_machine.travel(now() + timedelta(days=1, minutes=1), tick=False):
        text(line, "отмена")
        assert "нет заказов" in last(line)
    assert models.Order.objects.get(line_id=line.id).state == State.ACKNOWLEDGED
    assert make.state(placed) is State.ACKNOWLEDGED
