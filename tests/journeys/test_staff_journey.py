"""Contact centre, shop and supervisor at work, the customer's phone beside them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
AGENT, SHOP, SUPERVISOR, ENGINEER = "titova", "gushin", "maslova", "orehov"
DOCUMENT, BORN, CODE_WORD = re.compile(r"00 00 \d{6}"), re.compile(r"\d\d\.\d\d\.\d{4}"), re.compile("«([^»]+)»")


def enter(page: Page, login: str) -> None:
    """Sign in with what the demo shows: the password, and the code of the authenticator app."""
    for _ in range(3):
        page.goto("/phone/staff/")
        row = page.locator("dl div").filter(has_text=login)
        password = row.locator("dt span").inner_text().split(" · ")[1]
        code = row.locator("dd").inner_text().replace(" ", "")
        page.goto("/staff/login/")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", password)
        page.locator("main button[type=submit]").click()
        page.fill("input[name=code]", code)
        page.locator("main button[type=submit]").click()
        page.wait_for_load_state()
        if page.url.endswith("/staff/"):
            return
        # The code was used within these 30 seconds, or they ended meanwhile: the next one is taken.
        page.wait_for_timeout(31_000)
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


def answers_of(operator: Operator, number: str) -> tuple[str, str, str]:
    """Return document, birth date and code word of the owner, as the demo prints them."""
    place = int(number[-3:]) - 1
    told = operator.people[place]
    return DOCUMENT.findall(told)[0], BORN.findall(told)[0], CODE_WORD.findall(told)[0]


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_id_10_an_agent_checks_who_calls_and_sends_a_password_that_only_the_customer_sees(
    operator: Operator, open_page: NewPage, sign_in: SignIn, english: bool, scripts: bool
) -> None:
    number = "+79000000002" if english else "+79000000001"
    document, born, code_word = answers_of(operator, number)
    customer = open_page(english=english)
    sign_in(customer, number)
    page = open_page(width=1280, english=english, scripts=scripts)
    if scripts:
        look_at_entry(page)
    enter(page, AGENT)
    leave_open_case(page)
    open_case(page, number)
    assert number[2:] not in re.sub(r"\D", "", page.locator("main").inner_text())
    say(page, "code word", code_word)
    say(page, "birth date", born)
    expect(page.locator(".who .checked")).to_be_visible()
    if scripts:
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            look(page)
        page.keyboard.press("s")
    else:
        page.locator("a[href$='/password_sms/']").click()
    page.wait_for_url("**/password_sms/")
    before = len(operator.messages(number))
    for _ in range(14):
        page.locator(".panel form button").first.click()
        page.wait_for_load_state()
        if "done=password_sms" in page.url:
            break
        # The code of the sign-in went out less than a minute ago.
        expect(page.locator(".said")).to_contain_text("after" if english else "после")
        page.wait_for_timeout(5_000)
    secret = sent_password(page, operator, number, before)
    for said in (secret, document, document.replace(" ", "")):
        assert said not in page.content()
    page.fill("textarea", "Test")
    page.locator("form[action$='/close/'] button").click()
    page.wait_for_url("**/staff/?closed")
    customer.goto("/security/changes/")
    expect(customer.locator("main")).to_contain_text("one-time password by SMS" if english else "пароль по SMS")


def test_id_11_the_shop_prints_an_envelope_that_only_the_owner_opens(operator: Operator, open_page: NewPage) -> None:
    number = "+79000000003"
    document, born, _ = answers_of(operator, number)
    page = open_page(width=1280, dark=True)
    enter(page, SHOP)
    leave_open_case(page)
    open_case(page, number)
    look(page)
    page.locator("form[action$='/document/'] button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    look(page)
    page.fill("input[name=number]", document)
    page.fill("input[name=birth_date]", born)
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
    owner.fill("input[name=login]", number)
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
    open_page: NewPage, login: str, addresses: tuple[str, ...]
) -> None:
    page = open_page(width=1280)
    enter(page, login)
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
