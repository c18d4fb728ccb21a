"""A charge that its owner does not agree with: written, taken, given back by two of staff (OPS-3, CAB-18)."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.factories.requests import photo
from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_no_console
from tests.journeys.test_staff_journey import AGENT, SUPERVISOR, enter, leave_open_case, look

pytestmark = pytest.mark.journey
SUM = "1"


def charged(operator: Operator) -> set[str]:
    """Return the numbers that paid a fee lately."""
    with psycopg.connect(operator.database_url) as database:
        return {
            number
            for (number,) in database.execute(
                """select line.number from billing_charge charge join lines_line line on line.id = charge.line_id
                    where charge.record_id is null and charge.amount_minor > 0
                      and charge.booked_at > now() - interval '60 days'"""
            )
        }


def look_at(page: Page, width: int) -> None:
    """Look at the page on a phone in the dark, or on a desk in the light."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if width < 800 else "light")
    look(page)


def test_ops_3_a_charge_is_disputed_and_given_back_by_two(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    customer = open_page()
    sign_in(customer, operator.spare_number(among=charged(operator)))
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

    written = customer.url
    a_request_goes_from_the_photo_to_the_answer(customer, agent)
    customer.goto(written)
    expect(customer.locator("main a[href*='/statement/charge/']").first).to_be_visible()
    customer.locator("main a[href*='/statement/charge/']").first.click()
    expect(customer.locator(".formula")).not_to_be_empty()
    for page in (customer, agent, senior):
        check_no_console(page)


def leave_open_case_here(page: Page) -> None:
    page.fill("form[action$='/close/'] textarea", "Test")
    page.locator("form[action$='/close/'] button").click()
    page.wait_for_url("**/staff/?closed")


def a_request_goes_from_the_photo_to_the_answer(customer: Page, agent: Page) -> None:
    customer.goto("/requests/new/coverage/")
    customer.fill("input[name=subject]", "No signal")
    customer.fill("textarea", "Second day without a signal at home")
    svg = {"name": "map.png", "mimeType": "image/png", "buffer": b"<svg onload='alert(1)'/>"}
    home = {"name": "home.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    customer.set_input_files("input[type=file]", [home, svg])
    customer.locator(".request-form button").click()
    expect(customer.locator(".error-summary")).to_contain_text("map.png")
    expect(customer.locator(".kept")).to_contain_text("home.jpg")
    look_at(customer, 320)
    customer.locator(".request-form button").click()
    customer.wait_for_url("**/requests/*/?new")
    look_at(customer, 320)
    agent.goto("/staff/requests/")
    look_at(agent, 320)
    agent.locator(".hits form button").last.click()
    agent.wait_for_url("**/staff/requests/*/")
    agent.fill("textarea", "The mast was repaired this morning")
    look_at(agent, 1280)
    agent.locator("button[value=answered]").click()
    agent.wait_for_url("**/staff/requests/?done")
    agent.goto("/staff/requests/report/")
    look_at(agent, 320)
    customer.reload()
    expect(customer.locator(".ours")).to_contain_text("The mast was repaired")
    look_at(customer, 1280)
