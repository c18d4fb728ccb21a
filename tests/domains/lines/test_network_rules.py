"""What follows from what the network says does not depend on the order it comes in."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domains.lines.network.rules import (
    Change,
    FromTheFuture,
    Kind,
    Span,
    closing_of,
    has_moved,
    is_unused,
    moment_of,
    spans_of,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = Span("A", START)
CHANGES = st.lists(
    st.builds(
        lambda minute, key, value: Change(START + timedelta(minutes=minute), f"k{key}", value),
        st.integers(0, 30),
        st.integers(0, 10**6),
        st.sampled_from("ABC"),
    ),
    max_size=8,
    unique_by=lambda change: change.key,
)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@settings(max_examples=50)
@given(CHANGES, st.randoms(use_true_random=False))
def test_id_18_what_was_when_is_the_same_whatever_came_first(changes: list[Change], chance: random.Random) -> None:
    spans = spans_of(FIRST, changes)
    chance.shuffle(changes)
    assert spans_of(FIRST, changes + changes[:3]) == spans


@settings(max_examples=50)
@given(CHANGES)
def test_id_18_the_newest_counts_and_the_spans_leave_no_gap(changes: list[Change]) -> None:
    spans = spans_of(FIRST, changes)
    newest = max(changes, key=lambda change: (change.at, change.key), default=None)
    assert spans[-1].value == (newest.value if newest else "A")
    assert spans[0].since == START
    assert spans[-1].until is None
    for one, after in itertools.pairwise(spans):
        assert one.until == after.since > one.since
        assert one.value != after.value


@settings(max_examples=50)
@given(CHANGES)
def test_id_18_an_older_change_never_moves_the_present(changes: list[Change]) -> None:
    spans = spans_of(FIRST, changes)
    late = Change(spans[-1].since - timedelta(seconds=1), "late", "D")
    assert not has_moved(spans, spans_of(FIRST, [*changes, late]))


def test_a_sim_that_was_away_and_is_back_is_a_change() -> None:
    known = [Change(at(30), "1", "A")]
    assert has_moved(spans_of(FIRST, known), spans_of(FIRST, [*known, Change(at(20), "2", "B")]))


def test_the_same_said_again_is_no_change() -> None:
    assert spans_of(FIRST, [Change(at(5), "1", "A"), Change(at(6), "2", "A")]) == [FIRST]


@pytest.mark.parametrize(
    ("events", "unused"),
    [
        ([], False),
        ([(1, Kind.UNUSED)], True),
        ([(1, Kind.UNUSED), (2, Kind.USED_AGAIN)], False),
        ([(2, Kind.USED_AGAIN), (1, Kind.UNUSED)], False),
        ([(3, Kind.UNUSED), (2, Kind.USED_AGAIN), (1, Kind.UNUSED)], True),
    ],
)
def test_id_19_the_newest_says_whether_a_number_is_used(events: list[tuple[int, Kind]], unused: bool) -> None:
    assert is_unused([Change(at(minute), str(minute), kind) for minute, kind in events]) is unused


@pytest.mark.parametrize("reason", ["", Kind.TERMINATED, Kind.RELEASED])
@pytest.mark.parametrize("kind", [Kind.TERMINATED, Kind.RELEASED])
def test_a_line_is_closed_once_and_its_number_given_away_once(kind: Kind, reason: str) -> None:
    closing = closing_of(kind=kind, closed_at=at(1) if reason else None, close_reason=reason)
    assert closing.close is not bool(reason)
    assert closing.give_away is (kind == Kind.RELEASED and reason != Kind.RELEASED)


def test_what_is_said_to_happen_later_is_not_believed() -> None:
    assert moment_of(at(1), at(2)) == at(1)
    assert moment_of(at(5), at(2)) == at(2)
    with pytest.raises(FromTheFuture):
        moment_of(at(8), at(2))
