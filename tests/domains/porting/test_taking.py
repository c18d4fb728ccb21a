"""Another operator takes a number: told, decided, stopped, answered, gone, back (CAB-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from abonent.domains.customers import actions as customers
from abonent.domains.identity import freezing
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines import models as lines_models
from abonent.domains.lines import queries as lines
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.numbers import actions as kept
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.porting import models, queries, reactions
from abonent.domains.porting.rules import Reason
from abonent.domains.porting.states import State
from abonent.domains.porting.taking import actions as taking
from abonent.domains.porting.taking import asking as taking_asking
from tests.factories import numbers, orders
from tests.factories import porting as make
from tests.factories.porting import AT, OWNER, WINDOW, Central

pytestmark = pytest.mark.django_db
ANSWER_BY = AT + timedelta(hours=12)


@pytest.fixture(autouse=True)
def central(settings: Any) -> Central:
    make.rules()
    return make.open_central(settings)


@pytest.fixture
def line() -> Line:
    opened = orders.rich()
    customers.change_document(party_id=opened.party_id, document=OWNER.document)
    numbers.account(opened)
    return opened


def out(ref: UUID) -> queries.PortOut:
    return queries.port_out(stop_ref=models.PortOut.objects.get(ref=ref).stop_ref)


def answers(central: Central) -> list[object]:
    return [about for what, _, about in central.heard if what == "answer"]


def test_cab_16_the_owner_hears_at_once_and_silence_lets_the_number_go(central: Central, line: Line) -> None:
    ref = central.want(line.number)
    make.hear(ref)
    found = out(ref)
    assert (found.state, found.operator, found.line_id) == (State.ASKED, make.DONOR, line.id)
    sms = Message.objects.get(recipient=line.number, template="port out")
    assert str(found.stop_ref) in str(sms.params)
    assert SecurityEvent.objects.get(kind="port out asked").detail == {"number": line.number, "operator": make.DONOR}
    make.work(ANSWER_BY - timedelta(minutes=1))
    assert answers(central) == []
    make.work(ANSWER_BY)
    assert (out(ref).state, answers(central)) == (State.ACCEPTED, [(True, "")])
    central.say(ref, "ported", at=WINDOW)
    make.hear(ref, WINDOW + timedelta(minutes=1))
    assert out(ref).state is State.PORTED
    row = lines_models.Line.objects.get(id=line.id)
    assert (row.closed_at, row.close_reason) == (WINDOW, "line terminated")
    assert kept.add(numbers=[line.number], region="sreda") == 0, "a number that is away is given to nobody"
    central.say(ref, "returned")
    make.hear(ref, WINDOW + timedelta(days=90))
    assert out(ref).state is State.RETURNED
    free = lines_models.FreeNumber.objects.get(number=line.number)
    assert free.free_from == WINDOW + timedelta(days=90 + kept.REST_DAYS)
    assert not lines_models.AwayNumber.objects.exists()


def test_cab_16_the_owner_stops_it_before_and_after_our_answer(central: Central, line: Line) -> None:
    first = central.want(line.number)
    make.hear(first)
    taking.stop(stop_ref=out(first).stop_ref, at=AT)
    taking.stop(stop_ref=out(first).stop_ref, at=AT)
    make.work()
    assert (out(first).state, answers(central)) == (State.STOPPED, [(False, "owner objects")])
    second = central.want(line.number)
    make.hear(second)
    make.work(ANSWER_BY)
    assert out(second).state is State.ACCEPTED
    taking.stop(stop_ref=out(second).stop_ref, at=WINDOW - timedelta(hours=25))
    make.work(WINDOW - timedelta(hours=25))
    assert answers(central)[1:] == [(True, ""), (False, "owner objects")]
    third = central.want(line.number)
    make.hear(third)
    make.work(ANSWER_BY)
    with pytest.raises(taking.TooLate):
        taking.stop(stop_ref=out(third).stop_ref, at=WINDOW - timedelta(hours=24))
    assert out(third).state is State.ACCEPTED
    assert lines.served_by_number(line.number) is not None


def test_cab_16_a_debt_is_waited_for_and_paid_in_time(central: Central) -> None:
    poor = orders.rich(-30_000)
    customers.change_document(party_id=poor.party_id, document=OWNER.document)
    ref = central.want(poor.number)
    make.hear(ref)
    assert out(ref).state is State.ASKED
    orders.promised.pay(poor, 30_000, at=AT)
    make.work(ANSWER_BY)
    assert answers(central) == [(True, "")]
    taking.stop(stop_ref=out(ref).stop_ref, at=AT)
    orders.promised.spend(poor, 1)
    again = central.want(poor.number)
    make.hear(again)
    make.work(ANSWER_BY)
    assert (out(again).state, out(again).reason) == (State.REFUSED, Reason.DEBT)
    assert answers(central)[-1] == (False, "debt")


def _frozen(line: Line) -> None:
    freezing.freeze(account_id=numbers.account(line), event_id=None, at=AT, by="agent:1")


def _fresh(line: Line) -> None:
    network.note_sim_replaced(number=line.number, imsi="250990000000077", at=AT - timedelta(hours=71), key="s")


def _lost(line: Line) -> None:
    bars.impose(line_id=line.id, kind=Kind.LOST, by="self", at=AT)


@pytest.mark.parametrize(
    ("happens", "reason", "told"),
    [(_frozen, Reason.PROTECTED, "blocked"), (_fresh, Reason.FRESH_SIM, "blocked"), (_lost, Reason.BLOCKED, "blocked")],
)
def test_cab_16_a_takeover_does_not_take_the_number_along(
    central: Central, line: Line, happens: Any, reason: Reason, told: str
) -> None:
    happens(line)
    ref = central.want(line.number)
    make.hear(ref)
    assert (out(ref).state, out(ref).reason) == (State.REFUSED, reason)
    assert answers(central) == [(False, told)], "how a cabinet is protected is nobody's business"


def test_cab_16_another_document_and_another_number_are_refused_at_once(central: Central, line: Line) -> None:
    other = central.want(line.number, document="4509000000")
    make.hear(other)
    nobody = central.want("+79009990009")
    make.hear(nobody)
    assert (out(other).reason, out(nobody).reason) == (Reason.OTHER_OWNER, Reason.NOT_SERVED)
    assert answers(central) == [(False, "other owner"), (False, "not served")]
    assert not Message.objects.filter(recipient="+79009990009").exists()


def test_cab_16_without_a_document_one_of_staff_looks(central: Central) -> None:
    line = orders.rich()
    ref = central.want(line.number)
    make.hear(ref)
    assert out(ref).needs_human
    pk = models.PortOut.objects.get(ref=ref).pk
    taking.judge(pk=pk, fits=True, by="agent:1", at=AT)
    with pytest.raises(taking.Decided):
        taking.judge(pk=pk, fits=False, by="agent:2", at=AT)
    assert out(ref).state is State.ASKED, "its owner still has the time to stop it"
    make.work(ANSWER_BY)
    assert out(ref).state is State.ACCEPTED
    taking.stop(stop_ref=out(ref).stop_ref, at=AT)
    unseen = central.want(line.number)
    make.hear(unseen)
    make.work(ANSWER_BY)
    assert (out(unseen).state, out(unseen).reason) == (State.REFUSED, Reason.OTHER_OWNER)


def test_cab_16_it_was_not_me_stops_a_number_that_was_let_go(central: Central, line: Line) -> None:
    ref = central.want(line.number)
    make.hear(ref)
    make.work(ANSWER_BY)
    reactions.stop_leaving(account_id=numbers.account(line), event_id=1, kind="port out asked")
    assert (out(ref).state, out(ref).reason) == (State.STOPPED, Reason.PROTECTED)


def test_cab_16_our_answer_is_said_until_it_is_heard(central: Central, line: Line) -> None:
    ref = central.want(line.number, document="4509000000")
    make.hear(ref)
    central.heard.clear()
    models.PortOut.objects.filter(ref=ref).update(answered_at=None, next_try_at=AT)
    central.down = True
    make.work(AT + timedelta(minutes=5))
    assert models.PortOut.objects.get(ref=ref).answered_at is None
    central.down = False
    make.work(AT + timedelta(hours=1))
    make.work(AT + timedelta(hours=2))
    assert answers(central) == [(False, "other owner")]


def test_cab_16_a_lost_announcement_is_found_and_a_repeated_one_is_nothing_new(central: Central, line: Line) -> None:
    ref = central.want(line.number)
    taking_asking.find(at=AT)
    make.hear(ref)
    make.hear(ref)
    assert models.PortOut.objects.count() == 1
    assert Message.objects.filter(recipient=line.number, template="port out").count() == 1
    second = central.want(line.number)
    make.hear(second)
    assert (out(second).state, out(ref).state) == (State.REFUSED, State.ASKED), "one at a time"


def test_cab_16_who_takes_it_may_give_it_up(central: Central, line: Line) -> None:
    ref = central.want(line.number)
    make.hear(ref)
    central.say(ref, "cancelled")
    make.hear(ref)
    assert out(ref).state is State.CANCELLED
    central.say(ref, "ported", at=WINDOW)
    make.hear(ref, WINDOW)
    assert lines.served_by_number(line.number) is not None, "what was given up is over"
