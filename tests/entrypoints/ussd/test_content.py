"""Subscriptions of other companies, the way back and the last order's end in the phone's menu (CH-2, CAB-11)."""

from __future__ import annotations

from typing import Any

import pytest

from abonent.domains.identity import actions as identity
from abonent.domains.lines.queries import Line, account_of
from abonent.domains.orders import models
from abonent.domains.orders.states import State as Order
from abonent.domains.orders.subscriptions.rules import State, Why
from abonent.entrypoints.ussd.pages import fits
from abonent.foundation.clock import now
from tests.factories import blocks, channels, lines, network, offers
from tests.factories import subscriptions as make
from tests.factories.channels import Dialled
from tests.factories.network import Switch
from tests.factories.orders import sums

pytestmark = pytest.mark.django_db
SUBSCRIPTIONS = "*111*9#"


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    channels.load_words()
    blocks.rules()
    make.publish(make.OTHER)
    return network.open_network(settings)


@pytest.fixture
def line() -> Line:
    return channels.served()


def test_cab_11_one_is_stopped_by_a_second_press_that_is_told_what_comes_back(line: Line) -> None:
    one, other = make.begun(line, "films", at=now()), make.begun(line, at=now())
    session = Dialled(line, "*111*4#")
    session.choose("Подписки")
    session.choose("Кино")
    assert make.now(one.id).state is State.ACTIVE, "nothing before the second press"
    asked = session.whole()
    for part in ("Отключить", "вернётся 60,00 ₽"):
        assert part in asked, asked
    end = session.choose("Да")
    assert fits(end.text)
    assert (make.now(one.id).state, make.now(one.id).why) == (State.ENDED, Why.USSD)
    assert make.now(other.id).state is State.ACTIVE
    session.step -= 1
    assert session.press("1") == end, "the same press again"
    assert make.messages(line).count("subscription ended") == 1


def test_cab_11_all_are_stopped_and_new_ones_banned(line: Line) -> None:
    made = [make.begun(line, at=now()), make.begun(line, at=now(), provider=make.OTHER)]
    session = Dialled(line, SUBSCRIPTIONS)
    session.choose("Отключить все")
    session.choose("Да")
    assert "2" in session.whole()
    assert {make.now(one.id).state for one in made} == {State.ENDED}
    session = Dialled(line, SUBSCRIPTIONS)
    session.choose("Запретить новые")
    assert not models.ContentBan.objects.exists()
    session.choose("Да")
    assert models.ContentBan.objects.get().line_id == line.id
    assert "Запретить" not in Dialled(line, SUBSCRIPTIONS).whole()


@pytest.mark.parametrize("label", ["Гороскоп", "Запретить новые"])
def test_cab_11_no_changes_nothing(line: Line, label: str) -> None:
    one = make.begun(line, at=now())
    session = Dialled(line, SUBSCRIPTIONS)
    session.choose(label)
    session.choose("Нет")
    assert make.now(one.id).state is State.ACTIVE
    assert not models.ContentBan.objects.exists()


def test_cab_11_what_ended_meanwhile_is_told_and_not_ended_again(line: Line) -> None:
    one = make.begun(line, at=now())
    first, second = Dialled(line, SUBSCRIPTIONS), Dialled(line, SUBSCRIPTIONS)
    for session in (first, second):
        session.choose("Гороскоп")
    for session in (first, second):
        session.choose("Да")
    assert make.now(one.id).state is State.ENDED
    assert make.messages(line).count("subscription ended") == 1


def test_cab_11_the_content_account_is_told(line: Line) -> None:
    session = Dialled(line, "*111*4#")
    session.choose("Контентный счёт")
    assert "выключен" in session.whole()


def test_ch_2_the_way_back_leads_through_the_menus_and_orders_nothing(line: Line) -> None:
    session = Dialled(line, "*111#")
    main = session.screen.text
    session.choose("Услуги")
    services = session.screen.text
    session.choose("Подключить")
    session.choose("Once")
    assert "* Назад" in session.whole()
    session.press("*")
    session.press("*")
    assert session.screen.text == services
    assert session.press("*").text == main
    assert session.press("*").text == main, "from the first menu nothing leads back: a wrong press"
    assert not models.Order.objects.exists()


def test_ch_2_the_balance_of_the_menu_leads_back_and_the_code_of_it_ends(line: Line) -> None:
    session = Dialled(line, "*111#")
    session.choose("Баланс")
    assert (session.screen.goes_on, session.screen.text.endswith("* Назад")) == (True, True)
    assert "1" in session.press("*").text
    assert not Dialled(line, "*100#").screen.goes_on


def test_ch_2_after_an_order_no_press_leads_back(line: Line) -> None:
    session = Dialled(line, "*111*4#")
    session.choose("Подключить")
    session.choose("Once")
    session.choose("Да")
    assert "Назад" not in session.whole()
    assert not session.screen.goes_on


def test_ch_2_two_sessions_at_once_order_once(line: Line) -> None:
    first, second = Dialled(line, "*111*22#"), Dialled(line, "*111*22#")
    for session in (first, second):
        session.choose("Да")
    assert models.Order.objects.count() == 1
    assert sums(line)[1] == 45_000


def test_cab_11_the_last_order_is_called_off_from_the_menu(line: Line) -> None:
    session = Dialled(line, "*111*22#")
    session.choose("Да")
    session = Dialled(line, "*111#")
    session.choose("Отменить заказ")
    assert models.Order.objects.get().state == Order.ACKNOWLEDGED
    session.choose("Да")
    assert "отменён" in session.whole()
    assert (models.Order.objects.get().state, sums(line)) == (Order.CANCELLED, (50_000, 50_000))
    assert "нет заказов" in Dialled(line, "*111*0#").whole()


@pytest.mark.parametrize("dialled", ["*100#", "*111#", "*111*2#", "*111*9#", "*111*6#", "*111*828*1#", "*111*22#"])
def test_ch_2_a_number_without_a_cabinet_is_served_in_its_own_language(dialled: str) -> None:
    plain = lines.line()
    assert account_of(plain.id) is None
    session = Dialled(plain, dialled)
    assert fits(session.screen.text)
    assert "не работает" not in session.screen.text


def test_ch_2_the_menu_speaks_the_subscribers_language(line: Line) -> None:
    account_id = account_of(line.id)
    assert account_id
    identity.note_language(account_id=account_id, language="en")
    make.begun(line, at=now())
    session = Dialled(line, SUBSCRIPTIONS)
    assert session.screen.text.startswith("To stop one, choose it:")
    session.choose("Horoscope")
    assert "Stop" in session.whole()
