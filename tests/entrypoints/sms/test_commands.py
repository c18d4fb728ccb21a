"""Which words ask for something of the number, however they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.entrypoints.sms.commands import WORDS, Command, Verb, understood


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("баланс", Command(Verb.BALANCE)),
        ("  Balance! ", Command(Verb.BALANCE)),
        ("jcnfnjr", Command(Verb.LEFT)),
        ("ОСТАТОК", Command(Verb.LEFT)),
        ("вкл щит", Command(Verb.CONNECT, "щит")),
        ("ON shield", Command(Verb.CONNECT, "shield")),
        ("Подключить: щит.", Command(Verb.CONNECT, "щит")),
        ("стоп гудки", Command(Verb.DISCONNECT, "гудки")),
        ("тариф", Command(Verb.TARIFF)),
        ("тариф простор", Command(Verb.TARIFF, "простор")),
        ("потерян +7 900 000-00-02", Command(Verb.LOST, "+7 900 000 00 02")),
        ("обещанный", Command(Verb.PROMISE)),
        ("promise 100", Command(Verb.PROMISE, "100")),
        ("1234", Command(Verb.CONFIRM, "1234")),
        ("да 1234", Command(Verb.CONFIRM, "1234")),
        ("щит", Command(Verb.CONNECT, "щит", said_verb=False)),
        ("вкл", None),
        ("баланс мой", None),
        ("как мне узнать баланс", None),
        ("12345 67", None),
        ("", None),
        ("🙂", None),
        ("а" * 500, None),
    ],
)
def test_ch_1_a_text_asks_for_what_its_words_say(text: str, meant: Command | None) -> None:
    assert understood(text) == meant


@given(st.text(max_size=200))
def test_ch_1_whatever_comes_is_a_command_or_none(text: str) -> None:
    found = understood(text)
    assert found is None or found.verb in Verb


def test_ch_1_no_word_means_two_things() -> None:
    every = [word for words in WORDS.values() for word in words]
    assert len(every) == len(set(every))
