"""Subscriptions of other companies by text: told, stopped by their words, banned, and what pays for them (CAB-11)."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from abonent.domains.billing.content import actions as accounts
from abonent.domains.catalog.providers.rules import Service
from abonent.domains.catalog.words.rules import Kind, Word
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions.rules import State, Why
from abonent.foundation.clock import now
from tests.entrypoints.sms.test_answers import sim
from tests.factories import channels, offers
from tests.factories import orders as ordered
from tests.factories import subscriptions as make
from tests.factories.channels import answers, last, text
from tests.factories.orders import rich

pytestmark = pytest.mark.django_db
# The same word as one of the first provider's.
TWIN = replace(make.OTHER, services=(Service("horoscope", {"ru": "Звёзды", "en": "Sky"}, 900, "week", ("гороскоп",)),))


@pytest.fixture
def line() -> Line:
    make.publish(TWIN)
    return rich()


def test_cab_11_what_other_companies_charge_is_told_with_the_word_that_stops_it(line: Line) -> None:
    text(line, "подписки")
    assert "нет подписок других компаний" in last(line)
    make.begun(line, at=now())
    make.ask(line, "films", at=now())
    text(line, "ПОДПИСКИ")
    said = last(line)
    for part in (
        "Гороскоп · Звёзды: 5,00 ₽ в день (ГОРОСКОП)",
        "ждёт вашего согласия, не списывается (КИНО)", "ВЫКЛ и слово на 111", "СТОП ВСЕ", "ЗАПРЕТ",
    ):  # fmt: skip
        assert part in said, said


@pytest.mark.parametrize(("words", "service"), [("ВЫКЛ ГОРОСКОП", "horoscope"), ("стоп music", "music")])
def test_cab_11_one_is_stopped_by_its_word_and_the_others_go_on(line: Line, words: str, service: str) -> None:
    made = {name: make.begun(line, name, at=now()) for name in ("horoscope", "music")}
    text(line, words)
    text(line, words)
    states = {name: make.now(one.id).state for name, one in made.items()}
    assert states == {name: State.ENDED if name == service else State.ACTIVE for name in made}
    assert make.now(made[service].id).why is Why.SMS
    assert answers(line)[-2:] == ["subscription ended", "subscription nothing"]


def test_cab_11_two_of_one_word_are_told_apart_by_their_short_numbers(line: Line) -> None:
    first, second = make.begun(line, at=now()), make.begun(line, at=now(), provider=TWIN)
    text(line, "выкл гороскоп")
    for part in ("(3300 ГОРОСКОП)", "(4400 ГОРОСКОП)"):
        assert part in last(line), last(line)
    assert {make.now(one.id).state for one in (first, second)} == {State.ACTIVE}
    text(line, "ВЫКЛ 4400 ГОРОСКОП")
    assert (make.now(first.id).state, make.now(second.id).state) == (State.ACTIVE, State.ENDED)


def test_cab_11_a_request_that_waits_is_declined_and_nothing_was_charged(line: Line) -> None:
    row = make.ask(line, "films", at=now())
    text(line, "ВЫКЛ КИНО")
    assert make.now(row).state is State.DECLINED
    assert "ничего не списано" in last(line)
    assert make.charges(line) == []


def test_cab_11_a_word_that_we_sell_under_as_well_means_what_the_line_has(line: Line) -> None:
    offers.load(offers.offer("gig", once_minor=7_000, network=()))
    channels.load_words(Word(Kind.OFFER, "gig", "кино", "gig", "41"))
    one = make.begun(line, "films", at=now())
    text(line, "ВЫКЛ КИНО")
    assert make.now(one.id).state is State.ENDED
    assert not models.Order.objects.exists()


def test_cab_11_a_ban_by_text_refuses_what_is_asked_later_and_leaves_what_goes_on(line: Line) -> None:
    one, waits = make.begun(line, at=now()), make.ask(line, "films", at=now())
    for _ in range(2):
        text(line, "ЗАПРЕТ")
    assert "запрещены" in last(line)
    assert models.ContentBan.objects.count() == 1
    assert (make.now(one.id).state, make.now(waits).state) == (State.ACTIVE, State.REFUSED)
    asked = subscriptions_asking.ask(wish=make.wish(line, "music"), at=now())
    assert (asked.state, asked.why) == (State.REFUSED, Why.BANNED)


def test_cab_11_the_content_account_is_told_on_and_off(line: Line) -> None:
    text(line, "контент")
    assert "выключен" in last(line)
    accounts.switch(contract_id=line.contract_id, on=True, at=now())
    accounts.move(move_id=uuid4(), contract_id=line.contract_id, line_id=line.id, amount_minor=12_345, at=now())
    text(line, "контент")
    assert "123,45 ₽" in last(line)


def test_cab_11_who_forges_a_number_learns_and_changes_nothing(line: Line) -> None:
    one = make.begun(line, at=now())
    sim(line)
    before = answers(line)
    for words in ("подписки", "контент", "ВЫКЛ ГОРОСКОП", "ЗАПРЕТ", "ОТМЕНА"):
        text(line, words, imsi="250990000000999")
    assert answers(line) == before
    assert make.now(one.id).state is State.ACTIVE
    assert not models.ContentBan.objects.exists()


def test_cab_11_a_stop_by_text_leaves_the_trace_of_one_in_the_cabinet() -> None:
    make.publish()
    traces = []
    for by in ("web", "sms"):
        line = rich()
        one = make.begun(line, "films", at=now())
        if by == "web":
            subscriptions.stop(subscription_id=one.id, line_ids=[line.id], why=Why.OWNER, by="owner", at=now())
        else:
            text(line, "ВЫКЛ КИНО")
        ended = make.now(one.id)
        told = Message.objects.filter(recipient=line.number, template="subscription ended")
        traces.append(
            (
                ended.state, ended.ended_by, ended.works_until, ended.back_minor, make.charges(line),
                make.balance(line), [{**row.params, "id": "", "number": "", "why": ""} for row in told],
            )
        )  # fmt: skip
    assert traces[0] == traces[1]
    ordered.assert_books_agree()
