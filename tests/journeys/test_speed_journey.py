"""The speed measured by a real browser: stopped, measured to the end, told to us; without scripts a file (CAB-14)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
OWNER = "+79000000001"
SLOW = {"offline": False, "latency": 20, "downloadThroughput": 400_000, "uploadThroughput": 400_000}
QUICK = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
RESULT = re.compile(r"/speed/[0-9a-f-]{36}/$")


def sound(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


def measure(page: Page) -> None:
    page.goto("/speed/")
    page.get_by_role("button", name=re.compile("Измерить|Measure")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(RESULT)


def test_cab_14_the_speed_is_measured_and_goes_into_a_request(open_page: NewPage, sign_in: SignIn) -> None:
    page = open_page(width=320)
    sign_in(page, OWNER)
    page.goto("/")
    page.locator("button.entry:has-text('net-000001')").click()
    page.wait_for_url("**/home/")
    page.locator("main a[href='/speed/']").click()
    sound(page)
    expect(page.locator("[data-needs-script]")).to_be_hidden()
    # Slow enough that it can be stopped.
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send("Network.emulateNetworkConditions", SLOW)
    page.locator("[data-speed] button[type=submit]").click()
    expect(page.locator("[data-figure]")).to_have_text(re.compile(r"\d"))
    sound(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-status]")).to_have_text("Остановлено. Ничего не сохранено.")
    expect(page.locator("[data-speed] button[type=submit]")).to_be_focused()
    expect(page.locator("section[aria-labelledby=history] .thing")).to_have_count(0)
    slow.send("Network.emulateNetworkConditions", QUICK)
    measure(page)
    sound(page)
    figures = page.locator(".speed-result b").all_inner_texts()
    assert len(figures) == 4
    assert all(float(re.sub(r"\s", "", figure).replace(",", ".")) > 0 for figure in figures)
    page.locator("a[href^='/requests/new/']").click()
    sound(page)
    assert "Загрузка: " in page.locator("textarea").input_value()
    page.goto("/speed/")
    expect(page.locator("section[aria-labelledby=history] .thing")).to_have_count(1)
    check_no_console(page)


def test_cab_14_anybody_can_measure_and_without_scripts_time_a_file(open_page: NewPage) -> None:
    page = open_page(width=1280, dark=True, english=True)
    measure(page)
    sound(page)
    check_no_console(page)
    plain = open_page(width=320, scripts=False)
    plain.goto("/speed/")
    expect(plain.locator("[data-speed]")).to_be_hidden()
    with plain.expect_download() as downloaded:
        plain.locator("a[download]").click()
    assert downloaded.value.path().stat().st_size == 5_000_000
