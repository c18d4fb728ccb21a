"""Who takes a number is stopped by a text from the handset that holds it (CAB-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from abonent.domains.customers import actions as customers
from abonent.domains.identity import freezing
from abonent.domains.lines import models as lines_models
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.porting import models
from abonent.domains.porting.rules import Reason
from abonent.domains.porting.states import State
from tests.factories import numbers, orders
from tests.factories import porting as make
from tests.factories.channels import answers, last, text
from tests.factories.porting import AT, OWNER, WINDOW, Central

pytestmark = pytest.mark.django_db
ANSWER_BY = AT + timedelta(hours=12)
IMSI = "250990000000055"
STOPPED = (State.STOPPED, Reason.OBJECTED)


@pytest.fixture(autouse=True)
def central(settings: Any) -> Any:
    make.rules()
    with time_machine.travel(AT, tick=True):
        yield make.open_central(settings)


@pytest.fixture
def line() -> Line:
    opened = orders.rich()
    customers.change_document(party_id=opened.party_id, document=OWNER.document)
    numbers.account(opened)
    return opened


def wanted(central: Central, line: Line) -> UUID:
    ref = central.want(line.number)
    make.hear(ref)
    return ref


def state(ref: UUID) -> tuple[str, str]:
    return models.PortOut.objects.values_list("state", "reason").get(ref=ref)


@pytest.mark.parametrize("to", ["3339", "111"])
@pytest.mark.parametrize("words", ["СТОП ПЕРЕНОС", "стоп-перенос!", "стоп перенсо", "Stop port", "cnjg gthtyjc"])
def test_cab_16_the_word_stops_it_and_the_other_operator_hears_it(
    central: Central, line: Line, words: str, to: str
) -> None:
    ref = wanted(central, line)
    assert "СТОП ПЕРЕНОС на 3339" in last(line)
    text(line, words, to=to)
    assert state(ref) == STOPPED
    assert "остаётся у нас" in last(line)
    make.work(AT + timedelta(minutes=1))
    assert [about for what, _, about in central.heard if what == "answer"] == [(False, "owner objects")]
    said = len(answers(line))
    text(line, words, to=to)
    assert "останавливать нечего" in last(line)
    text(line, words, to=to)
    assert len(answers(line)) == said + 1, "said once an hour"


def test_cab_16_it_stops_what_was_let_go_until_the_cut_off_and_then_says_whom_to_call(
    central: Central, line: Line
) -> None:
    ref = wanted(central, line)
    make.work(ANSWER_BY)
    with time_machine.travel(WINDOW - timedelta(hours=24), tick=False):
        text(line, "стоп перенос")
        assert state(ref) == (State.ACCEPTED, "")
        assert "уже поздно" in last(line)
        assert "0890" in last(line)
    with time_machine.travel(WINDOW - timedelta(hours=25), tick=False):
        text(line, "стоп перенос")
    assert state(ref) == STOPPED


def test_cab_16_a_sim_that_came_lately_stops_nothing(central: Central, line: Line) -> None:
    ref = wanted(central, line)
    make.work(ANSWER_BY)
    network.note_sim_replaced(number=line.number, imsi=IMSI, at=AT, key="s")
    text(line, "стоп перенос", imsi=IMSI)
    assert state(ref) == (State.ACCEPTED, "")
    assert "недавно сменилась SIM-карта" in last(line)


def test_cab_16_another_sim_another_number_and_another_word_stop_nothing(central: Central, line: Line) -> None:
    ref = wanted(central, line)
    lines_models.Sim.objects.create(line_id=line.id, imsi=IMSI, since=AT - timedelta(days=100))
    said = len(answers(line))
    text(line, "стоп перенос", imsi="250990000000056")
    assert len(answers(line)) == said, "a forged number is not answered"
    text(orders.rich(), "стоп перенос")
    for words in ("стоп", "stop sport", "стоп переносов всех", "перенос"):
        text(line, words, imsi=IMSI)
    assert state(ref) == (State.ASKED, "")


def test_cab_16_a_protected_cabinet_does_not_keep_its_owner_from_stopping(central: Central, line: Line) -> None:
    ref = wanted(central, line)
    freezing.freeze(account_id=numbers.account(line), event_id=None, at=AT, by="agent:1")
    text(line, "стоп перенос")
    assert state(ref) == STOPPED
