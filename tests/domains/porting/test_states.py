"""Whatever is told in whatever order, a request goes only where the tables lead, and ends once (CAB-16)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abonent.domains.porting.states import (
    IN_OPEN,
    OUT_OPEN,
    PORT_IN,
    PORT_OUT,
    SAID,
    Event,
    NoSuchStep,
    State,
    Table,
    after,
    can,
)

EVENTS = some.lists(some.sampled_from(Event), max_size=30)
# What a number that came, or came to nothing, can never become.
IN_FINAL = frozenset({State.REFUSED, State.CANCELLED, State.FAILED, State.PORTED})


def path(table: Table, state: State, events: list[Event]) -> list[State]:
    """Return where a request stands after each event that can happen; what cannot is an old story."""
    states = [state]
    for event in events:
        if can(table, states[-1], event):
            states.append(after(table, states[-1], event))
    return states


@given(EVENTS)
def test_cab_16_a_number_that_comes_ends_once_and_for_all(events: list[Event]) -> None:
    states = path(PORT_IN, State.DRAFT, events)
    ends = [place for place, state in enumerate(states) if state in IN_FINAL]
    assert ends in ([], [len(states) - 1])
    assert len(set(states)) == len(states), "no state is come into twice, so each step is written down once"
    assert State.PORTED not in states or State.REQUESTED in states, "nothing comes that was not asked for"
    assert set(states[1:-1]) <= IN_OPEN


@given(EVENTS)
def test_cab_16_a_number_that_leaves_is_never_taken_after_it_was_given_up(events: list[Event]) -> None:
    states = path(PORT_OUT, State.ASKED, events)
    assert len(set(states)) == len(states)
    if State.CANCELLED in states or State.FAILED in states:
        assert State.PORTED not in states
    if State.RETURNED in states:
        assert states[-2:] == [State.PORTED, State.RETURNED]
    if State.STOPPED in states:
        assert set(states[states.index(State.STOPPED) + 1 :]) <= {State.PORTED, State.RETURNED}


@given(EVENTS, some.integers(1, 5))
def test_cab_16_told_again_changes_nothing(events: list[Event], times: int) -> None:
    repeated = [event for event in events for _ in range(times)]
    for table, first in ((PORT_IN, State.DRAFT), (PORT_OUT, State.ASKED)):
        assert path(table, first, repeated) == path(table, first, events)


def test_cab_16_what_cannot_happen_is_no_step() -> None:
    with pytest.raises(NoSuchStep, match="ported of a request that is draft"):
        after(PORT_IN, State.DRAFT, Event.PORTED)
    assert set(SAID.values()) >= {Event.PORTED, Event.RETURNED}
    assert not OUT_OPEN & {state for state, event in PORT_OUT if event is Event.RETURNED}
