"""How sums, numbers, sizes and times are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import translation

from abonent.web import format as formats


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False):
        yield


def plain(text: object) -> str:
    return str(text).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("minor", "russian", "english"),
    [
        (0, "0,00 ₽", "0.00 ₽"),
        (5, "0,05 ₽", "0.05 ₽"),
        (125990, "1 259,90 ₽", "1,259.90 ₽"),
        (-65000, "−650,00 ₽", "−650.00 ₽"),
        (-5, "−0,05 ₽", "−0.05 ₽"),
        (123456789012, "1 234 567 890,12 ₽", "1,234,567,890.12 ₽"),
    ],
)
def test_it_writes_money_with_a_real_minus_and_no_break_spaces(minor: int, russian: str, english: str) -> None:
    with translation.override("ru"):
        assert plain(formats.money(minor)) == russian
        assert " " not in formats.money(minor)
    with translation.override("en"):
        assert plain(formats.money(minor)) == english


def test_it_puts_a_plus_only_before_income() -> None:
    with translation.override("ru"):
        assert [plain(formats.money(minor, sign=True)) for minor in (50000, 0, -50000)] == [
            "+500,00 ₽",
            "0,00 ₽",
            "−500,00 ₽",
        ]


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+79000001234", "+7 900 000-12-34"),
        ("900", "900"),
        ("Гороскоп", "Гороскоп"),
        ("+77012345678", "+7 701 234-56-78"),
        ("+442079460000", "+44 20 7946 0000"),
        ("+1", "+1"),
        ("", ""),
    ],
)
def test_it_writes_numbers_as_people_do(number: str, written: str) -> None:
    assert plain(formats.phone(number)) == written


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (0, "0 Б"),
        (1023, "1023 Б"),
        (1024, "1 КБ"),
        (int(12.49 * 1024**3), "12,4 ГБ"),
        (30 * 1024**3, "30 ГБ"),
        (1024**3 - 1, "1 023 МБ"),
        (1500 * 1024**2, "1,4 ГБ"),
    ],
)
def test_it_never_rounds_sizes_up(size: int, written: str) -> None:
    with translation.override("ru"):
        assert plain(formats.data_size(size)) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0 с"), (45, "45 с"), (60, "1 мин"), (332, "5 мин 32 с"), (3600, "1 ч"), (3720, "1 ч 2 мин")],
)
def test_it_writes_durations(seconds: int, written: str) -> None:
    with translation.override("ru"):
        assert plain(formats.duration(seconds)) == written


def test_it_names_the_year_only_when_it_is_another() -> None:
    with translation.override("ru"):
        assert plain(formats.day(date(2026, 12, 12))) == "12 декабря"
        assert plain(formats.day(date(2025, 12, 12))) == "12 декабря 2025"
        assert plain(formats.day(date(2026, 12, 12), year=True)) == "12 декабря 2026"
    with translation.override("en"):
        assert plain(formats.day(date(2026, 12, 12))) == "December 12"
        assert plain(formats.day(date(2025, 12, 12))) == "December 12, 2025"


def test_it_writes_local_time_of_moments() -> None:
    with translation.override("ru"):
        assert plain(formats.moment(datetime(2026, 11, 22, 22, 5, tzinfo=UTC))) == "23 ноября, 01:05"


@pytest.mark.parametrize(
    ("first", "last", "russian", "english"),
    [
        (date(2026, 11, 1), date(2026, 11, 22), "1–22 ноября", "November 1–22"),
        (date(2026, 11, 3), date(2026, 11, 3), "3 ноября", "November 3"),
        (date(2026, 10, 25), date(2026, 11, 3), "25 октября – 3 ноября", "October 25 – November 3"),
        (date(2025, 12, 1), date(2025, 12, 31), "1–31 декабря 2025", "December 1–31, 2025"),
    ],
)
def test_it_writes_spans_of_days(first: date, last: date, russian: str, english: str) -> None:
    with translation.override("ru"):
        assert plain(formats.days(first, last)) == russian
    with translation.override("en"):
        assert plain(formats.days(first, last)) == english


def test_it_calls_a_small_share_less_than_one_percent_not_none() -> None:
    assert [plain(formats.percent(share)) for share in (0, 0.002, 0.53, 1)] == ["0 %", "< 1 %", "53 %", "100 %"]
