"""A contract as a way in, and what becomes of a cabinet when the network speaks of its number."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator, decline_password, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
ACCOUNT, CONTACT = "8800000001", "+79009990001"


def sound(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


def enter_by_contract(operator: Operator, page: Page) -> None:
    page.goto("/login/")
    page.locator("a[href^='/login/contract/']").click()
    sound(page)
    before = len(operator.messages(CONTACT))
    page.locator("input[name=number]").fill("8800-000 001")
    page.locator("form[action='/login/contract/'] button.button").click()
    page.wait_for_url("**/login/contract/code/**")
    sound(page)
    enter_code(page, operator.code(CONTACT, after=before))


def happens(page: Page, number: str, act: str) -> None:
    """Let the network do something to the number, on its own page."""
    page.goto(f"/phone/network/?number={quote(number)}")
    sound(page)
    page.locator(f"button[value={act}]").click()
    expect(page.locator(".notice.good")).to_be_visible()


def test_id_12_the_owner_of_a_dish_gets_in_by_the_account_number(operator: Operator, open_page: NewPage) -> None:
    page = open_page(width=390)
    enter_by_contract(operator, page)
    decline_password(page)
    for address in ("/home/", "/expenses/", "/statement/", "/security/"):
        page.goto(address)
        sound(page)
    page.goto("/home/")
    expect(page.locator("main")).to_contain_text("sat-000001")
    check_no_console(page)


def test_id_12_it_says_what_is_wrong_in_english_and_without_scripts(open_page: NewPage) -> None:
    page = open_page(width=320, english=True, scripts=False)
    page.goto("/login/contract/")
    page.locator("form[action='/login/contract/'] button.button").click()
    expect(page.locator(".error-summary")).to_contain_text("Enter the number of the contract or account")
    expect(page).to_have_title(re.compile("^Error: "))
    page.locator("input[name=number]").fill("300000099")
    page.locator("input[value=email]").check()
    page.locator("form[action='/login/contract/'] button.button").click()
    page.wait_for_url("**/login/contract/code/**")
    expect(page.locator("main")).to_contain_text("If 300000099 is")
    expect(page.locator("main")).to_contain_text("the e-mail address of the contract")
    check_no_sideways_scroll(page)


def test_id_18_after_a_new_sim_a_code_enters_and_the_statement_stays_shut(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    number = operator.spare_number()
    page = open_page(width=1280)
    happens(page, number, "sim")
    expect(page.locator("main")).to_contain_text("Одной SMS доступ не вернуть до")
    sign_in(page, number)
    page.goto("/statement/")
    page.wait_for_url("**/login/confirm/**")
    sound(page)
    check_no_console(page)


def test_id_18_a_number_that_changed_hands_has_a_cabinet_of_its_own(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    number = operator.spare_number(only=True)
    old, network = open_page(width=390), open_page(width=390, dark=True)
    sign_in(old, number)
    happens(network, number, "release")
    old.goto("/home/")
    old.wait_for_url("**/login/**")
    new = open_page(width=390)
    sign_in(new, number)
    expect(new.locator("main")).to_contain_text("Попутный")
    check_no_console(new)


def test_id_19_a_number_that_nobody_used_gets_no_code_until_it_is_back(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    number = operator.spare_number()
    page, network = open_page(width=390), open_page(width=390)
    sign_in(page, number)
    happens(network, number, "unused")
    page.goto("/home/")
    expect(page.locator("main")).to_contain_text("им не пользовались 183 дня")
    sound(page)
    happens(network, number, "used")
    page.reload()
    expect(page.locator("main")).not_to_contain_text("183")
