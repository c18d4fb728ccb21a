"""Services, a tariff, a block: ordered, done, undone, while the network is slow, on a small phone (CAB-10, 11, 13)."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_promised_journey import pay

pytestmark = pytest.mark.journey
PASSWORD = "Kemuta-Voridi-Nopalu-42"
ORDER = re.compile(r"/orders/[0-9a-f-]{36}/$")


def network(operator: Operator, **said: object) -> None:
    """Set what the network does wrong."""
    request = urllib.request.Request(f"{operator.network}/control.json", json.dumps(said).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def sound(page: Page) -> None:
    check_axe(page)
    check_no_sideways_scroll(page)


def test_cab_11_a_service_and_a_tariff_are_ordered_done_and_undone(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    number = operator.spare_number()
    pay(operator, number, 300_000)
    page = open_page(width=320)
    sign_in(page, number)
    page.locator("main a[href='/services/']").click()
    page.locator("a[href='/services/turbo/']").click()
    network(operator, slow_ms=2_000)
    page.locator("form[action='/services/turbo/'] button").click()
    page.wait_for_url(ORDER)
    expect(page.locator("main")).to_contain_text("Будет готово за несколько минут")
    sound(page)
    network(operator, slow_ms=0)
    # Nobody touches the page: it sees by itself that it is done.
    expect(page.locator("h1")).to_contain_text("подключена")
    sound(page)
    page.goto("/services/turbo/?when=next")
    check_no_sideways_scroll(page)
    page.locator("form[action='/services/turbo/'] button").click()
    page.wait_for_url(ORDER)
    page.locator("form[action$='/undo/'] button").click()
    expect(page.locator("h1")).to_contain_text("Заказ отменён")
    check_no_sideways_scroll(page)
    # Another tariff, from the next period on, seen on the home page and undone.
    page.goto("/tariffs/")
    page.locator("main a.entry").first.click()
    page.locator("main a[href$='/order/']").click()
    page.locator("main a[href$='?when=next']").first.click()
    sound(page)
    page.locator("main form[method=post] button").click()
    page.wait_for_url(ORDER)
    expect(page.locator("h1")).to_contain_text("Переходим на тариф")
    sound(page)
    page.goto("/home/")
    page.locator(".needs a[href='/tariffs/']").click()
    page.locator("form[action$='/undo/'] button").click()
    expect(page.locator("h1")).to_contain_text("Заказ отменён")
    block_and_lose(page)
    check_no_console(page)


def block_and_lose(page: Page) -> None:
    """Block the number for a while, then at once, since the phone is lost; it is found, said by no SMS (CAB-13)."""
    page.goto("/security/password/")
    page.locator("input[type=password]").first.fill(PASSWORD)
    page.locator("form:has(input[type=password]) button[type=submit]").first.click()
    page.wait_for_url("**?set")
    page.goto("/home/")
    page.locator("main a[href='/lines/block/']").first.click()
    sound(page)
    page.locator("form[action='/lines/block/new/'] button").click()
    sound(page)
    page.locator("main form[method=post] button").click()
    page.wait_for_url(ORDER)
    expect(page.locator("h1")).to_contain_text("Блокировка поставлена")
    sound(page)
    page.goto("/home/")
    sound(page)
    page.locator(".needs a[href='/lines/block/']").click()
    sound(page)
    page.locator("form[action='/lines/lost/'] button").click()
    expect(page.locator("h2").first).to_contain_text("Что делать дальше")
    sound(page)
    page.locator("main a[href='/lines/found/']").click()
    page.wait_for_url("**/login/confirm/**")
    page.goto("/login/confirm/?way=password&next=/lines/found/")
    page.locator("input[type=password]").first.fill(PASSWORD)
    page.locator("form:has(input[type=password]) button[type=submit]").first.click()
    page.wait_for_url("**/lines/found/")
    sound(page)
    page.locator("form[action='/lines/found/'] button").click()
    expect(page.locator("main")).to_contain_text("Номер снова работает")
