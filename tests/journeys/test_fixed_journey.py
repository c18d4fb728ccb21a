"""Home internet: a technician is called, moved and called off; staff see it in their queue (FIX-2)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_staff_journey import AGENT, SHOP, enter, look, open_case

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


TECHNICIAN = "ryabov"


def give(page: Page, serial: str) -> None:
    form = page.locator("form:has(#model)")
    form.locator("#model").select_option(index=1)
    form.locator("#serial").fill(serial)
    form.locator("button").click()
    expect(page.locator(".said")).to_contain_text("согласие")
    expect(page.locator("#serial")).to_have_value(serial)
    page.locator("input[name=agreed]").check()
    form.locator("button").click()
    page.wait_for_url("**/equipment/?done")


@pytest.mark.parametrize("scripts", [True, False])
def test_fix_2_equipment_is_handed_out_exchanged_and_taken_back(
    operator: Operator, open_page: NewPage, sign_in: SignIn, scripts: bool
) -> None:
    page = open_page(width=320, scripts=scripts)
    serial = f"TEST{'A' if scripts else 'B'}00001"
    if scripts:
        visit = visited(operator, open_page, sign_in)
        enter(operator, page, TECHNICIAN)
        page.goto("/staff/visits/")
        look(page)
        page.goto(f"/staff/visits/{visit}/")
        page.locator("form[action$='/set-out/'] button").click()
        page.locator("a[href$='/equipment/']").click()
    else:
        enter(operator, page, SHOP)
        in_the_shop(operator, page)
    # What looks at a page is a script itself.
    seen = look if scripts else (lambda page: None)
    for width in (390, 1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        seen(page)
    give(page, serial)
    thing = page.locator("section:has(form)", has_text=serial)
    thing.locator("input[name=serial]").fill(serial.replace("0001", "0002"))
    thing.locator("input[name=why]").fill("Не включается")
    seen(page)
    thing.locator("button[value=exchange]").click()
    page.wait_for_url("**/equipment/?done")
    seen(page)
    with page.expect_download() as paper:
        page.locator("a[href^='/staff/acts/']").first.click()
    assert paper.value.suggested_filename.startswith("act-")
    page.locator("section:has(form)", has_text=serial.replace("0001", "0002")).locator("button[value=return]").click()
    page.wait_for_url("**/equipment/?done")
    expect(page.locator("main")).to_contain_text("Принято обратно")
    if scripts:
        page.locator(".further a").click()
        expect(page.locator("textarea")).to_have_value(re.compile(serial))
        page.locator("button[value=done]").click()
        expect(page.locator("main")).to_contain_text("Выполнен")
    check_no_console(page)


def visited(operator: Operator, open_page: NewPage, sign_in: SignIn) -> str:
    """Have the owner of home internet call a technician; return the visit."""
    page = open_page(width=320)
    sign_in(page, OWNER)
    page.goto("/")
    page.locator("button.entry:has-text('net-000001')").click()
    page.wait_for_url("**/home/")
    page.goto("/visits/new/")
    page.locator("textarea").fill("Нужна новая приставка")
    page.locator("input[name=starts]").first.check()
    page.locator(".request-form button").first.click()
    page.wait_for_url(re.compile(r"/visits/\d+/\?booked"))
    return re.sub(r"\D", "", page.url.partition("/visits/")[2])


def in_the_shop(operator: Operator, page: Page) -> None:
    """Check the document of the owner of home internet, and open what is there of equipment."""
    person = next(one for one in operator.people if one.number == OWNER)
    open_case(page, "net-000001")
    page.fill("input[name=number]", person.document)
    page.fill("input[name=birth_date]", person.born)
    page.check("input[name=owner]")
    page.locator("form[action$='/document/'] button").click()
    page.locator("a[href$='/equipment/']").click()
