"""Number → code → home → expenses → statement → files: as a person does it, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator, ask_code, decline_password, enter_code

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (False, False), (True, True)])
def test_id_1_cab_1_cab_3_cab_4_a_subscriber_gets_in_and_sees_where_the_money_went(
    operator: Operator, open_page: NewPage, sign_in: SignIn, english: bool, scripts: bool
) -> None:
    page = open_page(english=english, scripts=scripts)
    page.goto("/")
    page.locator("a[href^='/login/']").first.click()
    sign_in(page, operator.spare_number())

    expect(page.get_by_text("Balance" if english else "Баланс").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en" if english else "ru")

    page.goto("/charges/")
    expect(page.locator("h1")).to_have_text("Coming charges" if english else "Предстоящие списания")
    if page.locator(".coming summary").count():
        page.locator(".coming summary").first.click()
        expect(page.locator(".coming .why").first).to_be_visible()

    page.locator("a[href^='/expenses/']:visible").first.click()
    page.wait_for_url("**/expenses/**")
    # On the first day of a month nothing has been spent in it yet.
    page.get_by_role("link", name="Three months" if english else "Три месяца", exact=True).click()
    page.wait_for_url("**/expenses/?from=**")
    expect(page.locator("table:visible").first).to_be_visible()

    page.locator("main a[href^='/statement/?']:visible").first.click()
    page.wait_for_url("**/statement/**")
    expect(page.locator("table:visible").first).to_be_visible()

    for kind, head in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        link = page.locator(f"a[href*='.{kind}']:visible").first
        answer = page.request.get(link.get_attribute("href") or "")
        assert answer.ok, kind
        assert answer.body().startswith(head), kind
        assert "attachment" in answer.headers["content-disposition"]


def test_cab_4_the_statement_asks_for_a_proof_and_never_shows_another_persons(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    stranger = open_page()
    stranger.goto("/statement/")
    assert "/login/" in stranger.url
    page = open_page()
    sign_in(page, operator.spare_number())
    missing = page.goto("/statement/charge/00000000-0000-0000-0000-000000000000/")
    assert missing is not None
    assert missing.status == 404


def test_id_3_a_wrong_code_is_said_and_the_right_one_still_works(operator: Operator, open_page: NewPage) -> None:
    number = operator.spare_number()
    page = open_page()
    page.goto("/login/")
    ask_code(page, "8 (" + number[2:5] + ") " + number[5:])
    right = operator.code(number)
    enter_code(page, "000000" if right != "000000" else "111111")
    expect(page).to_have_title(re.compile("^Ошибка: "))
    enter_code(page, f" {right[:3]}-{right[3:]} ")
    decline_password(page)


def test_id_1_the_way_out_ends_the_session_and_the_back_button_shows_nothing(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(width=1280)
    sign_in(page, operator.spare_number())
    page.locator("form[action='/logout/'] button:visible").first.click()
    page.wait_for_load_state()
    page.goto("/home/")
    assert "/login/" in page.url
    page.go_back()
    assert "₽" not in page.locator("main").inner_text()


def test_cab_1_without_a_network_the_last_known_state_is_shown(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page()
    sign_in(page, operator.spare_number())
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    page.goto("/home/")
    text = page.locator("main").inner_text()
    assert "*100#" in text
    assert "₽" in text
    page.context.set_offline(False)
