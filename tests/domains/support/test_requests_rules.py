"""Requests without a database (CAB-18): how they go, until when they are answered, the numbers that are told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.support.requests import rules, terms
from abonent.domains.support.requests.rules import Kind, TooMany, Unclear
from abonent.domains.support.requests.states import OPEN, TRANSITIONS, WAITS_FOR_US, Event, NotNow, State, can, step
from abonent.domains.support.requests.terms import Hours, Term

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")


@given(st.lists(st.sampled_from(list(Event)), max_size=40))
def test_cab_18_it_never_leaves_its_way_whatever_happens(events: list[Event]) -> None:
    state, answered, ended = State.ACKNOWLEDGED, False, False
    for event in events:
        if not can(state, event):
            with pytest.raises(NotNow) as refused:
                step(state, event)
            assert (refused.value.state, refused.value.event) == (state, event)
            continue
        after = step(state, event)
        # Only who has it in hand answers or asks; what was called off stays so.
        assert not (event in (Event.ASKED, Event.GIVEN_BACK) and state is not State.IN_PROGRESS)
        assert state is not State.CANCELLED
        answered = answered or event is Event.ANSWERED
        ended = after in (State.CLOSED, State.CANCELLED)
        assert not (after is State.RESOLVED and not answered)
        state = after
    assert ended == (state in (State.CLOSED, State.CANCELLED))


def test_cab_18_every_state_is_reached_and_every_one_but_the_last_is_left() -> None:
    reached = {State.ACKNOWLEDGED, *TRANSITIONS.values()}
    assert reached == set(State)
    assert {state for state, _ in TRANSITIONS} == set(State) - {State.CANCELLED}
    assert {event for _, event in TRANSITIONS} == set(Event)
    assert WAITS_FOR_US < OPEN
    assert all(can(state, Event.CALLED_OFF) == (state in OPEN) for state in State)


@given(st.integers(1, 10**9), st.integers(2024, 2099))
def test_cab_18_a_number_is_understood_however_it_is_said(request_id: int, year: int) -> None:
    number = rules.number_of(request_id, datetime(year, 6, 1, tzinfo=UTC))
    for said in (number, number.replace("О", "O"), number.replace("-", " "), number[2:], f" {number.lower()} "):
        assert rules.id_in(said) == request_id, said


@given(st.integers(1, 999_999), st.data())
def test_cab_18_a_wrong_digit_or_two_that_are_swapped_are_noticed(request_id: int, data: st.DataObject) -> None:
    number = rules.number_of(request_id, datetime(2026, 6, 1, tzinfo=UTC))
    digits = [place for place, letter in enumerate(number) if letter.isdecimal()]
    place = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert rules.id_in(number[:place] + other + number[place + 1 :]) is None
    first, second = data.draw(st.sampled_from(list(pairwise(digits))))
    if number[first] != number[second]:
        swapped = list(number)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert rules.id_in("".join(swapped)) is None


@pytest.mark.parametrize(
    "typed", ["", "О-2026", "О-2026-1-1", "x", "О-2026-000001-", "О-2026-" + "1" * 40 + "-1", "٢٠٢٦"]
)
def test_cab_18_what_is_no_number_is_none(typed: str) -> None:
    assert rules.id_in(typed) is None


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# Written, kind, answered until; local time. Work is 9 to 21 on weekdays: coverage takes 36 hours of it, equipment 24.
DEADLINES = (
    ("2026-11-30 10:00", Kind.QUESTION, "2026-12-01 10:00"),
    ("2026-12-31 23:59", Kind.COMPLAINT, "2027-01-01 23:59"),
    ("2026-12-05 12:00", Kind.ROAMING, "2026-12-06 12:00"),
    # Monday in the morning: Monday, Tuesday, Wednesday.
    ("2026-11-30 08:00", Kind.COVERAGE, "2026-12-02 21:00"),
    ("2026-11-30 10:30", Kind.COVERAGE, "2026-12-03 10:30"),
    # At night it begins in the morning.
    ("2026-11-30 22:00", Kind.EQUIPMENT, "2026-12-02 21:00"),
    # Over a weekend: Friday afternoon, Monday, Tuesday morning.
    ("2026-12-04 15:00", Kind.EQUIPMENT, "2026-12-08 15:00"),
    ("2026-12-05 12:00", Kind.EQUIPMENT, "2026-12-08 21:00"),
    # Over a day of the law on a Wednesday.
    ("2026-11-03 12:00", Kind.EQUIPMENT, "2026-11-06 12:00"),
    # Over the turn of the year: the 31st is free, the 9th is a Saturday.
    ("2026-12-30 15:00", Kind.EQUIPMENT, "2027-01-12 15:00"),
)  # fmt: skip


@pytest.mark.parametrize(("written", "kind", "until"), DEADLINES)
def test_cab_18_the_deadline_is_what_the_table_says(written: str, kind: Kind, until: str) -> None:
    assert terms.deadline(kind, at(written), MOSCOW) == at(until)
    # The same moment, told by another clock.
    assert terms.deadline(kind, at(written).astimezone(UTC), MOSCOW) == at(until)


ALWAYS = (Hours(date(2020, 1, 1), frozenset(range(7)), time(0), time(12)),)
NIGHTS = (Term(date(2020, 1, 1), Kind.COVERAGE, 6, working=True),)


@pytest.mark.parametrize(
    ("written", "until"),
    [
        # The night in which an hour is missing, and the one in which it comes twice: six hours are six hours.
        ("2026-03-29 00:30", "2026-03-29 07:30"), ("2026-10-25 00:30", "2026-10-25 05:30"),
        ("2026-03-30 00:30", "2026-03-30 06:30"),
    ],
)  # fmt: skip
def test_cab_18_hours_are_hours_when_the_clock_is_changed(written: str, until: str) -> None:
    found = terms.deadline(Kind.COVERAGE, at(written, BERLIN), BERLIN, terms=NIGHTS, hours=ALWAYS)
    assert found == at(until, BERLIN).astimezone(UTC)


def test_cab_18_terms_change_from_their_day_on_and_not_before() -> None:
    table = (*terms.TERMS, Term(date(2026, 12, 1), Kind.QUESTION, 8))
    before, after = at("2026-11-30 23:00"), at("2026-12-01 00:00")
    assert terms.deadline(Kind.QUESTION, before, MOSCOW, terms=table) - before == timedelta(hours=24)
    assert terms.deadline(Kind.QUESTION, after, MOSCOW, terms=table) - after == timedelta(hours=8)
    with pytest.raises(LookupError):
        terms.deadline(Kind.COVERAGE, after, MOSCOW, hours=())


@given(
    st.timedeltas(timedelta(), timedelta(days=700)), st.timedeltas(timedelta(), timedelta(days=20)),
    st.sampled_from(list(Kind)),
)  # fmt: skip
def test_cab_18_who_writes_later_is_never_answered_earlier(since: timedelta, later: timedelta, kind: Kind) -> None:
    written = datetime(2026, 1, 1, tzinfo=UTC) + since
    first = terms.deadline(kind, written, MOSCOW)
    assert first >= written + timedelta(hours=24)
    assert terms.deadline(kind, written + later, MOSCOW) >= first


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("subject", " \n ", "empty"), ("subject", "x" * 101, "long"), ("text", " ab ", "empty"),
        ("text", "y" * 4001, "long"),
    ],
)  # fmt: skip
def test_cab_18_what_says_too_little_or_too_much_is_told(field: str, typed: str, reason: str) -> None:
    with pytest.raises(Unclear) as unclear:
        (rules.subject if field == "subject" else rules.text)(typed)
    assert (unclear.value.field, unclear.value.reason) == (field, reason)
    assert rules.text("  два  слова\r\n\r\n\r\n\r\nи  ещё ") == "два слова\n\nи ещё"


def test_cab_18_there_is_room_for_ten_and_no_more() -> None:
    rules.check_room(open_now=9, opened_today=9)
    for room, reason in (({"open_now": 10, "opened_today": 0}, "open"), ({"open_now": 0, "opened_today": 10}, "day")):
        with pytest.raises(TooMany, match=reason):
            rules.check_room(**room)
