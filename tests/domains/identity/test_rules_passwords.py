"""What a password must be like."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abonent.domains.identity import leaked
from abonent.domains.identity.passwords import rules
from abonent.domains.identity.passwords.rules import Problem, Strength
from abonent.domains.identity.policy import CLASSIC, MODERN

LEAKED = leaked.passwords()
ANNA = rules.words_of(numbers=["+79001234567", "T-000042"], names=["Анна", "Ивановна", "Ким"], born=date(1985, 3, 7))
AT = datetime(2026, 11, 1, tzinfo=UTC)


def problems(password: str, policy: object = MODERN) -> list[Problem]:
    return rules.problems(password, [*ANNA, "Орбита", "Orbita", "abonent"], policy, LEAKED)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "password",
    ["verbose otter 19", "correct horse battery", "скрепка лошадь верно", "Xq7#kfW2", "a b c d e f g h",
     "любимый кот мурзик 5", "👾🙇💁🙅🙆🐈🐕🐎", "田中さんにあげて下さい", " leading and trailing ", "x7Rk" * 32],
)  # fmt: skip
def test_id_16_any_characters_make_a_password(password: str) -> None:
    assert problems(password) in ([], [Problem.SIMPLE] if password.startswith("x7Rk") else [])


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", Problem.EMPTY),
        ("Xq7#kfW", Problem.SHORT),
        ("x" * 129, Problem.LONG),
        ("password", Problem.LEAKED),
        ("PassW0rd", Problem.LEAKED),
        ("P@ssw0rd2024", Problem.LEAKED),
        ("parol123parol", Problem.LEAKED) if "parol123parol" in LEAKED else ("iloveyou!", Problem.LEAKED),
        ("парольпароль", Problem.LEAKED),
        ("солнышко2015", Problem.LEAKED),
        ("gfhjkmgfhjkm", Problem.LEAKED) if "gfhjkmgfhjkm" in LEAKED else ("gfhjkm123", Problem.LEAKED),
        ("87654321", Problem.LEAKED),
        ("zxcvbnm,./ asd", Problem.SIMPLE),
        ("abcdefgh4321zzzz", Problem.SIMPLE),
        ("йцукенгш фывап", Problem.SIMPLE),
        ("xyxyxyxyxyxy", Problem.SIMPLE),
        ("        ", Problem.SIMPLE),
        ("zzzzzzzzzzzzzzzz", Problem.SIMPLE),
        ("my 9001234567 phone", Problem.OWN_WORD),
        ("call 1234567 me", Problem.OWN_WORD),
        ("Анна и собака", Problem.OWN_WORD),
        ("anna and the dog", Problem.OWN_WORD),
        ("fyyf bcj,frf", Problem.OWN_WORD),
        ("4nn4 and the dog", Problem.OWN_WORD),
        ("born on 07031985", Problem.OWN_WORD),
        ("born on 07.03.1985", Problem.OWN_WORD),
        ("in orbita forever", Problem.OWN_WORD),
        ("в орбите? орбита!", Problem.OWN_WORD),
        ("my abonent cabinet", Problem.OWN_WORD),
        ("ким 8421 77", Problem.OWN_WORD),
    ],
)
def test_id_16_what_is_wrong_is_named(password: str, problem: Problem) -> None:
    assert problems(password) == [problem]


def test_id_16_a_short_name_inside_another_word_is_no_name() -> None:
    assert problems("akimbo juggler") == []


def test_id_16_the_classic_profile_names_everything_that_is_missing_at_once() -> None:
    assert problems("кот", CLASSIC) == [Problem.SHORT, Problem.NO_DIGIT, Problem.NO_CAPITAL]
    assert problems("VERBOSE 0TTER", CLASSIC) == [Problem.NO_SMALL]
    assert problems("Verbose 0tter", CLASSIC) == []


def test_a_character_that_unfolds_into_a_word_is_one_character() -> None:
    assert Problem.SHORT in problems("ﷺx")
    assert len(rules.normalised("ﷺ")) > 8


@settings(max_examples=50)
@given(st.text(max_size=200))
@example("\0" * 8)
@example("\ud800" * 8)
@example("e\u0301" * 8)
def test_any_text_is_judged_and_the_length_holds(password: str) -> None:
    found = problems(password)
    if not found:
        assert MODERN.password_length_min <= rules.length_of(password) <= MODERN.password_length_max
    assert rules.strength_of(password, found) in Strength
    assert len(found) == len(set(found))
    assert rules.temporary_typed(password) is None or len(rules.temporary_typed(password) or "") == 10


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing_and_every_way_of_typing_is_one(password: str) -> None:
    once = rules.normalised(password)
    assert rules.normalised(once) == once
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert rules.normalised(unicodedata.normalize(form, password)) == once  # type: ignore[arg-type]


@settings(max_examples=50)
@given(st.binary(min_size=32, max_size=32))
def test_what_is_made_up_by_us_is_good_in_every_profile(random: bytes) -> None:
    made = rules.generated(random)
    assert rules.problems(made, (), CLASSIC, LEAKED) == []
    assert rules.strength_of(made, ()) >= Strength.GOOD


@settings(max_examples=50)
@given(st.binary(min_size=32, max_size=32))
def test_a_temporary_password_is_read_out_without_mistakes_and_typed_in_any_way(digest: bytes) -> None:
    made = rules.temporary_of(digest)
    assert len(made) == 10
    assert not set(made) & set("01ilo")
    assert rules.temporary_typed(f" {made[:3].upper()}-{made[3:6]} {made[6:]}\n") == made


@pytest.mark.parametrize(
    ("password", "strength"),
    [
        ("12345678", Strength.WEAK),
        ("Xq7#kfW2", Strength.GOOD),
        ("verbose otter 19", Strength.STRONG),
        ("kettlebr", Strength.FAIR),
    ],
)
def test_strength_grows_with_length_and_variety(password: str, strength: Strength) -> None:
    assert rules.strength_of(password, problems(password)) == strength


def test_id_16_the_keyboard_is_looked_at() -> None:
    assert rules.in_russian_letters("Пароль")
    assert not rules.in_russian_letters("parol 1")
    assert rules.only_capitals("PAROL1")
    assert not rules.only_capitals("Parol")
    assert not rules.only_capitals("A1"), "too little to tell"


def test_id_15_an_old_password_is_old_in_the_classic_profile_only() -> None:
    assert rules.is_old(AT - timedelta(days=181), AT, CLASSIC)
    assert not rules.is_old(AT - timedelta(days=179), AT, CLASSIC)
    assert not rules.is_old(AT - timedelta(days=9999), AT, MODERN)
    assert not rules.is_old(None, AT, CLASSIC)


def test_the_list_is_read_once_and_small() -> None:
    assert 10_000 < len(LEAKED) < 30_000
    assert sum(len(password) >= MODERN.password_length_min for password in LEAKED) > 3_000, "that could be chosen"
    assert leaked.passwords() is LEAKED
