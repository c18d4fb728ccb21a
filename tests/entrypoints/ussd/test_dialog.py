"""Menus and codes of the phone: what is told, asked, confirmed by a second press, and lost in the middle (CH-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.domains.catalog.packages_rules import Package
from abonent.domains.catalog.words.rules import Kind, Word
from abonent.domains.identity import actions as identity
from abonent.domains.lines import models as tables
from abonent.domains.lines.queries import account_of
from abonent.domains.messaging.models import UssdSession
from abonent.domains.messaging.ussd import LIFE
from abonent.domains.orders import models
from abonent.entrypoints.ussd import dialog
from abonent.entrypoints.ussd.menu import CODES, MENUS
from abonent.entrypoints.ussd.pages import fits
from abonent.foundation.clock import now
from tests.factories import blocks, channels, network, offers, promised
from tests.factories.channels import Dialled
from tests.factories.network import Switch
from tests.factories.orders import sums

pytestmark = pytest.mark.django_db
PACKAGE = offers.offer("gig", once_minor=7_000, network=(), package=Package("data", 1024**3, 7))


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load(PACKAGE)
    channels.load_words(Word(Kind.OFFER, "gig", "гиг", "gig", "41"))
    blocks.rules()
    return network.open_network(settings)


def test_ch_2_star_100_tells_the_balance_and_ends() -> None:
    session = Dialled(channels.served(), "*100#")
    assert (session.screen.goes_on, "500,00 ₽" in session.screen.text) == (False, True)


def test_ch_2_the_menu_names_all_that_is_there_in_pages_that_fit() -> None:
    session = Dialled(channels.served(), "*111#")
    assert fits(session.screen.text)
    said = session.whole()
    for part in ("Баланс", "Пакеты", "Услуги", "Тариф", "Обещанный платёж", "Заблокировать", "Мои номера"):
        assert part in said, said


def test_ch_2_every_line_of_every_menu_and_every_code_leads_somewhere() -> None:
    promised.rules()
    line = channels.served()
    for code in CODES:
        assert Dialled(line, code).screen.text
    for menu in MENUS.values():
        for item in menu.items:
            session = Dialled(line, "*111#" if menu is MENUS["main"] else "*111*4#")
            session.choose(str(item.label))
            assert "Такого пункта" not in session.screen.text
            assert fits(session.screen.text)


def test_ch_2_star_111_828_1_asks_for_number_management() -> None:
    assert "номер" in Dialled(channels.served(), "*111*828*1#").whole().lower()


def test_ch_2_a_paid_thing_costs_nothing_before_the_second_press_and_its_price_is_told() -> None:
    line = channels.served()
    session = Dialled(line, "*111#")
    session.choose("Пакеты")
    session.choose("Gig")
    assert not models.Order.objects.exists()
    assert sums(line) == (50_000, 50_000)
    asked = session.whole()
    for part in ("Купить", "70,00 ₽", "430,00 ₽"):
        assert part in asked, asked
    end = session.choose("Да")
    assert "Заказ принят" in end.text
    assert models.Order.objects.get().channel == "ussd"
    assert sums(line)[1] == 43_000


def test_ch_2_no_orders_nothing() -> None:
    session = Dialled(channels.served(), "*111*41#")
    session.choose("Нет")
    assert "Ничего не заказано" in session.screen.text
    assert not models.Order.objects.exists()


def test_ch_2_who_has_too_little_is_told_the_sum_and_the_way_out() -> None:
    session = Dialled(channels.served(1_000), "*111*41#")
    said = session.whole()
    for part in ("Не хватает 60,00 ₽", "/topup/"):
        assert part in said, said
    assert not models.HandsetWish.objects.exists()


def test_ch_2_a_promised_payment_is_taken_from_the_menu() -> None:
    promised.rules()
    line = promised.regular(at=now())
    session = Dialled(line, "*111*6#")
    session.press("1")
    asked = session.whole()
    assert "вернуть до" in asked
    session.choose("Да")
    assert "/promised/" in session.whole()


def test_ch_2_a_session_lost_in_the_middle_has_ordered_nothing() -> None:
    line = channels.served()
    session = Dialled(line, "*111*41#")
    with time_machine.travel(now() + LIFE + timedelta(seconds=1), tick=False):
        assert "Сеанс окончен" in session.press("1").text
    assert not models.Order.objects.exists()


def test_ch_2_a_press_that_comes_again_is_answered_alike_and_orders_once() -> None:
    line = channels.served()
    session = Dialled(line, "*111*41#")
    while "Да" not in session.screen.text:
        session.press("0")
    first = session.press("1")
    session.step -= 1
    assert session.press("1") == first
    assert models.Order.objects.count() == 1
    session.step -= 1
    assert "Сеанс окончен" in session.press("2").text, "another press under the same number"


def test_ch_2_another_number_cannot_press_in_somebodys_session() -> None:
    line, other = channels.served(), channels.served()
    session = Dialled(line, "*111*41#")
    session.line = other
    assert "Сеанс окончен" in session.press("0").text
    session.line, session.step = line, session.step - 1
    assert session.press("0").goes_on


def test_ch_2_another_sim_and_a_number_of_nobody_learn_nothing() -> None:
    line = channels.served()
    tables.Sim.objects.create(line_id=line.id, imsi="250990000000001", since=now())
    screens = [
        dialog.press(session=f"{uuid4()}", step=0, number=number, subscriber=sim, text="*100#", at=now())
        for number, sim in ((line.number, "250990000000002"), (line.number, ""), ("+79990000000", ""))
    ]
    assert {screen.text for screen in screens} == {"С этого номера команда не работает. Позвоните нам."}
    assert not UssdSession.objects.exists()


@pytest.mark.parametrize("dialled", ["*999#", "привет", "", "*111*77#", "*111*месяц#", "#", "*111*828*2#", "9" * 40])
def test_ch_2_an_unknown_code_ends_with_where_the_menu_is(dialled: str) -> None:
    screen = Dialled(channels.served(), dialled).screen
    assert (screen.goes_on, "*111#" in screen.text) == (False, True)


def test_ch_2_a_wrong_line_is_asked_once_more_and_then_the_session_ends() -> None:
    session = Dialled(channels.served(), "*111#")
    first = session.screen.text
    assert (session.press("77").text, session.screen.goes_on) == (first, True)
    assert not session.press("x").goes_on


def test_ch_2_english_goes_on_one_page_of_182_characters() -> None:
    line = channels.served()
    account_id = account_of(line.id)
    assert account_id
    identity.note_language(account_id=account_id, language="en")
    screen = Dialled(line, "*111#").screen
    assert screen.text.startswith("Menu:")
    assert "8 My numbers" in screen.text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet="0123456789*#яa", max_size=6), max_size=8))
def test_ch_2_whatever_is_pressed_nothing_breaks_and_every_page_fits(presses: list[str]) -> None:
    if "line" not in _kept:
        _kept["line"] = channels.served()
    session = Dialled(_kept["line"], "*111#")
    for press in presses:
        assert fits(session.press(press).text)


_kept: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    _kept.clear()
