"""Filters of the statement: understood from whatever was typed, or refused in words."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.statement.rules import (
    TYPES,
    Filters,
    Position,
    Unclear,
    earliest_day,
    presets,
)

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - and aware


def parse(**typed: str) -> Filters:
    return Filters.parse({name.rstrip("_"): [text] for name, text in typed.items()}, TODAY)


def problems(**typed: str) -> dict[str, str]:
    with pytest.raises(Unclear) as refused:
        parse(**typed)
    return dict(refused.value.problems)


def test_cab_4_without_filters_means_three_calendar_months() -> None:
    assert parse() == Filters(date(2026, 8, 22), TODAY)
    assert earliest_day(date(2026, 5, 31)) == date(2026, 2, 28)


@given(DAYS)
def test_cab_4_offers_only_periods_that_can_be_asked_for(today: date) -> None:
    for first, last in presets(today).values():
        first = max(first, earliest_day(today))
        found = Filters.parse({"from": [f"{first}"], "to": [f"{last}"]}, today)
        assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    "typed",
    ["2026-11-05", "05.11.2026", "5.11.2026", "5.11", " 05.11. ", "05/11/2026", "５.１１", "05.11.26", "٠٥.١١.٢٠٢٦"],
)
def test_cab_4_takes_a_day_as_people_write_it(typed: str) -> None:
    assert parse(from_=typed).first == date(2026, 11, 5)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("31.02", "day_unreal"),
        ("2026-13-01", "day_unreal"),
        ("0000-00-00", "day_unreal"),
        ("31", "day_unreadable"),
        ("вчера", "day_unreadable"),
        ("1" * 10_000, "day_unreadable"),
        ("፩.፪", "day_unreadable"),
        ("2026-08-21", "day_too_early"),
        ("2026-11-23", "day_in_future"),
    ],
)
def test_bad_input_names_what_is_wrong_with_a_day(typed: str, code: str) -> None:
    assert problems(from_=typed) == {"from": code}


def test_bad_input_names_every_wrong_field_at_once() -> None:
    assert problems(from_="x", to="31.02", type="gossip", search="1") == {
        "from": "day_unreadable",
        "to": "day_unreal",
        "type": "type_unknown",
        "search": "search_too_short",
    }
    assert problems(from_="20.11", to="19.11") == {"to": "days_reversed"}


@pytest.mark.parametrize(
    ("typed", "needles"),
    [
        ("8 (900) 123-45-67", ("+79001234567",)),
        ("+7 900 123-45-67", ("+79001234567",)),
        ("79001234567", ("+79001234567",)),
        ("9001234567", ("9001234567",)),
        ("+375 29", ("+37529",)),
        ("45‑67", ("4567",)),
        ("8900", ("8900", "+7900")),
        ("٩٠٠", ("900",)),
        ("112", ("112",)),
        ("*100#", ("*100#",)),
        ("Гороскоп", ("Гороскоп",)),
        ("\x00\u200b", ()),
        ("  ", ()),
    ],
)
def test_cab_4_searches_by_a_number_typed_any_way(typed: str, needles: tuple[str, ...]) -> None:
    assert parse(search=typed).needles == needles


@given(st.lists(st.sampled_from(TYPES)))
def test_cab_4_takes_several_types_repeated_or_with_commas(types: list[str]) -> None:
    repeated = Filters.parse({"type": types}, TODAY)
    assert repeated == Filters.parse({"type": [",".join(types)]}, TODAY)
    assert all(repeated.wants(type_) for type_ in types)
    assert {type_ for type_ in TYPES if repeated.wants(type_)} == (set(types) or set(TYPES))


@given(st.dictionaries(st.sampled_from(["from", "to", "type", "search"]), st.lists(st.text(), max_size=3)))
def test_bad_input_anything_typed_is_understood_or_refused(typed: dict[str, list[str]]) -> None:
    with suppress(Unclear):
        found = Filters.parse(typed, TODAY)
        assert earliest_day(TODAY) <= found.first <= found.last <= TODAY
        assert all("\0" not in needle and 2 <= len(needle) <= 41 for needle in found.needles)


@given(MOMENTS, st.integers(0, 32767), st.text(st.characters(exclude_categories=["C"]), max_size=100))
def test_cab_4_a_position_survives_an_address(at: datetime, source_id: int, key: str) -> None:
    position = Position(at, 0, source_id, key)
    assert Position.from_token(position.token()) == position


@given(st.text())
def test_bad_input_no_text_breaks_a_position(token: str) -> None:
    with suppress(ValueError):
        Position.from_token(token)
