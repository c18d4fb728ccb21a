"""Passwords as people live with them: offered, typed, forgotten, changed, locked by a stranger, made up by us."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator, ask_code, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
FIRST, SECOND, THIRD = "корабль лошадь 7", "brittle kettle 7", "verbose otter 19"
LAYOUTS = pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])


def submit(page: Page, address: str) -> None:
    page.locator(f"form[action='{address}'] .button").first.click()


def enter(page: Page, number: str, password: str) -> None:
    page.goto("/login/password/")
    page.locator("input[name=login]").fill(number)
    page.locator("input[name=password]").fill(password)
    submit(page, "/login/password/")


def sound(page: Page, *, scripts: bool) -> None:
    if scripts:
        check_axe(page)
    check_no_sideways_scroll(page)


@LAYOUTS
def test_id_2_id_3_id_15_offered_typed_and_changed(
    operator: Operator, open_page: NewPage, english: bool, scripts: bool
) -> None:
    number = operator.spare_number()
    page = open_page(width=320, english=english, scripts=scripts)
    page.goto("/login/")
    ask_code(page, number)
    enter_code(page, operator.code(number))
    page.wait_for_url("**/login/offer/**")
    sound(page, scripts=scripts)
    page.locator("input[name=password]").fill("qwerty")
    submit(page, "/login/offer/")
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("button[name=generate]").click()
    made = page.locator("input[name=password]").input_value()
    assert len(made) >= 20
    assert page.locator("input[name=password]").get_attribute("type") == "text"
    sound(page, scripts=scripts)
    page.locator("input[name=password]").fill(FIRST)
    submit(page, "/login/offer/")
    page.wait_for_url("**/home/**")

    elsewhere = open_page(width=320, english=english, scripts=scripts)
    enter(elsewhere, f"8 ({number[2:5]}) {number[5:]}", FIRST)
    elsewhere.wait_for_url("**/home/**")

    page.goto("/security/password/")
    sound(page, scripts=scripts)
    page.locator("input[name=old]").fill(FIRST)
    page.locator("input[name=password]").fill(SECOND)
    submit(page, "/security/password/")
    page.wait_for_url("**/security/password/?set")
    elsewhere.goto("/home/")
    assert "/login/" in elsewhere.url, "other sessions ended"
    check_no_console(page)


@LAYOUTS
def test_id_4_id_5_forgotten_and_locked_by_a_stranger(
    operator: Operator, open_page: NewPage, english: bool, scripts: bool
) -> None:
    number = operator.spare_number()
    page = open_page(english=english, scripts=scripts)
    for count in range(3):
        enter(page, number, f"wrong horse {count}")
        expect(page).to_have_title(re.compile("^Error: " if english else "^Ошибка: "))
    closed = "Entry by password is closed" if english else "Вход по паролю для этого логина закрыт"
    expect(page.get_by_text(closed).first).to_be_visible()
    sound(page, scripts=scripts)

    page.locator("a[href^='/login/forgot/']").click()
    page.wait_for_url("**/login/forgot/**")
    sound(page, scripts=scripts)
    page.locator("input[name=login]").fill(number)
    submit(page, "/login/forgot/")
    page.wait_for_url("**/login/forgot/code/")
    enter_code(page, operator.code(number))
    page.wait_for_url("**/login/new-password/**")
    sound(page, scripts=scripts)
    page.locator("input[name=password]").fill(THIRD)
    submit(page, "/login/new-password/")
    page.wait_for_url("**/home/**")

    again = open_page(english=english, scripts=scripts)
    enter(again, number, THIRD)
    again.wait_for_url("**/home/**")
    check_no_console(page)


def test_id_16_with_scripts_the_keyboard_and_the_strength_are_said(open_page: NewPage) -> None:
    page = open_page()
    page.goto("/login/password/")
    field = page.locator("input[name=password]")
    field.press_sequentially("Пароль")
    expect(page.get_by_text("Это русские буквы")).to_be_visible()
    page.get_by_role("button", name="Показать").click()
    assert field.get_attribute("type") == "text"
    page.get_by_role("button", name="Скрыть").click()
    assert field.get_attribute("type") == "password"
    assert field.get_attribute("autocomplete") == "current-password"
    page.evaluate(
        """() => {
          const input = document.querySelector("input[name=password]");
          input.value = "abc";
          input.dispatchEvent(new KeyboardEvent("keydown", { key: "C", modifierCapsLock: true, bubbles: true }));
        }"""
    )
    expect(page.get_by_text("Включён Caps Lock")).to_be_visible()
    check_no_console(page)
