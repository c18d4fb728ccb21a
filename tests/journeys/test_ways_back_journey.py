"""Ways back that end in a new password: a code by e-mail, a second proof after a new SIM, `25 …` to 111."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import NewPage, Operator, ask_code, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_channels_journey import last_text
from tests.journeys.test_codes_journey import code_in_mail, confirm_address, of_phone
from tests.running import running

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
BOTH = pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
PASSWORD, NEXT, OWN = "корабль лошадь 7", "verbose otter 19", "Tihaya-Reka-27"


def sound(page: Page, *, scripts: bool = True) -> None:
    page.wait_for_load_state()
    check_no_sideways_scroll(page)
    if scripts:
        check_axe(page)


def submit(page: Page, address: str) -> None:
    page.locator(f"form[action='{address}'] .button").first.click()


def ask(page: Page, login: str, channel: str = "sms") -> None:
    page.goto("/login/forgot/")
    page.locator("input[name=login]").fill(login)
    page.locator(f"input[name=channel][value={channel}]").check()
    submit(page, "/login/forgot/")
    page.wait_for_url("**/login/forgot/code/")


def set_new(page: Page, password: str) -> None:
    page.wait_for_url("**/login/new-password/**")
    page.locator("input[name=password]").fill(password)
    if page.locator("input[name=repeated]").count():
        page.locator("input[name=repeated]").fill(password)
    submit(page, "/login/new-password/")
    page.wait_for_url("**/home/**")


def by_password(page: Page, number: str, password: str) -> None:
    page.goto("/login/password/")
    page.locator("input[name=login]").fill(number)
    page.locator("input[name=password]").fill(password)
    submit(page, "/login/password/")


@BOTH
def test_id_6_a_forgotten_password_comes_back_by_e_mail(
    operator: Operator, open_page: NewPage, sign_in: SignIn, english: bool, scripts: bool
) -> None:
    number, address = operator.spare_number(), f"back{english:d}@example.org"
    page = open_page(english=english, scripts=scripts)
    sign_in(page, number)
    confirm_address(operator, page, address)
    operator.an_hour_later()
    before = len(of_phone(operator, "mail", address=address))
    elsewhere = open_page(english=english, scripts=scripts)
    ask(elsewhere, number, "email")
    sound(elsewhere, scripts=scripts)
    enter_code(elsewhere, code_in_mail(operator, address, after=before))
    set_new(elsewhere, NEXT)
    page.goto("/home/")
    assert "/login/" in page.url, "other sessions ended"
    check_no_console(elsewhere)


@BOTH
def test_id_18_after_a_new_sim_the_old_password_on_a_known_device_is_the_second_proof(
    operator: Operator, open_page: NewPage, english: bool, scripts: bool
) -> None:
    number = operator.spare_number()
    page = open_page(width=320, english=english, scripts=scripts)
    page.goto("/login/")
    ask_code(page, number)
    enter_code(page, operator.code(number))
    page.wait_for_url("**/login/offer/**")
    page.locator("input[name=password]").fill(PASSWORD)
    submit(page, "/login/offer/")
    page.wait_for_url("**/home/**")
    page.goto(f"/phone/network/?number={quote(number)}")
    page.locator("button[value=sim]").click()
    expect(page.locator(".notice.good")).to_be_visible()
    operator.an_hour_later()
    page.context.clear_cookies(name="session")
    before = len(operator.messages(number))
    ask(page, number)
    enter_code(page, operator.code(number, after=before))
    page.wait_for_url("**/login/forgot/second/")
    sound(page, scripts=scripts)
    page.locator("input[name=old]").fill("not this one 3")
    submit(page, "/login/forgot/second/")
    expect(page.locator(".error-summary")).to_be_visible()
    sound(page, scripts=scripts)
    page.locator("input[name=old]").fill(PASSWORD)
    submit(page, "/login/forgot/second/")
    set_new(page, NEXT)
    check_no_console(page)


@pytest.fixture(scope="module")
def classic() -> Iterator[Operator]:
    with running("classic", subscribers=12, days=2, environment={"ABONENT_PROFILE": "classic"}) as operator:
        yield operator


@BOTH
def test_id_8_in_the_classic_profile_an_own_password_is_sent_to_111(
    classic: Operator, browser: Browser, english: bool, scripts: bool
) -> None:
    number = "+79000000002" if english else "+79000000001"
    context: BrowserContext = browser.new_context(
        base_url=classic.address, viewport={"width": 390, "height": 844}, locale="en-GB" if english else "ru-RU",
        java_script_enabled=scripts, reduced_motion="reduce",
    )  # fmt: skip
    with context:
        page = context.new_page()
        page.goto("/login/no-access/?sim=here")
        expect(page.locator(".one-way")).to_contain_text("111")
        sound(page, scripts=scripts)
        page.goto(f"/phone/?number={quote(number)}")
        page.locator("#id_recipient").fill("111")
        page.locator("textarea").fill(f"25 {OWN}")
        page.locator("form.handset-answer[action='/phone/'] button").click()
        page.wait_for_load_state()
        once = last_text(classic, number, re.compile(r"^([a-z0-9]{10}) "))
        by_password(page, number, OWN)
        expect(page.locator(".error-summary")).to_be_visible()
        by_password(page, number, once)
        page.wait_for_url(re.compile("/home/|/login/"))
        context.clear_cookies()
        by_password(page, number, OWN)
        page.wait_for_url(re.compile("/home/|/login/switched"))
