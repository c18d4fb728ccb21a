"""The phone on screen in a browser: messages come by themselves, and answers go without scripts."""

from __future__ import annotations

import json
import re
import urllib.request
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey


def show_phone(page: Page, number: str) -> None:
    page.goto(f"/phone/?number={quote(number)}")


def test_a_message_appears_on_an_open_phone(operator: Operator, open_page: NewPage) -> None:
    number = operator.spare_number()
    page = open_page(width=390, dark=True)
    show_phone(page, number)
    body = json.dumps({"sender": number, "recipient": "0890", "text": "Позвоните мне"}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{operator.address}/phone/messages.json", data=body)).close()
    expect(page.locator("#screen")).to_contain_text("Позвоните мне")
    check_axe(page)
    check_no_sideways_scroll(page)
    check_no_console(page)


def test_it_answers_without_scripts_and_names_what_is_wrong(operator: Operator, open_page: NewPage) -> None:
    number = operator.spare_number()
    page = open_page(width=390, scripts=False)
    show_phone(page, number)
    page.locator("textarea").fill("Стоп\n<b>всем</b>")
    page.locator("form.handset-answer[action='/phone/'] button").click()
    expect(page.locator("#screen")).to_contain_text("<b>всем</b>")
    # Its answer may come meanwhile.
    sent = [one for one in operator.messages(number) if one["sender"] == number]
    page.locator("form.handset-answer[action='/phone/'] button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page).to_have_title(re.compile("^Ошибка: "))
    assert [one for one in operator.messages(number) if one["sender"] == number] == sent
