"""Entry by another service and by the operator's own network, from one server to another, as a person does it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator, ask_code, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]


def sound(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


def leave(page: Page, service: str) -> None:
    """Press the service's button on the page that is open, and arrive there."""
    page.locator(f"form[action='/login/with/{service}/'] button").click()
    page.wait_for_url("**/authorize**")


@pytest.mark.parametrize(("service", "english", "scripts"), [("other", False, True), ("vk", True, False)])
def test_id_14_a_login_is_linked_by_one_sign_in_opens_the_cabinet_and_is_taken_away(
    operator: Operator, open_page: NewPage, sign_in: SignIn, service: str, english: bool, scripts: bool
) -> None:
    number, person = operator.spare_number(), "Лев Полянский" if english else "Вера Северная"
    page = open_page(english=english, scripts=scripts)
    page.goto("/login/?next=/expenses/")
    leave(page, service)
    page.get_by_role("button", name=person).click()
    page.wait_for_url("**/login/linking/**")
    expect(page.get_by_text(person)).to_be_visible()
    if scripts:
        sound(page)
    page.locator("a.button[href^='/login/']").click()
    expect(page.locator(".said")).to_be_visible()
    check_no_console(page)
    ask_code(page, number)
    enter_code(page, operator.code(number))
    page.wait_for_load_state()
    page.goto("/security/linked/?next=/expenses/")
    expect(page.get_by_text(person)).to_be_visible()
    if scripts:
        sound(page)

    again = open_page(english=english, scripts=scripts)
    again.goto("/login/?next=/expenses/")
    leave(again, service)
    again.get_by_role("button", name=person).click()
    again.wait_for_url(lambda address: operator.address in address and "/login/with/" not in address)
    again.goto("/expenses/")
    assert "/expenses/" in again.url, "the login alone opened the cabinet"

    page.goto("/security/links/")
    if scripts:
        sound(page)
    page.locator("form[action='/security/links/remove/'] button").click()
    page.wait_for_url("**/security/links/?removed")
    stranger = open_page(english=english, scripts=scripts)
    stranger.goto("/login/")
    leave(stranger, service)
    stranger.get_by_role("button", name=person).click()
    stranger.wait_for_url("**/login/linking/**")
    check_no_console(stranger)


def test_id_14_odnoklassniki_is_refused_there_and_said_here(operator: Operator, open_page: NewPage) -> None:
    page = open_page()
    page.goto("/login/")
    leave(page, "odnoklassniki")
    page.locator("button.no").click()
    page.wait_for_url("**/login/with/odnoklassniki/callback/**")
    expect(page.locator("h1")).to_contain_text("Одноклассники")
    sound(page)
    page.go_back()
    check_no_console(page)


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_id_13_the_own_network_opens_the_cabinet_and_another_does_not(
    operator: Operator, open_page: NewPage, english: bool, scripts: bool
) -> None:
    number = operator.spare_number()
    page = open_page(english=english, scripts=scripts)
    page.goto("/login/")
    page.locator("a[href^='/login/network/']").click()
    page.wait_for_url("**/login/network/back/**")
    expect(page.locator("a[href^='/login/network/']")).to_be_visible()
    if scripts:
        sound(page)

    page.goto(f"/phone/?number=%2B{number[1:]}")
    page.locator("form[action='/phone/internet/'] button").first.click()
    page.wait_for_url("**/login/**")
    page.locator("a[href^='/login/network/']").click()
    page.wait_for_url(lambda address: "/login/network/" not in address)
    page.goto("/home/")
    assert "/home/" in page.url, "no code was asked"
    assert operator.messages(number) == []
    page.goto("/statement/")
    assert "/login/confirm/" in page.url, "who shares the connection sees no statement"
    check_no_console(page)


def test_id_13_a_home_line_opens_the_cabinet_too(operator: Operator, open_page: NewPage) -> None:
    page = open_page(width=1280)
    page.goto("/phone/internet/")
    sound(page)
    page.locator("#behind").fill("не та строка")
    page.locator("form[action='/phone/internet/'] button").first.click()
    expect(page).to_have_title(re.compile("^Ошибка: "))
    check_no_console(page)


def test_id_13_what_a_browser_says_of_itself_goes_past_no_gateway(operator: Operator, open_page: NewPage) -> None:
    page = open_page()
    page.set_extra_http_headers({"X-MSISDN": "79000000001", "X_MSISDN": "79000000001", "X-Line": "net-1"})
    page.goto("/login/")
    page.locator("a[href^='/login/network/']").click()
    page.wait_for_url("**/login/network/back/**")
    page.goto("/home/")
    assert "/login/" in page.url
