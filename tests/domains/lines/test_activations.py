"""Cards activated anew: limited, done by the network, told (FIX-3); and a card as a way to its contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from abonent.domains.lines import models, queries
from abonent.domains.lines.activations import actions as activations
from abonent.domains.lines.activations import queries as activations_queries
from abonent.domains.lines.activations import rules
from abonent.domains.lines.activations import rules as activations_rules
from abonent.domains.lines.activations.rules import Facts, Why
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind as Bar
from abonent.domains.lines.equipment import actions as equipment
from abonent.domains.lines.equipment.actions import Elsewhere
from abonent.domains.lines.equipment.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from tests.factories import fixed, network
from tests.factories.network import Switch

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
FACTS = Facts("satellite", True, fixed.CARD, False, False, ())


@pytest.fixture
def switch(settings: Any) -> Switch:
    return network.open_network(settings)


def ask(line: Line, at: datetime = AT, form: Any = None) -> Any:
    return activations.ask(activation_id=form or uuid4(), line_id=line.id, account_id=1, at=at)


def why(line: Line, at: datetime = AT) -> Why:
    with pytest.raises(activations.Refused) as refused:
        ask(line, at)
    return refused.value.refusal.why


def test_fix_3_it_sends_what_the_line_has_and_tells_when_it_is_done(switch: Switch) -> None:
    line, form = fixed.satellite(), uuid4()
    ask(line, form=form)
    assert ask(line, form=form).id == form, "a form sent twice is one"
    assert why(line) is Why.ON_THE_WAY
    network.sweep(AT + timedelta(seconds=1))
    assert [command.on for command in switch.did] == [("tariff-nebo",)]
    activations.settle(activation_id=form, at=AT + timedelta(seconds=2))
    activations.settle(activation_id=form, at=AT + timedelta(seconds=3))
    [done] = activations_queries.lately(line.id)
    assert (done.failed, done.ended_at is not None) == (False, True)
    assert models.Activation.objects.count() == 1


def test_fix_3_what_the_network_refuses_is_told_and_counts_for_nothing(switch: Switch) -> None:
    line, form = fixed.satellite(), uuid4()
    switch.refuses = True
    ask(line, form=form)
    network.sweep(AT + timedelta(seconds=1))
    activations.settle_open(at=AT + timedelta(seconds=2))
    assert activations_queries.lately(line.id)[0].failed
    assert activations_queries.refused(line, AT + timedelta(seconds=3)) is None


@pytest.mark.usefixtures("switch")
def test_fix_3_it_is_refused_and_says_why() -> None:
    line = fixed.satellite()
    internet = fixed.line()
    assert why(internet) is Why.NOT_SATELLITE
    bars.impose(line_id=line.id, kind=Bar.UNPAID, by="clock", at=AT)
    assert why(line) is Why.BARRED
    equipment.take_back(device_id=models.Device.objects.get(kind=Kind.CARD).pk, day=AT.date())
    bars.lift(line_id=line.id, kind=Bar.UNPAID, by="clock", at=AT)
    assert why(line) is Why.NO_CARD
    assert not models.Activation.objects.exists()
    assert Message.objects.filter(template="activation").count() == 0


def test_fix_3_so_many_an_hour_and_then_again() -> None:
    asked = [AT - timedelta(minutes=50), AT - timedelta(minutes=20), AT - timedelta(hours=3)]
    facts = Facts("satellite", True, fixed.CARD, False, False, asked)
    refusal = rules.refused(facts, AT)
    assert refusal is not None
    assert (refusal.why, refusal.again_at) == (Why.TOO_OFTEN, AT + timedelta(minutes=10))
    assert rules.refused(facts, AT + timedelta(minutes=10)) is None
    assert rules.refused(FACTS, AT) is None
    assert len(asked) > activations_rules.AN_HOUR_MAX


def test_fix_3_a_card_is_found_by_staff_and_belongs_to_one_line() -> None:
    line = fixed.satellite()
    found = queries.find(f"{fixed.CARD[:4]} {fixed.CARD[4:8]} {fixed.CARD[8:]}")
    assert [one.line_id for one in found] == [line.id]
    assert queries.find(fixed.CARD[:-1] + str((int(fixed.CARD[-1]) + 1) % 10)) == []
    other = fixed.line("sat-000002", "satellite", "nebo")
    with pytest.raises(Elsewhere):
        fixed.hand_out(other, Kind.CARD, fixed.CARD)
    assert models.Device.objects.count() == 1
