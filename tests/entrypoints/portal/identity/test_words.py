"""What the pages say about codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import translation

from abonent.domains.identity.rules import (
    CodeError,
    CodeExpired,
    CodeSpent,
    CodeUsed,
    NoSuchCode,
    Refusal,
    TooMany,
    WrongCode,
)
from abonent.entrypoints.portal.identity import words

NOW = datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def still() -> time_machine.travel:
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


ERRORS = [
    WrongCode(2),
    WrongCode(1),
    WrongCode(0),
    CodeExpired(),
    CodeUsed(),
    CodeSpent(),
    TooMany(Refusal.STOPPED, None),
    *(TooMany(refusal, NOW + timedelta(hours=1)) for refusal in Refusal if refusal is not Refusal.STOPPED),
]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_problem_has_words_in_every_language(error: CodeError, language: str) -> None:
    with translation.override(language):
        said = words.problem(error)
    assert said
    assert any("а" <= letter <= "я" for letter in said) == (language == "ru")


def test_a_problem_without_words_is_an_error_of_ours() -> None:
    with pytest.raises(TypeError):
        words.problem(NoSuchCode())


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (NOW + timedelta(minutes=5), "после 12:06"),
        (datetime(2026, 11, 22, 9, 5, tzinfo=UTC), "после 12:05"),
        (NOW + timedelta(days=1), "после 23 ноября, 12:01"),
    ],
)
def test_a_moment_is_said_never_too_early(until: datetime, said: str) -> None:
    assert words.moment(until).replace("\xa0", " ") == said


def test_short_waits_are_counted_down_and_long_ones_said() -> None:
    assert words.seconds_left(TooMany(Refusal.SENDS, NOW + timedelta(seconds=42)), NOW) == 42
    assert words.countdown(42) == "0:42"
    assert words.seconds_left(TooMany(Refusal.SENDS, NOW + timedelta(hours=1)), NOW) == 0
    assert words.seconds_left(TooMany(Refusal.FAILURES, NOW + timedelta(seconds=42)), NOW) == 0
    assert words.seconds_left(None, NOW) == 0
