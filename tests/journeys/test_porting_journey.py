"""A number comes from another operator, and one goes to it, by people in front of a browser (CAB-16)."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_staff_journey import enter

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
FOREIGN = "+79009990001"


def sound(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


def central(operator: Operator, said: dict[str, object]) -> None:
    """Lead the demo's central database by hand."""
    request = urllib.request.Request(
        f"{operator.network}/porting/act.json", json.dumps(said).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["error"] == ""


def fill(page: Page) -> None:
    page.locator("#id_number").fill(FOREIGN)
    page.locator("#id_family_name").fill("Соколова")
    page.locator("#id_given_name").fill("Вера")
    page.locator("#id_birth_date").fill("1990-05-17")
    page.locator("#id_document").fill("45 09 123456")
    page.locator("form.request-form button.button").click()


def test_cab_16_a_newcomer_brings_a_number_and_enters_by_it(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(width=390)
    page.goto("/login/")
    page.locator("a[href='/port-in/']").click()
    page.locator("form.request-form button.button").click()
    expect(page.locator(".error-summary")).to_contain_text("Введите номер, который переносите")
    sound(page)
    fill(page)
    page.wait_for_url("**/port-in/code/")
    sound(page)
    enter_code(page, operator.code(FOREIGN))
    page.wait_for_url(re.compile("/port-in/[0-9a-f-]{36}/"))
    address = page.url
    sound(page)
    # The page looks again by itself; the other operator checks for some seconds.
    show = page.locator("form:has(input[value=esim]) button.button")
    expect(show).to_be_visible(timeout=150_000)
    expect(page.locator("h1")).to_contain_text("Номер переходит к нам")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        sound(page)
    operator.an_hour_later()
    before = len(operator.messages(FOREIGN))
    show.click()
    enter_code(page, operator.code(FOREIGN, after=before))
    expect(page.locator("svg.qr")).to_be_visible()
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 844})
        sound(page)
    central(operator, {"ref": address.rstrip("/").rpartition("/")[2], "state": "ported"})
    page.goto(address)
    expect(page.locator("h1")).to_contain_text("Номер у нас", timeout=60_000)
    sound(page)
    operator.an_hour_later()
    sign_in(page, FOREIGN)
    expect(page.locator("main")).to_contain_text("−100,00")
    check_no_console(page)


def test_cab_16_an_owner_stops_who_takes_the_number(operator: Operator, open_page: NewPage, sign_in: SignIn) -> None:
    # Somebody whose document is known; whoever is taken for that else is asked in the shop.
    person = operator.people[-1]
    page = open_page(width=320, scripts=False)
    sign_in(page, person.number)
    page.goto("/port-out/")
    expect(page.locator("main")).to_contain_text("Что помешало бы переносу сегодня")
    sound_without_scripts(page)
    said = {"act": "take", "number": person.number, "document": person.document, "days": 8, "minutes": 60}
    central(operator, {**said, "days": 9})
    stop = page.locator("form[action^='/port-out/'] button")
    for _ in range(90):
        page.goto("/port-out/")
        if stop.count():
            break
        page.wait_for_timeout(500)
    expect(page.locator("main")).to_contain_text("Вега")
    assert "Вега" in operator.messages(person.number)[-1]["text"]
    sound_without_scripts(page)
    stop.click()
    expect(page.locator("main")).to_contain_text("Номер остаётся у нас")
    sound_without_scripts(page)
    page.goto("/port-out/")
    expect(page.locator("main")).to_contain_text("Остановлено владельцем")


def sound_without_scripts(page: Page) -> None:
    """axe is a script itself: without any, that nothing lies beside the page is what can be seen."""
    check_no_sideways_scroll(page)


def test_cab_16_staff_look_at_numbers_that_move(operator: Operator, open_page: NewPage) -> None:
    page = open_page(width=1280)
    enter(operator, page, "titova")
    central(operator, {"act": "take", "number": operator.spare_number(), "document": "", "days": 8, "minutes": 60})
    page.goto("/staff/porting/")
    expect(page.locator("h1")).to_have_text("Перенос номеров")
    sound(page)
    link = page.locator("a[href^='/staff/porting/in/']")
    if link.count():
        link.first.click()
        sound(page)
    check_no_console(page)
