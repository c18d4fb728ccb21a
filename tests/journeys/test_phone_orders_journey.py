"""A package from the phone’s menu, a service by text: asked, confirmed, in the cabinet (CH-2, CAB-11, CAB-12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_sideways_scroll
from tests.journeys.test_promised_journey import pay

pytestmark = pytest.mark.journey


# Lines whose tariff has an end of data: to others a package would add nothing.
LIMITED = """
select line.number from lines_line line
  join lines_tariffassignment has on has.line_id = line.id and has.valid_until is null
  join catalog_tariffversion version on version.id = has.tariff_version_id
 where version.tariff_id = 'svobodny'
"""


def limited(operator: Operator) -> list[str]:
    with psycopg.connect(operator.database_url) as database:
        return [number for (number,) in database.execute(LIMITED)]


def press(page: Page, typed: str) -> None:
    page.fill("#press", typed)
    page.locator("#dial form").first.locator("button").click()


def test_ch_2_cab_11_what_a_phone_orders_stands_in_the_cabinet(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    number = operator.spare_number(among=limited(operator))
    pay(operator, number, 300_000)
    page = open_page(width=320)
    sign_in(page, number)
    page.goto(f"/phone/?number={quote(number)}")
    page.fill("#code", "*111*41#")
    page.get_by_role("button", name="Набрать", exact=True).click()
    screen = page.locator("#dial .bubble")
    expect(screen).to_contain_text("70,00")
    check_axe(page)
    check_no_sideways_scroll(page)
    while "1 Да" not in screen.inner_text():
        press(page, "0")
    press(page, "1")
    expect(screen).to_contain_text("Заказ принят")
    page.fill("form.handset-answer input[name=recipient]", "111")
    page.fill("textarea[name=text]", "вкл щит")
    page.locator("form.handset-answer[action='/phone/'] button").click()
    # The answer comes from where it was asked.
    talk = f"/phone/?number={quote(number)}&with=111"
    page.goto(talk)
    question = page.locator("#screen .theirs", has_text="Чтобы подтвердить")
    expect(question).to_be_visible()
    code = re.search(r"отправьте (\d{4})", question.inner_text())
    assert code
    page.fill("form.handset-answer input[name=recipient]", "111")
    page.fill("textarea[name=text]", code[1])
    page.locator("form.handset-answer[action='/phone/'] button").click()
    page.goto(talk)
    expect(page.locator("#screen .theirs", has_text="подключена")).to_be_visible()
    page.goto("/orders/")
    main = page.locator("main")
    expect(main).to_contain_text("Щит от спама")
    expect(main).to_contain_text("Ещё 1 ГБ")
    # A number that is in use has nothing to have back.
    page.goto("/lines/unused/lift/")
    expect(page.locator("h1")).to_be_visible()
