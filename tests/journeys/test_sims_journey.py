"""Another SIM and another number by a person: price first, the code for a proof, the undo (CAB-16)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
NUMBER = "+79000000006"


def sound(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


def prove(operator: Operator, page: Page) -> None:
    """Give a fresh proof by a code, if the page asks for one."""
    if "/login/confirm/" not in page.url:
        return
    before = len(operator.messages(NUMBER))
    page.locator("main form button.button").first.click()
    enter_code(page, operator.code(NUMBER, after=before))
    page.wait_for_url(re.compile("/(sim|number)/"))


def undo(page: Page) -> None:
    page.locator("form[action$='/undo/'] button").click()
    expect(page.locator("h1")).to_contain_text("Заказ отменён")


def test_cab_16_an_esim_is_ordered_its_code_shown_and_installed(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(width=390)
    sign_in(page, NUMBER)
    page.goto("/calls/")
    page.locator("a[href='/sim/']").click()
    sound(page)
    page.locator("a[href='/sim/esim/']").click()
    prove(operator, page)
    expect(page.locator("main")).to_contain_text("Заказать eSIM за 99,00")
    sound(page)
    page.locator("section.question form button.button").click()
    page.wait_for_url("**/orders/**")
    order = page.url
    show = page.locator("a[href^='/sim/code/']")
    # The page looks again by itself until the code is there.
    expect(show).to_be_visible()
    sound(page)
    show.click()
    sound(page)
    page.locator("form[action^='/sim/code/'] button.button").click()
    expect(page.locator("svg.qr")).to_be_visible()
    sound(page)
    page.locator("a[href^='/phone/esim/']").click()
    sound(page)
    page.locator("form[action='/phone/esim/'] button.button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    page.goto(order)
    undo(page)
    check_no_console(page)


def test_cab_16_a_number_is_chosen_held_ordered_and_undone_without_scripts(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(width=320, scripts=False)
    sign_in(page, NUMBER)
    page.goto("/number/?digits=33&kind=ordinary")
    sound(page)
    page.locator("button[name=number]").first.click()
    prove(operator, page)
    expect(page.locator("h1")).to_contain_text("Сменить номер?")
    sound(page)
    page.locator("section.question form button.button").click()
    page.wait_for_url("**/orders/**")
    expect(page.locator("h1")).to_contain_text("Меняем номер")
    sound(page)
    undo(page)
