"""A charge that its owner does not agree with: written, taken, given back by two of staff (OPS-3, CAB-18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_no_console
from tests.journeys.test_staff_journey import AGENT, SUPERVISOR, enter, leave_open_case, look

pytestmark = pytest.mark.journey
SUM = "1"


def look_at(page: Page, width: int) -> None:
    """Look at the page on a phone in the dark, or on a desk in the light."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if width < 800 else "light")
    look(page)


def test_ops_3_a_charge_is_disputed_and_given_back_by_two(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    customer = open_page()
    sign_in(customer, operator.spare_number())
    customer.goto("/statement/?type=fees")
    customer.locator("a[href*='/statement/charge/']").first.click()
    customer.locator("a[href*='/disputes/charge/']").click()
    customer.wait_for_url("**/disputes/charge/**")
    customer.locator("main form button[type=submit]").first.click()
    expect(customer.locator(".error-summary")).to_be_visible()
    look_at(customer, 320)
    customer.check("input[value='wrong sum']")
    customer.fill("textarea", "The price was another one")
    customer.locator("main form button[type=submit]").first.click()
    customer.wait_for_url("**/?new")
    look_at(customer, 1280)

    disputed = customer.url
    customer.goto("/numbers/own/")
    customer.fill("input[name=number]", "+79000000099")
    customer.locator("main form button[type=submit]").click()
    customer.wait_for_url("**/numbers/?asked")
    customer.goto(disputed)

    agent = open_page(width=1280)
    enter(operator, agent, AGENT)
    leave_open_case(agent)
    agent.goto("/staff/numbers/")
    look_at(agent, 320)
    agent.goto("/staff/disputes/")
    look_at(agent, 320)
    agent.locator(".hits form button").last.click()
    agent.wait_for_url("**/staff/case/*/")
    look_at(agent, 1280)
    agent.locator("a[href*='/credit/?thing=']").click()
    agent.wait_for_url("**/credit/**")
    agent.fill("input[name=amount]", SUM)
    agent.select_option("select[name=reason]", "wrong charge")
    agent.fill("textarea[name=comment]", "x")
    look_at(agent, 320)
    agent.locator("main form button[type=submit]").last.click()
    agent.wait_for_url("**/?done=credit")
    leave_open_case_here(agent)

    senior = open_page(width=1280)
    enter(operator, senior, SUPERVISOR)
    senior.goto("/staff/money/")
    look_at(senior, 1280)
    senior.locator(".hits a").first.click()
    senior.wait_for_url("**/staff/money/*-*/")
    look_at(senior, 320)
    senior.locator("form:has(input[value=yes]) button").click()
    senior.wait_for_url("**/staff/money/?agreed")

    customer.reload()
    expect(customer.locator("main a[href*='/statement/charge/']").first).to_be_visible()
    customer.locator("main a[href*='/statement/charge/']").first.click()
    expect(customer.locator(".formula")).not_to_be_empty()
    for page in (customer, agent, senior):
        check_no_console(page)


def leave_open_case_here(page: Page) -> None:
    page.fill("form[action$='/close/'] textarea", "Test")
    page.locator("form[action$='/close/'] button").click()
    page.wait_for_url("**/staff/?closed")
