"""Orders by text: asked with the price, confirmed by digits, repeated, late, wrong, too many (CAB-11, CAB-13)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from abonent.domains.identity import freezing
from abonent.domains.lines import actions as lines_actions
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind as Bar
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line, account_of
from abonent.domains.messaging.models import InboundMessage, Message
from abonent.domains.orders import models
from abonent.domains.orders.handset import rules as handset_rules
from abonent.entrypoints.sms.orders import TOLD_MAX
from abonent.foundation.clock import now
from tests.factories import blocks, cabinet, channels, offers, promised
from tests.factories import network as networks
from tests.factories.channels import answers, code, last, text
from tests.factories.network import Switch
from tests.factories.orders import sums

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    channels.load_words()
    blocks.rules()
    return networks.open_network(settings)


def test_cab_11_a_paid_service_is_asked_about_with_price_and_balance_and_ordered_by_digits() -> None:
    line = channels.served()
    text(line, "ВКЛ РАЗ")
    asked = last(line)
    for part in ("Подключить «Услуга Once»?", "Сейчас: 50,00 ₽", "На балансе останется 450,00 ₽", "на 111 до"):
        assert part in asked, asked
    assert (models.Order.objects.count(), sums(line)) == (0, (50_000, 50_000))
    text(line, code(line))
    assert "/orders/" in last(line)
    order = models.Order.objects.get()
    assert (order.channel, order.offer_code, order.account_id) == ("sms", "once", account_of(line.id))


def test_cab_11_no_text_and_no_digits_are_kept_in_clear() -> None:
    line = channels.served()
    text(line, "вкл раз")
    made = code(line)
    text(line, f"да {made}")
    text(line, "вкл моя-тайна")
    kept = json.dumps([[one.text, one.kept] for one in InboundMessage.objects.all()])
    told = json.dumps([one.params for one in Message.objects.all()])
    assert made not in kept + told
    assert "тайна" not in kept


def test_cab_11_the_same_text_twice_is_one_question_and_the_digits_twice_one_order() -> None:
    line = channels.served()
    text(line, "вкл раз")
    first = code(line)
    text(line, "вкл раз")
    assert code(line) == first
    for _ in range(3):
        text(line, first)
    assert models.Order.objects.count() == 1
    assert models.HandsetWish.objects.count() == 1
    assert sums(line)[1] == 45_000


def test_cab_11_digits_that_come_late_order_nothing_and_say_so() -> None:
    line = channels.served()
    text(line, "вкл раз")
    made, at = code(line), now()
    with time_machine.travel(at + handset_rules.LIFE + timedelta(seconds=1), tick=False):
        text(line, made)
        assert "Время подтверждения вышло" in last(line)
    assert not models.Order.objects.exists()


def test_cab_11_three_wrong_codes_end_the_question() -> None:
    line = channels.served()
    text(line, "вкл раз")
    right = code(line)
    wrong = "0000" if right != "0000" else "0001"
    for _ in range(3):
        text(line, wrong)
    assert "Осталось попыток: 0" in last(line)
    text(line, right)
    assert not models.Order.objects.exists()


def test_ch_1_digits_that_nobody_waits_for_get_help_once() -> None:
    line = channels.served()
    before = len(answers(line))
    text(line, "1234")
    text(line, "4321")
    assert answers(line)[before:] == ["keyword help"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("вкл выше", "Услуга Base"),
        ("вкл слово", "УСЛУГИ, ПАКЕТЫ и ТАРИФ"),
        ("выкл раз", "не подключена"),
        ("потерян 9990000000", "не другой ваш номер"),
        ("обещанный много", "Такого у нас нет"),
    ],
)
def test_cab_2_a_refusal_says_why_and_the_way_out_and_changes_nothing(words: str, said: str) -> None:
    line = channels.served()
    text(line, words)
    assert said in last(line)
    assert not models.Order.objects.exists()
    assert not models.HandsetWish.objects.exists()


def test_cab_2_who_has_too_little_hears_the_sum_to_a_kopeck() -> None:
    line = channels.served(1_234)
    text(line, "раз")
    for part in ("Не хватает 37,66 ₽", "/topup/", "ОБЕЩАННЫЙ"):
        assert part in last(line)


def test_cab_2_a_price_that_changed_before_the_yes_is_asked_about_anew() -> None:
    line = channels.served()
    text(line, "вкл раз")
    made = code(line)
    promised.spend(line, 49_000)
    text(line, made)
    for part in ("Ничего не заказано", "Не хватает"):
        assert part in last(line)
    assert not models.Order.objects.exists()


def test_cab_11_what_the_line_has_and_may_have_is_told() -> None:
    line = channels.served()
    for words, part in (
        ("баланс", "500,00 ₽"), ("услуги", "нет подключённых услуг"), ("пакеты", "пакетов нет"),
        ("тариф", "Ваш тариф"), ("остаток", "нет пакетов"),
    ):  # fmt: skip
        text(line, words)
        assert part in last(line), words


def test_ch_1_a_machine_that_answers_us_is_not_answered_for_ever() -> None:
    line = channels.served()
    for _ in range(TOLD_MAX + 5):
        text(line, "баланс")
    assert answers(line).count("told balance") == TOLD_MAX


def test_ch_1_so_many_questions_in_an_hour_and_no_more() -> None:
    line = channels.served()
    for number in range(handset_rules.ASKED_MAX + 4):
        with time_machine.travel(now() + timedelta(seconds=number), tick=False):
            promised.spend(line, 1)
            text(line, "раз")
    assert models.HandsetWish.objects.count() == handset_rules.ASKED_MAX
    assert "в течение часа" in last(line)


def test_id_18_a_new_sim_orders_nothing_for_a_day() -> None:
    line = channels.served()
    network.note_sim_replaced(number=line.number, imsi="250990000000009", at=now(), key="sim")
    text(line, "вкл раз", imsi="250990000000009")
    assert "сутки" in last(line)
    assert not models.HandsetWish.objects.exists()


def test_cab_11_a_protected_cabinet_orders_nothing() -> None:
    line = channels.served()
    text(line, "вкл раз")
    made = code(line)
    account_id = account_of(line.id)
    assert account_id
    freezing.freeze(account_id=account_id, event_id=None, at=now(), by="self")
    text(line, made)
    assert "под защитой" in last(line)
    assert not models.Order.objects.exists()


def test_cab_8_a_protected_cabinet_is_lent_nothing() -> None:
    promised.rules()
    line = promised.regular(at=now())
    account_id = lines_actions.open_line(line_id=line.id, language="ru", at=now())
    text(line, "обещанный")
    made = code(line)
    freezing.freeze(account_id=account_id, event_id=None, at=now(), by="self")
    text(line, made)
    assert "под защитой" in last(line)
    assert "promised taken" not in answers(line)


def test_cab_13_another_own_number_is_blocked_as_lost_by_text() -> None:
    line = channels.served()
    other = _second(line)
    text(line, f"ПОТЕРЯН {other.number}")
    assert "как потерянный" in last(line)
    assert bars_queries.standing(other.id) == []
    text(line, code(line))
    assert bars_queries.stands(other.id, Bar.LOST)
    text(line, f"потерян {line.number}")
    assert "не другой ваш номер" in last(line)


def test_cab_8_a_promised_payment_is_asked_about_and_taken() -> None:
    promised.rules()
    line = promised.regular(at=now())
    lines_actions.open_line(line_id=line.id, language="ru", at=now())
    before = sums(line)[0]
    text(line, "обещанный 7")
    assert "Можно взять" in last(line)
    text(line, "обещанный")
    assert "вернуть до" in last(line)
    text(line, code(line))
    assert sums(line)[0] > before
    assert answers(line)[-1] == "promised taken"


def _second(line: Line) -> Line:
    return cabinet.another(line, "+79007770001", "poputny")
