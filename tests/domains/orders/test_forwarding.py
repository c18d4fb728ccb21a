"""Forwarding asked for, told, stopped, done by the network, and what follows for trust (CAB-14, ID-18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.identity import freezing
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines import models
from abonent.domains.lines import queries as line_queries
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.network.rules import Noted
from abonent.domains.lines.provisioning import reconciling as provisioning_reconciling
from abonent.domains.lines.queries import Line
from abonent.domains.lines.rules import HoldReason
from abonent.domains.messaging.models import Message
from abonent.domains.orders import models as tables
from abonent.domains.orders import reactions
from abonent.domains.orders.actions import DifferentOrder, TooLate
from abonent.domains.orders.forwarding import actions as forwarding
from abonent.domains.orders.forwarding.rules import WAIT, State, Why
from tests.factories.forwarding import TARGET, account, ask, called, goes_to, work
from tests.factories.network import Switch
from tests.factories.orders import AT, rich

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def journal(line: Line) -> list[str]:
    events = SecurityEvent.objects.filter(account_id=account(line), detail__number=line.number)
    return list(events.order_by("id").values_list("kind", flat=True))


def state(change_id: object) -> str:
    return tables.ForwardingChange.objects.get(id=change_id).state


def told(kind: str) -> list[dict[str, object]]:
    jobs = ProcrastinateJob.objects.filter(task_name="react").values_list("args", flat=True)
    return [job["event"] for job in jobs if job["event"].get("kind") == kind]


def test_cab_14_a_number_never_called_waits_is_told_to_all_and_is_stopped_with_one_press(switch: Switch) -> None:
    line = rich()
    called(line, duration_s=0)
    called(line, "+79169999999")
    change = ask(line)
    assert (change.state, change.effective_at) == (State.WAITING, AT + WAIT), "a call without an answer is none"
    assert journal(line) == ["forwarding asked"]
    assert [one["not_to"] for one in told("forwarding asked")] == [""], "the number itself hears of it, too"
    work(AT + 9 * MINUTE)
    assert not switch.heard
    with pytest.raises(forwarding.Refused) as refused:
        ask(line, "+74951234567")
    assert refused.value.why is Why.ON_THE_WAY
    with pytest.raises(forwarding.NoSuchChange):
        forwarding.stop(change_id=change.id, line_ids=[line.id + 1], at=AT)
    with pytest.raises(forwarding.NoSuchChange):
        forwarding.stop(change_id=uuid4(), line_ids=[line.id], at=AT)
    for _ in range(2):
        forwarding.stop(change_id=change.id, line_ids=[line.id], at=AT + 9 * MINUTE)
    work(AT + 11 * MINUTE)
    assert (state(change.id), switch.heard, goes_to(line)) == ("stopped", [], {})
    assert ask(line, "+74951234567").state is State.WAITING, "another may be asked for"


def test_id_18_what_the_network_has_done_counts_as_what_it_says_itself(switch: Switch) -> None:
    line = rich()
    called(line)
    form = uuid4()
    change = ask(line, condition="no answer", form=form)
    assert change.state is State.ASKED
    assert ask(line, condition="no answer", form=form).id == form, "sent again, it is the same"
    with pytest.raises(DifferentOrder):
        ask(line, condition="busy", form=form)
    assert goes_to(line) == {}, "not before the network says so"
    work(AT)
    assert switch.on[line.number] == {f"forward-no-answer:{TARGET}"}
    assert goes_to(line) == {"no answer": TARGET}
    assert journal(line) == ["forwarding changed"]
    assert [one["not_to"] for one in told("forwarding changed")] == [line.number]
    assert Message.objects.filter(template="security", recipient=line.number).count() == 1, "and the number by itself"
    hold = line_queries.hold_of(line.id, AT + MINUTE)
    assert hold is not None
    assert hold.reason is HoldReason.FORWARDING
    # The network tells of the same, a moment before and after: it is one truth, and nothing new.
    for key, at in (("late", AT + MINUTE), ("again", AT + 2 * MINUTE)):
        said = network.note_forwarding(number=line.number, condition="no answer", target=TARGET, at=at, key=key)
        assert said is Noted.NOTHING_NEW
    network.note_forwarding(number=line.number, condition="no answer", target=TARGET, at=AT - MINUTE, key="early")
    assert models.Forwarding.objects.filter(line_id=line.id).count() == 1
    with pytest.raises(TooLate):
        forwarding.stop(change_id=form, line_ids=[line.id], at=AT)
    assert not list(provisioning_reconciling.reconcile(mend=True, at=AT + MINUTE)), "it is the network's, not ours"
    ask(line, "+74951234567", "no answer", at=AT + 3 * MINUTE)
    work(AT + 3 * MINUTE + WAIT)
    assert switch.on[line.number] == {"forward-no-answer:+74951234567"}
    ask(line, "", "no answer", at=AT + 20 * MINUTE)
    work(AT + 20 * MINUTE)
    assert (switch.on[line.number], goes_to(line)) == (set(), {})
    assert models.Forwarding.objects.filter(line_id=line.id).count() == 2, "the history stays"


def test_cab_14_a_refusal_changes_nothing_and_is_told_and_lost_answers_do_it_once(switch: Switch) -> None:
    line = rich()
    called(line)
    switch.refuses = True
    refused = ask(line)
    work(AT)
    assert (state(refused.id), goes_to(line), journal(line)) == ("failed", {}, [])
    assert Message.objects.filter(template="forwarding failed", recipient=line.number).count() == 1
    switch.refuses, switch.lost = False, 2
    change = ask(line, at=AT + MINUTE)
    for minutes in range(1, 5):
        work(AT + minutes * MINUTE)
    # The event that tells of the end is lost or comes twice: the same.
    reactions.settle("", f"{change.id}")
    assert (state(change.id), len(switch.did), goes_to(line)) == ("done", 1, {"all": TARGET})


def freeze(line: Line) -> None:
    freezing.freeze(account_id=account(line), event_id=None, at=AT + MINUTE)


def lose(line: Line) -> None:
    bars.report_lost(line_id=line.id, by="self", at=AT + MINUTE)


def replace_sim(line: Line) -> None:
    network.note_sim_replaced(number=line.number, imsi="250990000000077", at=AT + MINUTE, key="sim")


def release(line: Line) -> None:
    network.note_released(number=line.number, at=AT + MINUTE, key="gone")


@pytest.mark.parametrize("happens", [freeze, lose, replace_sim, release])
def test_id_18_a_wait_comes_to_nothing_when_its_owner_is_in_doubt_by_then(
    switch: Switch, happens: Callable[[Line], None]
) -> None:
    line = rich()
    change = ask(line)
    happens(line)
    work(AT + WAIT)
    assert state(change.id) == ("failed" if happens is release else "stopped")
    assert not [command for command in switch.heard if any(one.startswith("forward") for one in command.on)]
    assert goes_to(line) == {}


def test_cab_14_nothing_is_asked_of_a_protected_cabinet_and_a_blocked_line(switch: Switch) -> None:
    line = rich()
    bars.impose(line_id=line.id, kind=Kind.UNPAID, by="clock", at=AT)
    with pytest.raises(forwarding.Refused) as refused:
        ask(line)
    assert refused.value.why is Why.BLOCKED
    bars.lift(line_id=line.id, kind=Kind.UNPAID, by="clock", at=AT)
    freeze(line)
    with pytest.raises(freezing.Frozen):
        ask(line)
    assert not tables.ForwardingChange.objects.exists()


def test_cab_14_who_is_forgotten_leaves_no_name_and_what_waits_is_not_done(switch: Switch) -> None:
    line = rich()
    change = ask(line)
    reactions.forget_person(account(line))
    work(AT + WAIT)
    assert state(change.id) == "stopped"
    assert not switch.heard
