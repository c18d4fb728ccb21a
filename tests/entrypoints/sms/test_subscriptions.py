"""Subscriptions by SMS (CAB-11): asked for, agreed to, stopped; to whoever the network names, and nobody else."""

from __future__ import annotations

import pytest

from abonent.domains.identity import freezing
from abonent.domains.lines import actions
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import InboundMessage
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions.rules import State
from abonent.entrypoints.sms import keywords
from abonent.entrypoints.sms.keywords import Word
from abonent.foundation.clock import now
from tests.entrypoints.sms.test_answers import answered, sim, text
from tests.factories import identity
from tests.factories import subscriptions as make
from tests.factories.orders import rich

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    make.publish(make.OTHER)
    return rich()


@pytest.mark.parametrize("words", ["ДА 123456", "да123456", "Yes 123-456", "da 123 456.", "«Да», 123456"])
def test_cab_11_a_yes_with_six_digits_is_understood(words: str) -> None:
    meant = keywords.understood(words.strip("«»").replace("»", ""))
    assert (meant.word, meant.code) == (Word.AGREE, "123456")


@pytest.mark.parametrize("words", ["123456", "ДА", "ДА 12345", "ДА 1234567", "НЕТ 123456", "ПАРОЛЬ", "25 Da123456"])
def test_cab_11_anything_less_is_no_consent(words: str) -> None:
    assert keywords.understood(words).word is not Word.AGREE


@pytest.mark.parametrize("words", ["СТОП ВСЕ", "стоп всё", "Stop all", "STOPALL", "cnjg dct"])
def test_cab_11_stop_all_is_understood_however_it_is_typed(words: str) -> None:
    assert keywords.understood(words).word is Word.STOP_ALL


def test_cab_11_a_word_asks_a_yes_begins_and_stop_ends(line: Line) -> None:
    text(line.number, "Гороскоп", to="3300")
    row = models.Subscription.objects.get()
    assert (row.state, row.channel, row.external_id) == ("asked", "sms", "")
    text(line.number, f"да {make.code(row.id)}")
    one = make.now(row.id)
    assert (one.state, one.agreed_by) == (State.ACTIVE, "sms")
    assert make.charges(line) == [("partner-fee", 500)]
    # The code is kept nowhere once it is answered.
    assert make.code(row.id) not in str(list(InboundMessage.objects.values_list("text", "kept")))
    text(line.number, "стоп", to="4400")
    assert make.now(row.id).state is State.ACTIVE
    text(line.number, "СТОП", to="3300")
    assert (make.now(row.id).state, str(make.now(row.id).why)) == (State.ENDED, "sms")
    assert answered(line.number) == [
        "subscription asked", "subscription began", "subscription nothing", "subscription ended",
    ]  # fmt: skip


def test_cab_11_stop_all_to_our_number_ends_everything(line: Line) -> None:
    made = [make.begun(line, at=now()), make.begun(line, "films", at=now(), provider=make.OTHER)]
    text(line.number, "СТОП ВСЕ")
    assert {make.now(one.id).state for one in made} == {State.ENDED}
    assert answered(line.number)[-1] == "subscriptions stopped"
    text(line.number, "STOP ALL")
    assert answered(line.number)[-1] == "subscription nothing"


def test_cab_11_a_wrong_code_begins_nothing_and_says_what_is_left(line: Line) -> None:
    row = make.ask(line, at=now())
    wrong = "000000" if make.code(row) != "000000" else "111111"
    for _ in range(4):
        text(line.number, f"ДА {wrong}")
    assert make.now(row).state is State.EXPIRED
    assert make.charges(line) == []
    assert answered(line.number)[1:] == ["subscription wrong"] * 4


def test_cab_11_in_a_protected_cabinet_the_right_code_is_answered_with_why(line: Line) -> None:
    row, account_id = make.ask(line, at=now()), actions.open_line(line_id=line.id, language="ru", at=now())
    freezing.freeze(account_id=account_id, event_id=None, at=now(), by="agent:1")
    text(line.number, f"ДА {make.code(row)}")
    assert (make.now(row).state, make.charges(line)) == (State.ASKED, [])
    assert answered(line.number)[-1] == "subscription not begun"
    said = identity.last_text(line.number)
    assert "Ваш кабинет под защитой" in said


def test_cab_11_who_forges_a_number_begins_and_ends_nothing(line: Line) -> None:
    sim(line)
    one, row = make.begun(line, "films", at=now()), make.ask(line, at=now())
    before = answered(line.number)
    for words, to in ((f"ДА {make.code(row)}", "3339"), ("СТОП ВСЕ", "3339"), ("СТОП", "3300"), ("кино", "3300")):
        text(line.number, words, to=to, imsi="250990000000999")
    assert (make.now(one.id).state, make.now(row).state) == (State.ACTIVE, State.ASKED)
    assert answered(line.number) == before


def test_cab_11_an_unknown_word_is_answered_with_what_there_is_once_an_hour(line: Line) -> None:
    for _ in range(2):
        text(line.number, "что у вас есть", to="3300")
    assert answered(line.number) == ["subscription menu"]
    text(line.number, "что у вас есть", to="9999")
    assert answered(line.number) == ["subscription menu"]
