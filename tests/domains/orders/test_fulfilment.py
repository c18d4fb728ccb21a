"""Orders on their way: the network silent, slow, refusing, workers that die, money that is missing (CAB-11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.billing.actions import charge_fees
from abonent.domains.billing.fees import messages as fees_messages
from abonent.domains.billing.fees.actions import charge_waiting
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.limits.rules import OnReached
from abonent.domains.identity import models as identity
from abonent.domains.lines import jobs as served_jobs
from abonent.domains.lines import models as served
from abonent.domains.lines import queries as lines
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.network import actions as lines_network
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.provisioning import queries as provisioning_queries
from abonent.domains.messaging.models import Message
from abonent.domains.orders import actions, fulfilment, jobs, models, reactions
from abonent.domains.orders.actions import TooLate
from abonent.domains.orders.rules import Why
from abonent.domains.orders.sims.rules import Form
from abonent.domains.orders.states import State
from tests.factories import billing, network, numbers, promised
from tests.factories import identity as people
from tests.factories import orders as make
from tests.factories.network import Killed, Switch
from tests.factories.orders import AT, assert_books_agree, charges, has, sums

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch")]
MINUTE = timedelta(minutes=1)


def announced(reaction: str) -> list[dict[str, Any]]:
    """Return the events that wait for an answer of that function."""
    return [
        json.loads(args)["event"]
        for (args,) in billing.rows(
            """select args::text from procrastinate_jobs
                where task_name = 'react' and args ->> 'reaction' = %s order by id""",
            [reaction],
        )
    ]


def test_cab_11_a_day_without_money_switches_it_off_until_there_is_some(switch: Switch) -> None:
    line = make.rich(400)
    make.done(line, "daily")
    product = products_queries.of_line(line.id)[0]
    tomorrow = AT + timedelta(days=1)
    charge_fees(until=tomorrow)
    assert sums(line) == (50, 50)
    assert announced("abonent.domains.lines.reactions.pause_products") == [{"product_ids": [product.id]}]
    assert fees_messages.tell(at=tomorrow) == 1
    assert Message.objects.get(template="service waits").params["missing"] == "300"
    for _ in range(2):
        products.pause(product_ids=[product.id], at=tomorrow)
    network.sweep(tomorrow)
    assert switch.on[line.number] == set()
    promised.pay(line, 1_000, at=tomorrow)
    assert charge_waiting(contract_ids=[line.contract_id], at=tomorrow + MINUTE) == 1
    assert sums(line) == (700, 700)
    assert announced("abonent.domains.lines.reactions.resume_products") == [{"product_ids": [product.id]}]
    assert fees_messages.tell(at=tomorrow + MINUTE) == 1
    assert fees_messages.tell(at=tomorrow + MINUTE) == 0
    for _ in range(2):
        products.resume(product_ids=[product.id], at=tomorrow + MINUTE)
    network.sweep(tomorrow + MINUTE)
    assert switch.on[line.number] == {"daily"}
    assert len(switch.did) == 3


def test_cab_11_what_the_network_was_asked_for_is_not_undone_what_it_was_not_is(switch: Switch) -> None:
    line = make.rich()
    switch.down = True
    first, second = make.place(line, "free"), make.place(line, "once")
    fulfilment.take_up(order_id=first, at=AT)
    make.work()
    fulfilment.note_asked(order_id=first, at=AT)
    assert (make.state(first), make.state(second)) == (State.IN_PROGRESS, State.PENDING)
    with pytest.raises(TooLate):
        actions.undo(order_id=first, line_ids=[line.id], at=AT)
    assert actions.undo(order_id=second, line_ids=[line.id], at=AT).state is State.CANCELLED
    switch.down = False
    make.work(AT + 5 * MINUTE)
    assert has(line) == {"free"}
    assert sums(line) == (50_000, 50_000)


def test_cab_11_asked_but_not_yet_told_so_is_too_late_as_well(switch: Switch) -> None:
    line = make.rich()
    order = make.place(line, "once")
    fulfilment.take_up(order_id=order, at=AT)
    network.sweep(AT)
    assert make.state(order) is State.PENDING
    with pytest.raises(TooLate):
        actions.undo(order_id=order, line_ids=[line.id], at=AT)
    fulfilment.settle(order_id=order, at=AT)
    assert make.state(order) is State.COMPLETED


def test_cab_11_a_refusal_of_the_network_releases_the_money_and_is_told(switch: Switch) -> None:
    line = make.rich()
    switch.refuses = True
    order = make.done(line, "monthly")
    assert (order.state, order.reason, sums(line)) == (State.FAILED, "no free resources", (50_000, 50_000))
    assert has(line) == set()
    assert charges(line) == []
    assert [message.template for message in Message.objects.all()] == ["order failed"]
    switch.refuses = False
    assert make.done(line, "monthly").state is State.COMPLETED


def test_cab_11_completion_is_told_and_stands_in_the_owners_history() -> None:
    line = make.rich()
    people.browser(line)
    make.done(line, "daily")
    message = Message.objects.get(template="order done")
    assert message.params["sum"] == "350"
    event = identity.SecurityEvent.objects.get(kind="order done")
    assert event.detail["service"] == "daily"


def test_id_19_a_deleted_account_placed_nothing() -> None:
    line = make.rich()
    people.browser(line)
    account_id = lines.account_of(line.id)
    assert account_id
    order = make.place(line, "free", account_id=account_id)
    reactions.forget_person(account_id=account_id)
    assert models.Order.objects.get(id=order).account_id is None


def test_cab_11_what_waits_for_its_owner_does_not_keep_others_from_their_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fulfilment, "AT_ONCE_MAX", 1)
    numbers.rules()
    numbers.order_sim(numbers.with_sim(make.rich(number="+79000000077")), Form.SHOP)
    order = make.place(make.rich(), "free", effective_at=AT + MINUTE)
    assert fulfilment.due(AT + MINUTE) == [order]


def test_cab_11_what_waits_for_a_worker_is_not_queued_once_more_by_each_round(switch: Switch) -> None:
    switch.down = True
    make.place(make.rich(), "free")
    for _ in range(3):
        jobs.advance_orders(0)
    make.work()
    network.sweep(AT)
    for _ in range(3):
        served_jobs.sweep_commands(0)
    queued = ProcrastinateJob.objects.filter(status="todo").values_list("task_name", flat=True)
    # One was queued with the command itself.
    assert (list(queued).count("advance_order"), list(queued).count("send_command")) == (1, 2)


def test_cab_11_a_command_that_was_never_asked_goes_with_its_line(switch: Switch) -> None:
    line = make.rich()
    switch.down = True
    first, second = make.place(line, "free"), make.place(line, "once")
    fulfilment.take_up(order_id=first, at=AT)
    make.work()
    lines_network.note_terminated(number=line.number, at=AT + MINUTE, key="end")
    fulfilment.give_up(line_id=line.id, at=AT + MINUTE)
    assert (make.state(second), sums(line)) == (State.FAILED, (50_000, 50_000))
    switch.down = False
    network.sweep(AT + 10 * MINUTE)
    assert len(switch.did) == 1, "what was asked once may be done already"
    fulfilment.settle(order_id=first, at=AT + 10 * MINUTE)
    assert make.state(first) is State.FAILED


def test_cab_11_a_line_is_judged_as_it_is_when_its_turn_comes() -> None:
    lost, ended = make.rich(), make.rich(number="+79000000077")
    forms = [make.wish(line, "once") for line in (lost, ended)]
    bars.report_lost(line_id=lost.id, by="self", at=AT)
    lines_network.note_terminated(number=ended.number, at=AT, key="end")
    for form, why in zip(forms, (Why.BLOCKED, Why.NOT_FOR_LINE), strict=True):
        with pytest.raises(actions.Refused) as refused:
            actions.place(wish=form, at=AT)
        assert (refused.value.refusal.why, sums(form.line)) == (why, (50_000, 50_000))


def test_cab_11_the_network_has_no_part_in_some() -> None:
    line = make.rich()
    order = make.place(line, "paper")
    fulfilment.take_up(order_id=order, at=AT)
    assert make.state(order) is State.COMPLETED
    assert provisioning_queries.asked_for(order) == []


def test_cab_11_a_line_that_is_gone_gets_its_money_back() -> None:
    line = make.rich()
    scheduled = make.place(line, "monthly", effective_at=AT + timedelta(days=5))
    running = make.place(line, "once")
    fulfilment.take_up(order_id=running, at=AT)
    served.Line.objects.filter(id=line.id).update(closed_at=AT + MINUTE)
    fulfilment.give_up(line_id=line.id, at=AT + MINUTE)
    make.work(AT + MINUTE)
    assert (make.state(scheduled), make.state(running)) == (State.FAILED, State.FAILED)
    assert sums(line) == (50_000, 50_000)


def test_cab_11_connected_in_another_period_than_shown_takes_no_more_than_shown(switch: Switch) -> None:
    """Shown for the last day of a period; the network comes back on the next: the run takes the new period's fee."""
    line = make.rich()
    evening = datetime(2026, 4, 9, 20, 50, tzinfo=UTC)
    switch.down = True
    order = make.place(line, "monthly", at=evening)
    assert make.order(order).fee_minor < 400
    make.work(evening)
    switch.down = False
    make.work(evening + timedelta(hours=1))
    assert make.order(order).taken_minor == 3_000
    assert sums(line) == (47_000, 47_000), "released, and the fee is left to the run"
    charge_fees(until=evening + timedelta(hours=2))
    assert sums(line) == (38_000, 38_000)


def test_cab_11_an_hour_without_the_network_loses_and_doubles_nothing(switch: Switch) -> None:
    several = [make.rich() for _ in range(2)]
    switch.down = True
    orders: list[UUID] = []
    for minute in range(0, 60, 10):
        at = AT + timedelta(minutes=minute)
        code = ("free", "once", "monthly", "daily", "base", "loud")[minute // 10]
        orders += [make.place(line, code, at=at) for line in several]
        for line in several:
            # A fee that waits and is paid again, a limit that is reached and stays so, each told twice (CAB-13).
            for kind, stands in ((Kind.UNPAID, minute < 30), (Kind.LIMIT, minute >= 30)) * 2:
                (bars.impose if stands else bars.lift)(line_id=line.id, kind=kind, by="test", at=at)
        make.work(at)
    assert {make.state(order) for order in orders} <= {State.PENDING, State.IN_PROGRESS}
    switch.down = False
    switch.lost = 5
    for minute in range(60, 90):
        make.work(AT + timedelta(minutes=minute))
    assert {make.state(order) for order in orders} == {State.COMPLETED}
    assert len(switch.did) == len(orders) + 3 * len(several)
    for line in several:
        assert switch.on[line.number] == {"free", "once", "monthly", "daily", "base", "loud", "bar-paid"}
        assert has(line) == {"free", "once", "monthly", "daily", "base", "loud"}
        assert sums(line) == (50_000 - 5_000 - 12_000 - 350,) * 2
    assert Message.objects.filter(template="order done").count() == len(orders)
    assert_books_agree()


BREAKS: dict[str, Callable[[Switch], None]] = {
    "asked and not answered": lambda switch: setattr(switch, "lost", 1),
    "killed after the network did it": lambda switch: setattr(switch, "deadly", 1),
    "not done at once": lambda switch: setattr(switch, "later", 2),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_cab_11_a_worker_that_dies_between_two_steps_is_replaced(broken: str, switch: Switch) -> None:
    """Each step is tried by workers that die right after it, and once more by the next ones."""
    line = make.rich()
    order = make.place(line, "monthly")
    BREAKS[broken](switch)
    for minute in range(6):
        at = AT + timedelta(minutes=minute)
        for step in (fulfilment.take_up, fulfilment.take_up, fulfilment.settle, fulfilment.note_asked):
            step(order_id=order, at=at)
        try:
            network.sweep(at)
        except Killed:
            continue
        for _ in range(2):
            fulfilment.advance(order_id=order, at=at)
    assert make.state(order) is State.COMPLETED
    assert len(switch.did) == 1
    assert sums(line) == (38_000, 38_000)
    assert models.Step.objects.filter(order_id=order).count() == 4
    assert Message.objects.filter(template="order done").count() == 1


def test_cab_19_what_a_service_costs_when_it_is_connected_has_the_limit_looked_at() -> None:
    line = make.rich()
    limits.set_limit(line_id=line.id, version=0, amount_minor=10_00, on_reached=OnReached.TELL, at=AT)
    assert make.done(line, "monthly").taken_minor
    looked = announced("abonent.domains.billing.reactions.look_at_limits")
    assert looked == [{"line_ids": [line.id], "at_once": False}]
