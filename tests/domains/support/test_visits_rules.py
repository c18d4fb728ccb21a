"""When a technician can come (FIX-2): windows from dated terms, limits, states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.support.visits import rules
from abonent.domains.support.visits.rules import State, Terms
from abonent.foundation.values.terms import InvalidTerms
from tests.factories.fixed import AT, FIRST, SECOND, SERVED

MOSCOW = ZoneInfo("Europe/Moscow")


def test_fix_2_it_offers_what_begins_late_enough_on_the_days_that_are_served() -> None:
    found = [window.starts_at for window in rules.windows(SERVED, AT, MOSCOW)]
    assert found[:2] == [FIRST, SECOND], "today's begin within four hours"
    assert len(found) == 6
    assert rules.windows(SERVED, AT, MOSCOW, frozenset({date(2026, 11, 24)}))[0].starts_at == FIRST + timedelta(days=1)
    sunday = replace(SERVED, weekdays=(6,))
    assert rules.windows(sunday, AT, MOSCOW) == []


def test_fix_2_a_place_is_free_while_fewer_are_booked_than_can_come() -> None:
    window = rules.windows(SERVED, AT, MOSCOW)[0]
    assert [rules.free(2, [FIRST] * booked, window) for booked in range(4)] == [2, 1, 0, 0]
    assert rules.free(1, [SECOND], window) == 1
    assert rules.changed_until(SERVED, FIRST) == FIRST - timedelta(hours=3)


@given(
    st.builds(
        Terms, st.sets(st.integers(0, 6), min_size=1).map(tuple), st.just(((0, 6), (20, 24))), st.integers(1, 5),
        st.integers(0, 24), st.integers(1, 30), st.integers(0, 48),
    ),
    st.integers(0, 274 * 24 * 60).map(lambda minutes: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
)  # fmt: skip
def test_fix_2_windows_follow_each_other_in_any_zone(terms: Terms, at: datetime) -> None:
    rules.check(terms)
    assert Terms.from_json(terms.to_json()) == terms
    found = rules.windows(terms, at, ZoneInfo("Europe/Berlin"))
    assert all(window.starts_at < window.ends_at for window in found)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(found))
    assert all(window.starts_at >= at + timedelta(hours=terms.lead_h) for window in found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": ()}, {"weekdays": (7,)}, {"windows": ()}, {"windows": ((9, 9),)}, {"windows": ((9, 12), (11, 15))},
        {"windows": ((22, 25),)}, {"capacity": 0}, {"ahead_days": 0}, {"lead_h": 100}, {"change_until_h": -1},
    ],
)  # fmt: skip
def test_it_refuses_terms_by_which_nobody_could_come(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidTerms):
        rules.check(replace(SERVED, **wrong))


@pytest.mark.parametrize("document", [{}, {**SERVED.to_json(), "more": 1}, {**SERVED.to_json(), "windows": [[9]]}])
def test_it_refuses_a_file_that_says_something_else(document: dict[str, object]) -> None:
    with pytest.raises(InvalidTerms):
        Terms.from_json(document)


def test_fix_2_a_visit_goes_only_forward() -> None:
    ways = {(state, to) for state in State for to in State if rules.can(state, to)}
    assert ways == {
        (State.PLANNED, State.ON_THE_WAY), (State.PLANNED, State.CANCELLED), (State.ON_THE_WAY, State.DONE),
        (State.ON_THE_WAY, State.MISSED),
    }  # fmt: skip
