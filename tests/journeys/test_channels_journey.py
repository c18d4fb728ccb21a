"""Ways back by the handset: a word sent from it, a phone that was off, a call; a letter in the mailbox."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import WAIT_S, NewPage, Operator, ask_code, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
TEMPORARY = re.compile(r"^([a-z0-9]{10}) ")
CALL = """
import django; django.setup()
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, Purpose
from abonent.domains.lines.actions import request_code
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
import sys
request_code(number=Msisdn(sys.argv[1]), purpose=Purpose.ENTRY, again=None, origin=Origin(), host="localhost",
             language="ru", at=now(), channel=Channel.VOICE)
"""


def show_phone(page: Page, number: str) -> None:
    page.goto(f"/phone/?number={quote(number)}")


def last_text(operator: Operator, number: str, pattern: re.Pattern[str]) -> str:
    """Wait for a message whose text fits, and return what it holds."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        for message in reversed(operator.messages(number)):
            if found := pattern.search(message["text"]):
                return found[1]
        time.sleep(0.1)
    raise AssertionError(operator.messages(number))


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_id_7_a_word_from_the_phone_brings_a_password_that_opens_the_way_to_a_new_one(
    operator: Operator, open_page: NewPage, english: bool, scripts: bool
) -> None:
    number = operator.spare_number()
    page = open_page(width=390, english=english, scripts=scripts)
    show_phone(page, number)
    page.locator(".handset-quick button").first.click()
    password = last_text(operator, number, TEMPORARY)
    if scripts:
        # The page brings the answer by itself.
        expect(page.locator("#screen")).to_contain_text(password)
        check_axe(page)
        check_no_sideways_scroll(page)
        check_no_console(page)
    page.goto("/login/password/")
    page.locator("input[name=login]").fill(number)
    page.locator("input[type=password]").first.fill(password)
    page.locator("form:has(input[type=password]) button[type=submit]").first.click()
    page.wait_for_url("**/login/new-password/**")
    # Good once: in another browser it opens nothing.
    other = open_page(width=390, english=english, scripts=scripts)
    other.goto("/login/password/")
    other.locator("input[name=login]").fill(number)
    other.locator("input[type=password]").first.fill(password)
    other.locator("form:has(input[type=password]) button[type=submit]").first.click()
    expect(other.locator(".error-summary")).to_be_visible()


def test_another_text_is_answered_with_what_to_send(operator: Operator, open_page: NewPage) -> None:
    number = operator.spare_number()
    page = open_page(width=390, dark=True)
    show_phone(page, number)
    page.locator("textarea").fill("как войти?")
    page.locator("form.handset-answer[action='/phone/'] button").click()
    expect(page.locator("#screen")).to_contain_text("отправьте ПАРОЛЬ на 3339")


def test_id_9_a_code_waits_for_a_phone_that_is_off(operator: Operator, open_page: NewPage) -> None:
    number = operator.spare_number()
    phone = open_page(width=390)
    show_phone(phone, number)
    phone.locator("#power button[name=on]").click()
    expect(phone.locator("#power")).to_contain_text("Телефон выключен")
    check_axe(phone)
    page = open_page(width=1280)
    page.goto("/login/")
    before = operator.messages(number)
    ask_code(page, number)
    assert operator.messages(number) == before
    phone.locator("#power button[name=on]").click()
    code = operator.code(number, after=len(before))
    expect(phone.locator("#screen")).to_contain_text(code)
    enter_code(page, code)
    expect(page).not_to_have_url(re.compile("/login/code/"))


@pytest.mark.parametrize("scripts", [True, False])
def test_id_9_a_call_is_heard_after_the_key(operator: Operator, open_page: NewPage, scripts: bool) -> None:
    number = operator.spare_number()
    phone = open_page(width=320, scripts=scripts)
    show_phone(phone, number)
    demo = {"ABONENT_VAR": str(operator.var), "ABONENT_DEMO": "1", "DJANGO_SETTINGS_MODULE": "abonent.config.settings"}
    subprocess.run([sys.executable, "-c", CALL, number], env=os.environ | demo, check=True)
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and not calls(operator, number):
        time.sleep(0.1)
    if not scripts:
        show_phone(phone, number)
    expect(phone.locator(".call.ringing")).to_be_visible()
    check_no_sideways_scroll(phone)
    assert not re.search(r"\d, \d", phone.locator("#calls").inner_text())
    phone.locator(".call button").click()
    expect(phone.locator(".call.heard")).to_contain_text(re.compile(r"(\d, ){5}\d — код для входа"))
    if scripts:
        check_axe(phone)
        check_no_console(phone)


def calls(operator: Operator, number: str) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{operator.address}/phone/calls.json?number={quote(number)}") as answer:
        return json.load(answer)
