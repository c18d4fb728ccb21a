"""Which word a text means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.entrypoints.sms.keywords import Understood, Word, slips, understood


@pytest.mark.parametrize(
    "text",
    [
        "ПАРОЛЬ", "пароль", "Пароль", "PASSWORD", "password", "PaSsWoRd",
        " ПАРОЛЬ ", "\nПАРОЛЬ\r\n", "\u00a0пароль\u200b", "\ufeffПАРОЛЬ", "П А Р О Л Ь",
        "«ПАРОЛЬ»", '"ПАРОЛЬ"', "<ПАРОЛЬ>", "ПАРОЛЬ!", "ПАРОЛЬ.", "Пароль?", "ПАРОЛЬ 🙏", "***пароль***",
        "ПAРОЛЬ", "ПАРОЛb", "ПAPOЛb", "nароль", "ПАР0ЛЬ", "пapoль", "РАSSWORD", "раsswоrd", "ＰＡＳＳＷＯＲＤ",
        "GFHJKM", "gfhjkm", "ЗФЫЫЦЩКВ", "Зфыыцщкв",
        "ПАРОЛ", "ПАРОЛЪ", "ПОРОЛЬ", "ПАРРОЛЬ", "ПРАОЛЬ", "ПАОРЛЬ", "АПРОЛЬ", "ПАРОЬЛ", "ПАРАЛЬ", "gfhjk",
        "PASWORD", "PASSWRD", "PASSWORT", "PASSVORD", "PASWORT", "pasword", "PAROL", "parol'",
    ],
)  # fmt: skip
def test_id_7_the_word_is_understood_however_it_was_typed(text: str) -> None:
    assert understood(text) == Understood(Word.PASSWORD)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "?", "🙂", "привет", "король", "параграф", "контроль", "баланс", "стоп", "not", "забыл пароль",
        "не присылайте пароль", "12345", "crossword", "x" * 670, "ПАРОЛЬ" * 100, "2", "25000 рублей", "255",
        "26 Password1", "０", "\x00",
    ],
)  # fmt: skip
def test_another_text_is_another_text(text: str) -> None:
    assert understood(text) == Understood(Word.OTHER)


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("25 Password1", "Password1"),
        ("  25   Password1  ", "Password1"),
        ("25\u00a0Password1", "Password1"),
        ("25\nPassword1\n", "Password1"),
        ("２５　Password1", "Password1"),
        ("٢٥ Password1", "Password1"),
        ("25Password1", "Password1"),
        ("25пароль", "пароль"),
        ("«25 Password1»", "Password1"),
        ('"25 Password1"', "Password1"),
        ("25 my long pass phrase", "my long pass phrase"),
        ("25 25Password", "25Password"),
        ("25 ПАРОЛЬ", "ПАРОЛЬ"),
        ("25 Pass-word_1!", "Pass-word_1!"),
    ],
)
def test_id_8_the_own_password_is_found(text: str, password: str) -> None:
    assert understood(text) == Understood(Word.OWN, password)


@pytest.mark.parametrize(
    "text",
    [
        "25", "25 ", "«25»", "25.", "25: Password1", "25-Password1", "25 <Password1>", '25 "Password1"',
        "25 «Password1»", "25 'Password1'", "2 5 Password1", "25 Password1\"", "25 x",
    ],
)  # fmt: skip
def test_id_8_where_nobody_can_be_sure_which_password_was_meant_it_is_asked_again(text: str) -> None:
    assert understood(text) == Understood(Word.OWN_UNSURE)


def test_a_password_is_in_no_words_about_what_was_understood() -> None:
    assert "Password1" not in repr(understood("25 Password1"))
    assert "Password1" not in f"{understood('25 Password1')}"


@pytest.mark.parametrize(
    ("typed", "word", "count"),
    [("", "", 0), ("abc", "abc", 0), ("ab", "abc", 1), ("abcd", "abc", 1), ("axc", "abc", 1), ("acb", "abc", 1),
     ("", "abc", 3), ("cab", "abc", 2)],
)  # fmt: skip
def test_it_counts_slips_of_the_finger(typed: str, word: str, count: int) -> None:
    assert slips(typed, word) == slips(word, typed) == count


@settings(max_examples=50)
@given(st.text(max_size=700))
def test_any_text_is_borne_and_means_one_thing(text: str) -> None:
    found = understood(text)
    assert bool(found.password) == (found.word is Word.OWN)
