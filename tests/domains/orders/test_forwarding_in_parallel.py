"""Forwarding from two tabs, and a stop in the second of the change, with real commits (CAB-14)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from abonent.domains.lines.models import Forwarding
from abonent.domains.lines.network import actions as told
from abonent.domains.orders import models
from abonent.domains.orders.actions import TooLate
from abonent.domains.orders.forwarding import actions as forwarding
from abonent.domains.orders.forwarding.rules import WAIT
from tests.domains.orders.test_tariffs_in_parallel import together
from tests.factories import forwarding as make
from tests.factories import network, offers
from tests.factories.forwarding import TARGET
from tests.factories.network import Switch
from tests.factories.orders import AT, rich

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


def test_cab_14_two_tabs_make_one_change_and_it_is_stopped_or_done_never_both(switch: Switch) -> None:
    line = rich()
    make.account(line)
    forms = [uuid4(), uuid4()]

    def press(number: int) -> str:
        try:
            return str(make.ask(line, (TARGET, "+74951234567")[number // 2], form=forms[number // 2]).id)
        except forwarding.Refused as refused:
            return refused.why

    answers = together(*(lambda number=number: press(number) for number in range(4)))
    change = models.ForwardingChange.objects.get()
    assert set(answers) == {str(change.id), "on the way"}

    def stop() -> str:
        try:
            forwarding.stop(change_id=change.id, line_ids=[line.id], at=AT + WAIT)
        except TooLate:
            return "late"
        return "stopped"

    stopped, *_ = together(
        stop, lambda: make.work(AT + WAIT), lambda: make.work(AT + WAIT),
        lambda: told.note_forwarding(number=line.number, condition="busy", target=TARGET, at=AT, key="phone"),
    )  # fmt: skip
    make.work(AT + WAIT)
    change.refresh_from_db()
    assert (change.state, len(switch.did)) == (("stopped", 0) if stopped == "stopped" else ("done", 1))
    assert set(make.goes_to(line)) == ({"busy"} if stopped == "stopped" else {"busy", "all"})


def test_cab_14_the_answer_and_the_network_s_own_word_at_one_moment_make_one_forwarding(switch: Switch) -> None:
    line = rich()
    make.account(line)
    make.called(line)
    change = make.ask(line)
    network.sweep(AT)

    def hear(key: str) -> object:
        return told.note_forwarding(number=line.number, condition="all", target=TARGET, at=AT, key=key)

    together(
        lambda: forwarding.settle(change_id=change.id, at=AT), lambda: hear("one"),
        lambda: forwarding.settle(change_id=change.id, at=AT), lambda: hear("two"),
    )  # fmt: skip
    assert Forwarding.objects.filter(line_id=line.id).count() == 1
    assert make.goes_to(line) == {"all": TARGET}
