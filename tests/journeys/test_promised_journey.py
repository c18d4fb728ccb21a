"""A promised payment from the offer to the last kopeck repaid, as people with and without scripts see it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
# What comes in by any way of paying, as the reaction to a settled payment puts it on the balance.
TOP_UP = """
import sys
from uuid import uuid4
from abonent.entrypoints.cli import runtime
with runtime.database():
    from abonent.domains.billing import actions
    from abonent.domains.lines.queries import served_by_number
    from abonent.foundation import clock
    line = served_by_number(sys.argv[1])
    actions.top_up(payment_id=uuid4(), contract_id=line.contract_id, amount_minor=int(sys.argv[2]), at=clock.now(),
                   method="card")
"""


def sound(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


def pay(operator: Operator, number: str, amount_minor: int) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}
    subprocess.run(
        [sys.executable, "-c", TOP_UP, number, str(amount_minor)], check=True, capture_output=True,
        env=own | {"ABONENT_VAR": str(operator.var), "ABONENT_DEMO": "1"},
    )  # fmt: skip


def spare_numbers(operator: Operator) -> Iterator[str]:
    for _ in range(6):
        yield operator.spare_number()


def sign_in_who_may(operator: Operator, open_page: Callable[[], Page], sign_in: SignIn) -> tuple[Page, str]:
    """Sign in as somebody to whom a sum is offered: not everybody of the demo pays in advance and often."""
    for number in spare_numbers(operator):
        page = open_page()
        sign_in(page, number)
        page.goto("/promised/")
        check_no_sideways_scroll(page)
        if page.locator("a.entry").count():
            return page, number
        page.close()
    raise AssertionError("nobody is offered a promised payment")


def figure(text: str) -> int:
    """Return the first sum of a text in minor units."""
    found = re.search(r"[−-]?[\d\s]+[.,]\d\d", text.replace("\N{NO-BREAK SPACE}", ""))
    assert found, text
    return int(re.sub(r"\D", "", found[0]))


@pytest.mark.parametrize("scripts", [True, False])
def test_cab_8_it_is_offered_taken_repaid_in_part_and_then_whole(
    operator: Operator, open_page: NewPage, sign_in: SignIn, scripts: bool
) -> None:
    page, number = sign_in_who_may(
        operator, lambda: open_page(width=390 if scripts else 320, english=not scripts, scripts=scripts), sign_in
    )
    for said in ("Что его погасит", "Если не вернуть") if scripts else ("What repays it", "If it is not repaid"):
        expect(page.locator("main")).to_contain_text(said)
    page.locator("a.entry").first.click()
    page.wait_for_url("**/promised/take/**")
    check_no_sideways_scroll(page)
    expect(page.locator("form[action='/promised/take/'] button")).to_contain_text("100")
    page.locator("form[action='/promised/take/'] button").click()
    page.wait_for_url(re.compile(r"/promised/[0-9a-f-]{36}/"))
    receipt = urlsplit(page.url).path
    check_no_sideways_scroll(page)
    page.go_back()
    # The question is not asked twice: back leads to what is owed.
    page.wait_for_url("**/promised/")
    expect(page.locator(".owed")).to_be_visible()

    pay(operator, number, 4_000)
    page.goto("/home/")
    notice = page.locator("p.needs", has_text="Обещанный платёж" if scripts else "Promised payment")
    expect(notice).to_contain_text("60,00" if scripts else "60.00")
    notice.locator("a").click()
    page.wait_for_url("**/promised/")
    check_no_sideways_scroll(page)
    assert figure(page.locator(".owed .sum").inner_text()) == 6_000
    expect(page.locator("a.button[href='/topup/?amount=60']")).to_be_visible()

    pay(operator, number, 10_000)
    page.goto(receipt)
    expect(page.locator("h1")).to_have_text(
        "Обещанный платёж возвращён" if scripts else "The promised payment is repaid"
    )
    expect(page.locator("table.shares tbody tr")).to_have_count(2)
    page.goto("/home/")
    expect(notice).to_have_count(0)
    check_no_console(page)
    assert [message["text"] for message in operator.messages(number) if "100" in message["text"]]


def test_cab_8_its_pages_are_sound_in_every_state(operator: Operator, open_page: NewPage, sign_in: SignIn) -> None:
    page, number = sign_in_who_may(operator, lambda: open_page(width=320), sign_in)
    sound(page)
    page.locator("a.entry").first.click()
    page.wait_for_url("**/promised/take/**")
    sound(page)
    page.goto("/promised/take/?amount=7")
    expect(page.locator(".error-summary")).to_be_visible()
    assert page.title().startswith("Ошибка: ")
    sound(page)
    page.locator("a.entry").first.click()
    page.locator("form[action='/promised/take/'] button").click()
    page.wait_for_url(re.compile(r"/promised/[0-9a-f-]{36}/"))
    pay(operator, number, 1_000)
    for width, scheme in ((320, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        page.reload()
        sound(page)
        for address in ("/promised/", "/home/", "/statement/"):
            page.goto(address)
            sound(page)
    # The statement leads to the reason of each sum.
    page.locator("a[href^='/promised/']").first.click()
    page.wait_for_url(re.compile(r"/promised/[0-9a-f-]{36}/"))
    page.locator("a.why").click()
    page.wait_for_url("**/statement/charge/**")
    expect(page.locator("main")).to_contain_text("один раз")
    sound(page)
    check_no_console(page)
