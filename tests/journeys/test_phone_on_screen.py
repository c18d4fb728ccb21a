"""The phone on screen in a browser: messages come by themselves, and answers go without scripts."""

from __future__ import annotations

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
ADDRESS = "/phone/?number=%2B79000000003"
NUMBER = "+79000000003"


def test_a_message_appears_on_an_open_phone(operator: Operator, open_page: NewPage) -> None:
    page = open_page(width=390, dark=True)
    page.goto(ADDRESS)
    body = json.dumps({"sender": NUMBER, "recipient": "0890", "text": "Позвоните мне"}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{operator.address}/phone/messages.json", data=body)).close()
    expect(page.locator("#screen")).to_contain_text("Позвоните мне")
    check_axe(page)
    check_no_sideways_scroll(page)
    check_no_console(page)


def test_it_answers_without_scripts_and_names_what_is_wrong(operator: Operator, open_page: NewPage) -> None:
    page = open_page(width=390, scripts=False)
    page.goto(ADDRESS)
    page.locator("textarea").fill("Стоп\n<b>всем</b>")
    page.locator(".handset-answer button").click()
    expect(page.locator("#screen li").last).to_contain_text("<b>всем</b>")
    before = operator.messages(NUMBER)
    page.locator(".handset-answer button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert page.title().startswith("Ошибка: ")
    assert operator.messages(NUMBER) == before
