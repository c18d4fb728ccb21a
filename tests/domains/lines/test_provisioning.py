"""Commands to the network: one by one for each line, asked until known, done once (CAB-11, OPS-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.lines import models
from abonent.domains.lines.ports import NoAnswer
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import queries as provisioning_queries
from abonent.domains.lines.provisioning import reconciling, rules
from abonent.domains.lines.provisioning.rules import OPEN, Event, State
from abonent.domains.lines.queries import Line
from tests.factories import lines, network, offers
from tests.factories.network import Killed, Switch

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def switch(settings: Any) -> Switch:
    return network.open_network(settings)


def ask(line: Line, *on: str, at: datetime = AT) -> UUID:
    """Write a command down; return its id, which is what it is done for, too."""
    command_id = uuid4()
    provisioning.enqueue(command_id=command_id, line_id=line.id, on=on, reference=command_id, at=at)
    return command_id


def state(command_id: UUID) -> State:
    found = provisioning_queries.command(command_id)
    assert found
    return found.state


@given(st.lists(st.sampled_from(list(Event)), max_size=8))
def test_cab_11_a_command_that_was_asked_ends_by_an_answer_only(events: list[Event]) -> None:
    """Whatever is tried, nothing that the network may have done counts as withdrawn, and no end is left."""
    now, asked = State.WAITING, False
    for event in events:
        before = now
        try:
            now = rules.after(now, event)
        except rules.NoSuchStep:
            continue
        asked |= event is Event.ASKED
        assert before in OPEN
        assert now is not State.WITHDRAWN or not asked
        assert now not in (State.DONE, State.REFUSED) or asked


@given(st.integers(0, 10_000))
def test_cab_11_pauses_grow_to_five_minutes(tries: int) -> None:
    assert timedelta(seconds=5) <= rules.pause(tries) <= rules.pause(tries + 1) <= timedelta(minutes=5)


def test_cab_11_commands_of_a_line_go_in_their_order(switch: Switch) -> None:
    one, other = lines.line(), lines.line()
    first, second, third = ask(one, "a"), ask(one, "b"), ask(other, "c")
    switch.later = 1
    network.sweep(AT)
    assert [command.id for command in switch.heard] == [first, third], "the second waits for the end of the first"
    network.sweep(AT + 5 * SECOND)
    assert [command.id for command in switch.did] == [third, first, second]
    assert {state(first), state(second), state(third)} == {State.DONE}


def test_cab_11_an_answer_that_was_lost_is_asked_for_under_the_same_id(switch: Switch) -> None:
    line = lines.line()
    command = ask(line, "a")
    switch.lost = 2
    for seconds in (0, 1, 5, 6, 15):
        network.sweep(AT + seconds * SECOND)
    assert state(command) is State.DONE
    assert [one.id for one in switch.heard] == [command] * 3
    assert len(switch.did) == 1


def test_cab_11_a_killed_worker_is_replaced_and_nothing_is_done_twice(switch: Switch) -> None:
    command = ask(lines.line(), "a")
    switch.deadly = 1
    with pytest.raises(Killed):
        network.sweep(AT)
    assert state(command) is State.SENT
    assert network.sweep(AT + 10 * SECOND) == [], "it may still be asked by whoever is dead"
    assert network.sweep(AT + rules.LEASE) == [State.DONE]
    assert len(switch.did) == 1


def test_cab_11_a_network_that_is_dead_for_an_hour_loses_and_doubles_nothing(switch: Switch) -> None:
    several = [lines.line() for _ in range(5)]
    commands = {line.id: [ask(line, feature) for feature in ("a", "b", "c")] for line in several}
    switch.down = True
    for minute in range(60):
        network.sweep(AT + timedelta(minutes=minute))
    assert switch.did == []
    switch.down = False
    for second in range(0, 600, 5):
        network.sweep(AT + timedelta(hours=1, seconds=second))
    assert len(switch.did) == 15
    for line in several:
        assert [one.id for one in switch.did if one.line == line.number] == commands[line.id]
        assert switch.on[line.number] == {"a", "b", "c"}


def test_cab_11_only_what_was_never_asked_is_withdrawn(switch: Switch) -> None:
    line = lines.line()
    first, second = ask(line, "a"), ask(line, "b")
    switch.down = True
    network.sweep(AT)
    assert not provisioning.withdraw(command_id=first, at=AT)
    assert provisioning.withdraw(command_id=second, at=AT)
    assert provisioning.withdraw(command_id=second, at=AT)
    switch.down = False
    network.sweep(AT + timedelta(minutes=5))
    assert [command.id for command in switch.did] == [first]
    assert state(second) is State.WITHDRAWN


def test_cab_11_a_refusal_ends_it_with_the_networks_reason(switch: Switch) -> None:
    command = ask(lines.line(), "a")
    switch.refuses = True
    network.sweep(AT)
    found = provisioning_queries.command(command)
    assert found
    assert (found.state, found.reason) == (State.REFUSED, "no free resources")


def test_cab_11_the_same_command_again_is_one(switch: Switch) -> None:
    line, command = lines.line(), uuid4()
    for _ in range(2):
        provisioning.enqueue(command_id=command, line_id=line.id, on=["a"], reference=None, at=AT)
    assert models.ProvisioningCommand.objects.count() == 1


def test_ops_3_what_the_network_forgot_is_found_and_mended(switch: Switch) -> None:
    ids = offers.load()
    forgetful, good = lines.line(), lines.line()
    for line in (forgetful, good):
        products.begin(line_id=line.id, offer_version_id=ids["free"], at=AT)
        products.begin(line_id=line.id, offer_version_id=ids["daily"], at=AT)
    products.end(line_id=good.id, offer_code="daily", at=AT)
    switch.on = {forgetful.number: {"free", "loud", "emergency"}, good.number: {"free"}}
    later = AT + timedelta(hours=1)
    found = list(reconciling.reconcile(mend=False, at=later))
    assert [(one.line_id, one.missing, one.extra) for one in found] == [(forgetful.id, ("daily",), ("loud",))]
    assert list(reconciling.reconcile(mend=True, at=later)) == found
    assert list(reconciling.reconcile(mend=True, at=later)) == [], "it is being mended"
    network.sweep(later)
    assert switch.on[forgetful.number] == {"free", "daily", "emergency"}, "what is not ours stays"
    assert list(reconciling.reconcile(mend=True, at=later + SECOND)) == []


def test_ops_3_a_silent_network_mends_nothing(switch: Switch) -> None:
    ids = offers.load()
    products.begin(line_id=lines.line().id, offer_version_id=ids["free"], at=AT)
    switch.down = True
    with pytest.raises(NoAnswer):
        list(reconciling.reconcile(mend=True, at=AT))
    assert not models.ProvisioningCommand.objects.exists()


def test_cab_11_a_line_has_a_service_once() -> None:
    ids = offers.load()
    line = lines.line()
    first = products.begin(line_id=line.id, offer_version_id=ids["free"], at=AT)
    assert products.begin(line_id=line.id, offer_version_id=ids["free"], at=AT + SECOND) == first
    assert products.end(line_id=line.id, offer_code="free", at=AT - SECOND)
    assert products.end(line_id=line.id, offer_code="free", at=AT) is None
    assert products_queries.of_line(line.id) == []
    assert products_queries.of_lines([line.id], ended_after=AT - SECOND)[0].until == AT


@pytest.mark.django_db(transaction=True)
def test_cab_11_many_workers_ask_each_command_once(switch: Switch) -> None:
    line = lines.line()
    commands = [ask(line, str(number)) for number in range(4)]
    start = Barrier(6, timeout=60)

    def worker(_: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            network.sweep(AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(worker, range(6)))
    assert [command.id for command in switch.heard] == commands
