"""Contact centre, shop and supervisor at work, the customer's phone beside them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from abonent.demo import staff as demo
from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_factors_journey import code_of

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
AGENT, SHOP, SUPERVISOR, ENGINEER = "titova", "gushin", "maslova", "orehov"


def enter(operator: Operator, page: Page, login: str) -> None:
    """Sign in with what the demo shows: the password, and the code of the authenticator app."""
    page.goto("/phone/staff/")
    row = page.locator("dl div").filter(has_text=login)
    password = row.locator("dt span").inner_text().split(" · ")[1]
    code = row.locator("dd").inner_text().replace(" ", "")
    page.goto("/staff/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/staff/login/second/")
    key = next(one.key for one in demo.hired(operator.var / "demo") if one.login == login)
    for _ in range(3):
        page.fill("input[name=code]", code)
        with page.expect_navigation():
            page.locator("main button[type=submit]").click()
        if page.url.endswith("/staff/"):
            return
        # The code was used within these 30 seconds, or they ended meanwhile. The app's clock may be ahead by one step.
        if code == code_of(key, 1):
            page.wait_for_timeout(31_000)
        code = code_of(key, 1)
    raise AssertionError(page.locator("main").inner_text())


def open_case(page: Page, number: str) -> None:
    page.fill("input[name=text]", number)
    page.keyboard.press("Enter")
    page.locator(".hits li form button").first.click()
    page.wait_for_url("**/staff/case/*/")


def say(page: Page, question: str, answer: str) -> None:
    form = page.locator(f"form:has(input[value='{question}'])")
    form.locator("input[name=said]").fill(answer)
    form.locator("button").click()
    page.wait_for_load_state()


def look(page: Page) -> None:
    check_axe(page)
    check_no_sideways_scroll(page)


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_id_10_an_agent_checks_who_calls_and_sends_a_password_that_only_the_customer_sees(
    operator: Operator, open_page: NewPage, sign_in: SignIn, english: bool, scripts: bool
) -> None:
    person = operator.known_person()
    customer = open_page(english=english)
    sign_in(customer, person.number)
    page = open_page(width=1280, english=english, scripts=scripts)
    if scripts:
        look_at_entry(page)
    enter(operator, page, AGENT)
    leave_open_case(page)
    open_case(page, person.number)
    assert person.number[2:] not in re.sub(r"\D", "", page.locator("main").inner_text())
    say(page, "code word", person.code_word)
    say(page, "birth date", person.born)
    expect(page.locator(".who .checked")).to_be_visible()
    if scripts:
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            look(page)
        talk = page.url
        for address in ("services/", "services/turbo/", "tariffs/poputny/", "pause/", "subscriptions/"):
            page.goto(f"{talk}{address}")
            look(page)
        page.goto(talk)
        page.keyboard.press("s")
    else:
        page.locator("a[href$='/password_sms/']").click()
    page.wait_for_url("**/password_sms/")
    before = len(operator.messages(person.number))
    with page.expect_navigation():
        page.locator(".panel form button").first.click()
    if "done=password_sms" not in page.url:
        # The code of the sign-in went out less than a minute ago.
        expect(page.locator(".said")).to_contain_text("after" if english else "после")
        operator.an_hour_later()
        page.locator(".panel form button").first.click()
        page.wait_for_url("**/?done=password_sms")
    secret = sent_password(page, operator, person.number, before)
    for said in (secret, person.document, person.document.replace(" ", "")):
        assert said not in page.content()
    page.fill("textarea", "Test")
    page.locator("form[action$='/close/'] button").click()
    page.wait_for_url("**/staff/?closed")
    customer.goto("/security/changes/")
    expect(customer.locator("main")).to_contain_text("one-time password by SMS" if english else "пароль по SMS")


def test_id_11_the_shop_prints_an_envelope_that_only_the_owner_opens(operator: Operator, open_page: NewPage) -> None:
    person = operator.known_person()
    page = open_page(width=1280, dark=True)
    enter(operator, page, SHOP)
    leave_open_case(page)
    open_case(page, person.number)
    look(page)
    page.locator("form[action$='/document/'] button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    look(page)
    page.fill("input[name=number]", person.document)
    page.fill("input[name=birth_date]", person.born)
    page.check("input[name=owner]")
    page.locator("form[action$='/document/'] button").click()
    expect(page.locator(".who .checked")).to_be_visible()
    for deed in ("application", "form_received", "envelope"):
        page.locator(f"a[href$='/{deed}/']").click()
        page.wait_for_url(f"**/{deed}/")
        page.locator(".panel form button").first.click()
        page.wait_for_url("**/?done=*")
    paper = page.request.get(page.locator("a[href$='application.pdf']").get_attribute("href") or "")
    assert paper.body().startswith(b"%PDF")
    look(page)
    printed = open_page(width=390)
    printed.goto("/phone/printer/")
    for _ in range(50):
        if printed.locator("[data-password]").count():
            break
        printed.wait_for_timeout(200)
        printed.reload()
    password = printed.locator("[data-password]").first.inner_text()
    look(printed)
    assert password not in page.content()
    owner = open_page(width=390)
    owner.goto("/login/password/")
    owner.fill("input[name=login]", person.number)
    owner.fill("input[name=password]", password)
    owner.locator("form:has(input[name=password]) button[type=submit]").first.click()
    owner.wait_for_url("**/login/new-password/**")
    page.fill("textarea", "Test")
    page.locator("form[action$='/close/'] button").click()
    check_no_console(page)


@pytest.mark.parametrize(
    ("login", "addresses"), [(SUPERVISOR, ("approvals/", "audit/")), (ENGINEER, ("network/", "audit/"))]
)
def test_ops_1_pages_of_supervisors_and_engineers_are_sound(
    operator: Operator, open_page: NewPage, login: str, addresses: tuple[str, ...]
) -> None:
    page = open_page(width=1280)
    enter(operator, page, login)
    for address in ("", *addresses):
        for width, scheme in ((320, "dark"), (1280, "light")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            page.goto(f"/staff/{address}")
            look(page)
    check_no_console(page)


def sent_password(page: Page, operator: Operator, number: str, after: int) -> str:
    """Wait for the one-time password on the customer's phone."""
    for _ in range(100):
        for message in operator.messages(number)[after:]:
            if found := re.match(r"[2-9a-hjkmnp-z]{10}\b", message["text"]):
                return found[0]
        page.wait_for_timeout(200)
    raise AssertionError(operator.messages(number))


def look_at_entry(page: Page) -> None:
    for address in ("/staff/login/", "/phone/staff/", "/phone/printer/"):
        page.goto(address)
        look(page)


def leave_open_case(page: Page) -> None:
    """End the talk that an earlier journey left open."""
    link = page.locator("a.button[href^='/staff/case/']")
    if link.count():
        link.click()
        page.fill("textarea", "Test")
        page.locator("form[action$='/close/'] button").click()
        page.wait_for_url("**/staff/?closed")
