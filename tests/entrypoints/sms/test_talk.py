"""Whoever writes to a short number is answered from it, whatever it was about: one conversation (CH-1)."""

from __future__ import annotations

from typing import Any

import pytest

from abonent.domains.identity.policy import CLASSIC
from abonent.domains.lines import actions as lines_actions
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.models import Message
from abonent.domains.orders import models
from abonent.foundation.clock import now
from tests.factories import blocks, channels, network, offers, promised
from tests.factories import orders as make
from tests.factories import subscriptions as content
from tests.factories.channels import code, last, text
from tests.factories.network import Switch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    channels.load_words()
    blocks.rules()
    content.publish(content.OTHER)
    return network.open_network(settings)


def senders(number: str) -> list[str]:
    # All but the code of the entry that makes the account.
    rows = Message.objects.filter(recipient=number, channel="sms").exclude(template="code").order_by("created_at")
    return list(rows.values_list("sender", flat=True))


@pytest.mark.parametrize("to", ["111", "3339"])
@pytest.mark.parametrize(
    "words",
    [
        "ПАРОЛЬ", "25 Kemuta-Voridi-42", "25kemuta", "НОМЕРА", "что", "баланс", "остаток", "услуги", "подписки",
        "пакеты", "тариф", "контент", "запрет", "отмена", "вкл раз", "вкл нет", "выкл раз", "обещанный", "СТОП ВСЕ",
        "СТОП ПЕРЕНОС", "ДА 123456", "ВЫКЛ ГОРОСКОП",
    ],
)  # fmt: skip
def test_ch_1_the_answer_comes_from_the_number_that_was_written_to(to: str, words: str, settings: Any) -> None:
    line = channels.served()
    settings.POLICY = CLASSIC
    text(line, words, to=to)
    assert senders(line.number) == [to]


@pytest.mark.parametrize("to", ["111", "3339"])
def test_ch_1_an_order_is_asked_about_taken_and_done_in_one_conversation(to: str) -> None:
    line = channels.served()
    text(line, "вкл раз", to=to)
    assert f"на {to} до" in last(line)
    text(line, code(line), to=to)
    assert models.HandsetWish.objects.get().short_number == to
    make.work(now())
    rows = Message.objects.filter(recipient=line.number, template="order done")
    assert [row.sender for row in rows] == [to]
    assert set(senders(line.number)) == {to}


def test_ch_1_what_nobody_asked_for_by_text_comes_from_the_number_of_codes() -> None:
    line = channels.served()
    text(line, "баланс", to="111")
    messaging.send(recipient=line.number, template="keyword help", params={}, language="ru")
    assert senders(line.number) == ["111", "3339"]


def test_cab_8_the_promise_of_a_text_is_paid_out_in_its_conversation() -> None:
    promised.rules()
    line = promised.regular(at=now())
    lines_actions.open_line(line_id=line.id, language="ru", at=now())
    text(line, "обещанный")
    text(line, code(line))
    assert Message.objects.get(recipient=line.number, template="promised taken").sender == "111"


def test_cab_11_a_provider_s_number_answers_and_only_the_code_comes_from_ours() -> None:
    line = make.rich()
    text(line, "что у вас", to="3300")
    text(line, "гороскоп", to="3300")
    content.agree(models.Subscription.objects.get().id, at=now())
    text(line, "стоп", to="3300")
    told = Message.objects.filter(recipient=line.number).order_by("created_at").values_list("template", "sender")
    assert list(told) == [
        ("subscription menu", "3300"), ("subscription asked", "3339"), ("subscription began", "3339"),
        ("subscription ended", "3300"),
    ]  # fmt: skip


def test_ch_1_a_message_to_somebody_else_does_not_come_from_there() -> None:
    line = channels.served()
    with messaging.channels.in_talk(handset=line.number, short_number="111"):
        messaging.send(recipient="+79005550000", template="keyword help", params={}, language="ru")
        messaging.send(channel="email", recipient="a@example.org", template="erased", params={}, language="ru")
    assert senders("+79005550000") == ["3339"]
    assert Message.objects.get(channel="email").sender == messaging.channels.sender_of("email")
