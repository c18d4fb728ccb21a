"""Call barring: which calls, what the network is asked, what stays when it fails (CAB-14, 3GPP TS 22.088)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.demo.network.store import Store
from abonent.domains.identity import freezing
from abonent.domains.identity.freezing import Frozen
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.rules import Guards
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.orders import models
from abonent.domains.orders.actions import DifferentOrder
from abonent.domains.orders.barring import actions as barring
from abonent.domains.orders.barring import queries as barring_queries
from abonent.domains.orders.barring.rules import PROGRAMS, Direction, State, Why, switched
from abonent.domains.orders.barring.rules import bars as is_barred
from tests.factories import forwarding, network
from tests.factories.network import Switch
from tests.factories.orders import AT, rich

PIN = "4071"
NUMBER = "+79000000001"
programs = st.sampled_from(Direction).flatmap(
    lambda way: st.tuples(st.just(way), st.sampled_from(("", *PROGRAMS[way])))
)


@given(st.lists(programs))
def test_cab_14_the_network_ends_with_the_latest_programme_of_each_direction(
    changes: list[tuple[Direction, str]],
) -> None:
    store = Store(Path(":memory:"))
    for way, program in changes:
        on, off = switched(way, program)
        store.switch(NUMBER, {"on": on, "off": off})
    assert set(store.features(NUMBER)) == {f"barring-{way}:{one}" for way, one in dict(changes).items() if one}


@given(
    out=st.sampled_from(("", *PROGRAMS[Direction.OUT])),
    abroad=st.booleans(),
    to_abroad=st.booleans(),
    home=st.booleans(),
)
def test_cab_14_outgoing_programmes_bar_what_their_names_say(
    out: str, abroad: bool, to_abroad: bool, home: bool
) -> None:
    barred = is_barred({Direction.OUT: out}, outgoing=True, abroad=abroad, to_abroad=to_abroad, to_home=home)
    assert barred == {
        "": False, "all": True, "international": to_abroad, "international-but-home": to_abroad and not home,
    }[out]  # fmt: skip
    assert not is_barred({Direction.OUT: out}, outgoing=False, abroad=abroad, to_abroad=to_abroad, to_home=home)


@given(program=st.sampled_from(("", *PROGRAMS[Direction.IN])), abroad=st.booleans())
def test_cab_14_incoming_programmes_bar_what_their_names_say(program: str, abroad: bool) -> None:
    barred = is_barred({Direction.IN: program}, outgoing=False, abroad=abroad, to_abroad=False, to_home=False)
    assert barred == {"": False, "all": True, "roaming": abroad}[program]


@pytest.fixture
def line(switch: Switch) -> Line:
    found = rich()
    pins.choose(line=found, guards=Guards.BARRING, pin=PIN, account_id=forwarding.account(found), at=AT)
    return found


@pytest.fixture(autouse=True)
def switch(settings: object) -> Switch:
    return network.open_network(settings)


def ask(line: Line, program: str, way: Direction = Direction.OUT, *, pin: str = PIN, form: UUID | None = None) -> State:
    wish = barring.Wish(form or uuid4(), line, way, program, forwarding.account(line))
    at = AT + timedelta(seconds=models.BarringChange.objects.count())
    return barring.change(wish=wish, pin=pin, at=at)


def work() -> None:
    at = AT + timedelta(minutes=1)
    network.sweep(at)
    barring.advance_due(at=at)


def stands(line: Line) -> tuple[str, ...]:
    return tuple(one.program for one in barring_queries.standings(line.id))


@pytest.mark.django_db
def test_cab_14_is_asked_of_the_network_and_holds_when_that_has_done_it(line: Line, switch: Switch) -> None:
    form = uuid4()
    assert [ask(line, "international", form=form) for _ in range(2)] == [State.ASKED] * 2, "sent twice, it is one"
    assert stands(line) == ("", "")
    with pytest.raises(barring.Refused) as refused:
        ask(line, "all")
    assert refused.value.why is Why.ON_THE_WAY
    with pytest.raises(DifferentOrder):
        ask(line, "all", form=form)
    work()
    assert (stands(line), switch.on[line.number]) == (("international", ""), {"barring-out:international"})
    ask(line, "all")
    ask(line, "roaming", Direction.IN)
    work()
    assert switch.on[line.number] == {"barring-out:all", "barring-in:roaming"}
    ask(line, "")
    work()
    assert (stands(line), switch.on[line.number]) == (("", "roaming"), {"barring-in:roaming"})
    with pytest.raises(barring.Refused) as nothing:
        ask(line, "")
    assert nothing.value.why is Why.NOTHING
    assert all(PIN not in f"{command.on}{command.off}" for command in switch.heard)


@pytest.mark.django_db
def test_cab_14_a_hundred_changes_of_one_direction_hide_nothing_of_the_other(line: Line) -> None:
    ask(line, "roaming", Direction.IN)
    work()
    models.BarringChange.objects.bulk_create(
        models.BarringChange(
            id=uuid4(), line_id=line.id, direction=Direction.OUT, program="all" if place % 2 else "",
            state=State.DONE, placed_at=AT + timedelta(minutes=place), ended_at=AT + timedelta(minutes=place),
            command_id=uuid4(),
        )
        for place in range(1, 102)
    )  # fmt: skip
    assert stands(line) == ("all", "roaming")


@pytest.mark.django_db
def test_cab_14_a_wrong_pin_changes_nothing_and_the_third_locks(line: Line, switch: Switch) -> None:
    for expected in (pins.WrongPin, pins.WrongPin, pins.PinLocked):
        with pytest.raises(expected):
            ask(line, "all", pin="0000")
    with pytest.raises(pins.PinLocked):
        ask(line, "all")
    assert not models.BarringChange.objects.exists()
    assert not switch.heard


@pytest.mark.django_db
def test_cab_14_what_the_network_refuses_stays_as_it_was_and_is_told(line: Line, switch: Switch) -> None:
    switch.refuses = True
    ask(line, "all")
    work()
    found = barring_queries.standings(line.id, [Direction.OUT])[0]
    assert (found.program, found.coming, found.failed) == ("", None, "all")
    assert Message.objects.filter(template="barring failed", recipient=line.number).count() == 1
    switch.refuses = False
    ask(line, "all")
    work()
    assert stands(line) == ("all", "")


@pytest.mark.django_db
def test_cab_14_stands_beside_the_operator_s_bars_and_is_refused_in_a_protected_cabinet(
    line: Line, switch: Switch
) -> None:
    bars.impose(line_id=line.id, kind=Kind.UNPAID, by="clock", at=AT)
    ask(line, "all", Direction.IN)
    work()
    bars.lift(line_id=line.id, kind=Kind.UNPAID, by="clock", at=AT + timedelta(minutes=2))
    network.sweep(AT + timedelta(minutes=3))
    assert switch.on[line.number] == {"barring-in:all"}
    freezing.freeze(account_id=forwarding.account(line), event_id=None, at=AT)
    with pytest.raises(Frozen):
        ask(line, "", Direction.IN)
    assert stands(line) == ("", "all")
