"""Autopay, from a card that a top-up saved to the money that comes by itself and the SMS that tells of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_topup_journey import ask_to_pay, at_the_bank, is_paid, told

pytestmark = pytest.mark.journey
GOOD_CARD = "2200000000000004"


def test_cab_7_a_balance_below_the_threshold_is_topped_up_by_itself(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    number = operator.spare_number()
    page = open_page()
    sign_in(page, number)
    ask_to_pay(page, "11", "card", save=True)
    at_the_bank(page, GOOD_CARD)
    is_paid(page, "11")
    page.get_by_role("link", name="Сделать автоплатежом").click()
    page.locator("#id_threshold").fill("5000")
    page.locator("#id_amount").fill("1 234,50")
    # The cap is below one payment: the page says so and keeps what was typed.
    page.locator("#id_cap").fill("1000")
    check_axe(page)
    page.locator("form.autopay button[type=submit]").click()
    expect(page.locator("#id_cap_error")).to_contain_text("1 234,50")
    check_axe(page)
    page.locator("#id_cap").fill("2000")
    page.locator("form.autopay button[type=submit]").click()
    expect(page.locator("h1")).to_have_text("Включить автоплатёж?")
    check_axe(page)
    check_no_sideways_scroll(page)
    page.locator("form[action='/autopay/confirm/'] button").click()
    expect(page.locator("h1")).to_have_text("Автоплатёж включён")
    assert "Автоплатёж включён" in told(operator, number, "Автоплатёж: 1 234,50 ₽ с карты")
    until_paid(page)
    check_axe(page)
    page.get_by_role("button", name="Выключить").click()
    expect(page.locator("h1")).to_have_text("Автоплатёж выключен")
    check_no_console(page)


def until_paid(page: Page) -> None:
    """Look at the page again until the payment stands there with its receipt."""
    for _ in range(30):
        page.goto("/autopay/")
        if page.locator("a.thing", has_text="1 234,50").count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError(page.locator("main").inner_text())
