"""Codes as people meet them: by e-mail, in a call, with the phone off, behind a question, and without the number."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from num2words import num2words
from playwright.sync_api import Page, expect

from tests.journeys.conftest import WAIT_S, NewPage, Operator, decline_password, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]


def sound(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


def of_phone(operator: Operator, document: str, **query: str) -> Any:
    """Return what the phone on screen says to programs."""
    named = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    with urllib.request.urlopen(f"{operator.address}/phone/{document}.json?{named}") as answer:
        return json.load(answer)


def tell_phone(operator: Operator, document: str, **typed: object) -> Any:
    request = urllib.request.Request(
        f"{operator.address}/phone/{document}.json", json.dumps(typed).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def until(find: Callable[[], Any], what: str) -> Any:
    """Wait until `find` finds something and return it."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if found := find():
            return found
        time.sleep(0.1)
    raise AssertionError(what)


def code_in_mail(operator: Operator, address: str, *, after: int = 0) -> str:
    def newest() -> str:
        letters = of_phone(operator, "mail", address=address)
        found = len(letters) > after and re.search(r"\b\d{6}\b", letters[0]["text"])
        return found[0] if found else ""

    return str(until(newest, f"no letter came to {address}"))


def ask(page: Page, number: str) -> None:
    page.goto("/login/")
    page.locator("input[type=tel]").fill(number)
    page.locator("form[action='/login/'] button.button").click()
    page.wait_for_load_state()


def confirm_address(operator: Operator, page: Page, address: str) -> None:
    page.goto("/security/email/")
    page.locator("#id_email").fill(address.upper())
    page.locator("form[action='/security/email/'] button.button").click()
    page.wait_for_url("**/security/email/code/**")
    enter_code(page, code_in_mail(operator, address))
    page.wait_for_url("**/security/email/?set")
    expect(page.get_by_text(address)).to_be_visible()


def test_id_6_an_address_is_confirmed_in_the_cabinet_and_opens_it_from_then_on(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    for english, scripts in ((False, True), (True, False)):
        page = open_page(english=english, scripts=scripts)
        sign_in(page, operator.spare_number())
        confirm_address(operator, page, f"person{english:d}@example.org")
        if scripts:
            sound(page)
    # A minute lies between two codes to one address.
    operator.an_hour_later()
    for english, scripts in ((False, True), (True, False)):
        page = open_page(english=english, scripts=scripts)
        page.goto("/login/?next=/expenses/")
        page.locator("a[href^='/login/email/']").click()
        address = f"person{english:d}@example.org"
        before = len(of_phone(operator, "mail", address=address))
        page.locator("#id_email").fill(address)
        page.locator("form[action='/login/email/'] button.button").click()
        page.wait_for_url("**/login/email/code/**")
        if scripts:
            sound(page)
            check_no_console(page)
        enter_code(page, code_in_mail(operator, address, after=before))
        page.wait_for_url(re.compile("/expenses/"))


def test_id_9_a_known_browser_hears_that_the_phone_is_off_and_a_call_says_the_same_code(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    number, called = operator.spare_number(), operator.spare_number()
    known, page = open_page(english=True, scripts=False), open_page()
    known.goto("/login/")
    sign_in(known, number)
    known.context.clear_cookies(name="session")
    tell_phone(operator, "switch", number=number, on=False)
    page.clock.install()
    ask(page, called)
    sound(page)
    code = operator.code(called)
    # The page counts the minute down and then offers the call.
    button = page.locator("button[value=voice]")
    expect(button).to_be_hidden()
    page.clock.fast_forward(50_000)
    expect(button).to_be_hidden()
    page.clock.fast_forward(15_000)
    expect(button).to_be_visible()
    operator.an_hour_later()
    sound(page)
    button.click()
    page.wait_for_url("**/login/code/?called")
    sound(page)
    check_no_console(page)
    ring = until(lambda: of_phone(operator, "calls", number=called), "nobody called")[0]
    heard = tell_phone(operator, "calls", number=called, id=ring["id"])
    assert ", ".join(code) in heard["text"]
    assert "data-delivery" not in page.content(), "not before the first entry in this browser"
    enter_code(page, code)
    decline_password(page)

    ask(known, number)
    until(lambda: known.reload() and "the phone is off" in said(known), "nobody said that the phone is off")
    tell_phone(operator, "switch", number=number, on=True)
    until(lambda: known.reload() and "delivered the message" in said(known), "nobody said that it came")


def said(page: Page) -> str:
    return page.locator("main").inner_text().lower()


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_id_1_a_browser_that_asks_for_many_codes_answers_a_question_first(
    operator: Operator, open_page: NewPage, english: bool, scripts: bool
) -> None:
    page = open_page(english=english, scripts=scripts)
    for place in range(8):
        ask(page, f"+7900{777 + english}000{place}")
        page.wait_for_url("**/login/code/**")
    number = operator.spare_number()
    ask(page, number)
    picture = page.locator(".captcha img")
    expect(picture).to_be_visible()
    assert page.evaluate("document.querySelector('.captcha img').naturalWidth") == 240 if scripts else True
    if scripts:
        sound(page)
    shown = picture.get_attribute("src")
    page.locator("button[name=kind][value=picture]").click()
    page.wait_for_load_state()
    assert picture.get_attribute("src") != shown
    page.locator("button[name=kind][value=words]").click()
    page.wait_for_load_state()
    if scripts:
        sound(page)
    said = page.locator("label[for=id_captcha]").inner_text()
    language = "en" if english else "ru"
    answer = next(value for value in range(100, 1000) if said.endswith(f" {num2words(value, lang=language)}"))
    page.locator("#id_captcha").fill("1")
    page.locator("form[action='/login/'] button.button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    said = page.locator("label[for=id_captcha]").inner_text()
    answer = next(value for value in range(100, 1000) if said.endswith(f" {num2words(value, lang=language)}"))
    page.locator("#id_captcha").fill(str(answer))
    page.locator("form[action='/login/'] button.button").click()
    page.wait_for_url("**/login/code/**")
    if scripts:
        check_no_console(page)
    enter_code(page, operator.code(number))
    decline_password(page)


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_id_9_without_the_number_two_answers_lead_to_one_way(open_page: NewPage, english: bool, scripts: bool) -> None:
    page = open_page(width=320, english=english, scripts=scripts)
    page.goto("/login/")
    page.locator("a[href='/login/no-access/']").click()
    page.locator("form button[type=submit]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    if scripts:
        sound(page)
    page.locator("input[value=lost]").check()
    page.locator("form button[type=submit]").click()
    expect(page.locator("#way-title")).to_have_text("Only a shop is left" if english else "Остаётся только салон")
    if scripts:
        sound(page)
    page.locator("p.further a").click()
    page.locator("input[value=here]").check()
    page.locator("input[value=password]").check()
    page.locator("form button[type=submit]").click()
    page.locator(".one-way a.button").click()
    page.wait_for_url("**/login/password/**")
