"""Home internet: a technician is called, moved and called off; staff see it in their queue (FIX-2)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_staff_journey import AGENT, enter

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
OWNER = "+79000000001"


def sound(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


def test_fix_2_a_technician_is_called_moved_seen_by_staff_and_called_off(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(width=320)
    sign_in(page, OWNER)
    page.goto("/")
    page.locator("button.entry:has-text('net-000001')").click()
    page.wait_for_url("**/home/")
    sound(page)
    page.locator("a[href='/equipment/']").click()
    sound(page)
    page.goto("/visits/new/")
    page.locator("textarea").fill("Со вчерашнего дня нет интернета")
    page.locator("input[name=starts]").last.check()
    sound(page)
    page.locator(".request-form button").first.click()
    page.wait_for_url(re.compile(r"/visits/\d+/\?booked"))
    sound(page)
    visit = re.sub(r"\D", "", page.url.partition("/visits/")[2])
    page.locator(f"a[href='/visits/{visit}/move/']").click()
    sound(page)
    page.locator("input[name=starts]").nth(-2).check()
    page.locator(".request-form button").first.click()
    page.wait_for_url("**/?moved")
    staff = open_page(width=1280, english=True)
    enter(operator, staff, AGENT)
    for address in ("/staff/visits/", f"/staff/visits/{visit}/"):
        staff.goto(address)
        sound(staff)
    expect(staff.locator("main")).to_contain_text("Somebody is on the way")
    page.locator("summary", has_text=re.compile("Отменить визит")).click()
    page.locator(f"form[action='/visits/{visit}/cancel/'] button").click()
    page.wait_for_url("**/?cancelled")
    sound(page)
    check_no_console(page)
    check_no_console(staff)
