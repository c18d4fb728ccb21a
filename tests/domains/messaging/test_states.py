"""The life of a message."""

from __future__ import annotations

import pytest

from abonent.domains.messaging import rules
from abonent.domains.messaging.states import TRANSITIONS, Event, State, WrongState, after


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_it_changes_only_as_the_table_says(state: State, event: Event) -> None:
    if (state, event) in TRANSITIONS:
        assert after(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(WrongState):
            after(state, event)


def test_nothing_leads_out_of_the_end() -> None:
    ends = {State.DELIVERED, State.FAILED, State.WITHHELD}
    assert not [state for (state, _), following in TRANSITIONS.items() if state in ends and following != state]


def test_it_waits_longer_each_time_and_gives_up_in_the_end() -> None:
    waits = [rules.wait_before_next_s(attempt, "sms") for attempt in range(1, 10)]
    assert waits[:7] == [2, 4, 8, 16, 32, 64, 128]
    assert waits[7:] == [None, None]


def test_ch_5_an_error_for_the_log_loses_the_secret() -> None:
    assert rules.without_secret("GET /send?text=123456 failed", "123456") == "GET /send?text=••• failed"
    assert rules.without_secret("timeout", None) == "timeout"
