"""Calls of a number: barred behind a PIN and then it is done; a tone chosen; a message left, heard and brought back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PAGE_S, NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
FIRST = "+79000000001"


def look(page: Page) -> None:
    check_axe(page)
    check_no_sideways_scroll(page)


def test_cab_14_calls_are_barred_with_a_pin_and_the_page_says_when_it_is_done(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    page = open_page(width=320)
    sign_in(page, operator.spare_number())
    page.goto("/calls/")
    page.locator("a[href='/calls/barring/']").click()
    page.get_by_role("link", name="Придумать ПИН").click()
    page.locator("#id_pin").fill("4071")
    page.get_by_role("button", name="Сохранить ПИН").click()
    expect(page.get_by_role("status")).to_contain_text("Новый ПИН уже действует")
    page.locator("a[href='/calls/barring/out/']").click()
    page.get_by_label("Запрещены все исходящие звонки").check()
    page.locator("#id_pin").fill("0000")
    page.get_by_role("button", name="Изменить запрет звонков").click()
    expect(page.locator("#id_pin_error")).to_contain_text("осталось 2")
    look(page)
    page.locator("#id_pin").fill("4071")
    page.get_by_role("button", name="Изменить запрет звонков").click()
    expect(page.get_by_role("status")).to_contain_text("в течение нескольких минут")
    for _ in range(PAGE_S):
        if "исходящие звонки, с" in page.locator("main").inner_text():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.locator("main")).to_contain_text("Запрещены все исходящие звонки, с")
    look(page)


def test_vas_4_vas_5_a_tone_is_set_and_a_message_is_played_deleted_and_brought_back(
    open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    page = open_page(width=1280)
    sign_in(page, FIRST)
    page.goto("/calls/tones/catalogue/?category=merry")
    page.get_by_role("link", name="Поставить: Воробьи").click()
    page.get_by_label("Один звонящий").check()
    page.locator("#id_caller").fill("8 916 123-45-67")
    page.get_by_role("button", name="Поставить эту мелодию").click()
    expect(page.get_by_role("status").first).to_contain_text("Мелодия поставлена")
    page.locator("#id_caller").fill("9161234567")
    page.get_by_role("button", name="Узнать").click()
    expect(page.locator("main")).to_contain_text("Прозвучит: Воробьи")
    look(page)
    page.goto(f"/phone/?number=%2B{FIRST[1:]}")
    page.locator("#voice-caller").fill("+7 900 000-00-03")
    page.get_by_role("button", name="Оставить голосовое сообщение").click()
    expect(page.get_by_role("status").first).to_contain_text("Сообщение оставлено")
    page.goto("/calls/voicemail/")
    newest = page.locator("audio").first
    newest.evaluate("sound => { sound.muted = true; return sound.play(); }")
    assert 11 < newest.evaluate("sound => sound.duration") < 13
    page.reload()
    expect(page.locator("section[aria-labelledby=messages] li").first).not_to_contain_text("новое")
    page.get_by_role("button", name="Удалить: +7 900 000-00-03").first.click()
    page.get_by_role("button", name="Вернуть: +7 900 000-00-03").first.click()
    expect(page.get_by_role("status")).to_contain_text("возвращено")
    look(page)
    check_no_console(page)
