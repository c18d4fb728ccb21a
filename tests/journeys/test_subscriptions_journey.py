"""A provider asks, the code of our SMS begins it, all is stopped with one form (CAB-11)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_promised_journey import pay
from tests.journeys.test_staff_journey import SUPERVISOR, enter

pytestmark = pytest.mark.journey


def look(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if width < 800 else "light")
    check_axe(page)
    check_no_sideways_scroll(page)


def press(page: Page) -> None:
    """Press the one button of the question."""
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()


def test_cab_11_a_subscription_begins_by_the_code_alone_and_stops_with_all_others(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    number = operator.spare_number()
    pay(operator, number, 500_000)
    page = open_page()
    before = len(operator.messages(number))
    page.goto(f"/phone/providers/?number=%2B{number[1:]}")
    with page.expect_navigation():
        page.locator("form:has(input[value='starlight/dreams']) button").first.click()
    expect(page.locator("[role=status]")).to_contain_text('"state": "asked"')
    code = operator.code(number, after=before)
    link = next(
        found[0] for one in operator.messages(number)[before:] if (found := re.search(r"/subscribe/\S+/", one["text"]))
    )
    page.goto(link)
    look(page, 320)
    page.fill("input[name=code]", "000000" if code != "000000" else "111111")
    press(page)
    expect(page.locator(".error-summary")).to_be_visible()
    look(page, 1280)
    # A browser says of a wrong code that it is one.
    page.console_messages_seen.clear()  # type: ignore[attr-defined]
    page.fill("input[name=code]", code)
    press(page)
    expect(page.locator("[role=status]")).to_be_visible()
    look(page, 320)

    sign_in(page, number)
    page.goto("/subscriptions/")
    look(page, 320)
    page.locator("a.thing[href^='/subscriptions/']").first.click()
    page.wait_for_url(re.compile(r"/subscriptions/[0-9a-f-]{36}/$"))
    one = page.url
    for address, width in ((one, 320), (f"{one}stop/", 1280), (f"{one}disagree/", 320)):
        page.goto(address)
        look(page, width)
    page.goto("/subscriptions/account/confirm/?amount=1&way=to")
    press(page)
    page.wait_for_url(re.compile(r"/subscriptions/account/[0-9a-f-]{36}/$"))
    look(page, 320)
    page.goto("/subscriptions/stop-all/")
    press(page)
    page.wait_for_url("**/subscriptions/stopped/**")
    look(page, 320)
    page.goto(one)
    expect(page.locator("a[href$='/stop/']")).to_have_count(0)
    check_no_console(page)

    senior = open_page(width=1280)
    enter(operator, senior, SUPERVISOR)
    senior.goto("/staff/providers/")
    for width in (1280, 320):
        look(senior, width)
    check_no_console(senior)
