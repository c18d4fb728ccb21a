"""Money paid in, from the form to the receipt, with a bank that has pages of its own: as a person does it."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import WAIT_S, NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
ASKS_FOR_A_CODE, HAS_NO_MONEY = "2200000000000103", "2200000000000202"
WAIT_MS = 60_000
PAID = {False: "Баланс пополнен", True: "The balance is topped up"}


def look(page: Page, *, scripts: bool) -> None:
    check_no_sideways_scroll(page)
    if scripts:
        check_axe(page)


def ask_to_pay(
    page: Page, amount: str, way: str, *, number: str = "", save: bool = False, scripts: bool = True
) -> None:
    """Fill in the form, look at the question, press its button."""
    page.goto("/topup/")
    page.locator("#id_amount").fill(amount)
    if number:
        page.locator("input[name=to][value=other]").check()
        page.locator("#id_number").fill(number)
    page.locator(f"input[name=way][value^='{way}']").first.check()
    if save:
        page.locator("input[name=save]").check()
    page.locator("form.topup button[type=submit]").click()
    page.wait_for_url("**/topup/confirm/**")
    look(page, scripts=scripts)
    page.locator("form[action='/topup/confirm/'] button").click()


def at_the_bank(page: Page, card: str = "") -> None:
    """Type the card, or the code of the one that the bank keeps, on the bank's page."""
    page.wait_for_url("**/pay/*")
    assert urlsplit(page.url).path.startswith("/pay/")
    if card:
        page.locator("#number").fill(card)
        page.locator("#month").fill("12/30")
    page.locator("#cvc").fill("123")
    page.locator("main form button").click()


def confirm_at_the_bank(page: Page) -> None:
    page.wait_for_url("**/3ds/*")
    code = re.search(r"\b\d{4}\b", page.locator("main .soft").last.inner_text())
    assert code
    page.locator("#code").fill(code[0])
    page.locator("main form button").click()


def is_titled(page: Page, title: str) -> None:
    """Wait for a page, or for the next look of this one."""
    expect(page.locator("h1")).to_have_text(title, timeout=WAIT_MS)


def is_paid(page: Page, amount: str, *, english: bool = False) -> None:
    """Wait until the page says that the money came: in front of all others it looks by itself."""
    page.bring_to_front()
    is_titled(page, PAID[english])
    expect(page.locator(".total")).to_contain_text(amount)
    assert re.search(r"/topup/[0-9a-f-]{36}/$", page.url)


def told(operator: Operator, number: str, amount: str) -> str:
    """Wait for the SMS that says this sum, and return all that the handset has."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        said = " ".join(message["text"] for message in operator.messages(number))
        if amount in said:
            return said
        time.sleep(0.2)
    raise AssertionError(f"no SMS said {amount}: {said}")


@contextmanager
def mischief(bank: str, **wrong: object) -> Iterator[None]:
    """Have the bank do wrong for a while."""

    def set_to(given: dict[str, object]) -> None:
        urllib.request.urlopen(f"{bank}/control.json", json.dumps(given).encode()).close()

    set_to(wrong)
    try:
        yield
    finally:
        set_to({name: type(value)() for name, value in wrong.items()})


@pytest.mark.parametrize(("english", "scripts", "width"), [(False, True, 320), (True, False, 1280)])
def test_cab_6_money_is_paid_in_by_card_by_code_and_in_cash(
    operator: Operator, open_page: NewPage, sign_in: SignIn, english: bool, scripts: bool, width: int
) -> None:
    number = operator.spare_number()
    page = open_page(width=width, english=english, scripts=scripts)
    sign_in(page, number)
    page.locator(".hero-acts a[href='/topup/']").click()
    page.wait_for_url("**/topup/")
    page.locator("a[data-sum='500']").click()
    expect(page.locator("#id_amount")).to_have_value("500")

    ask_to_pay(page, "500,50", "card", save=True, scripts=scripts)
    at_the_bank(page, ASKS_FOR_A_CODE)
    confirm_at_the_bank(page)
    page.wait_for_url("**/topup/**")
    is_paid(page, "500.50" if english else "500,50", english=english)
    look(page, scripts=scripts)
    receipt = page.request.get(page.locator("a[href$='receipt.pdf']").get_attribute("href") or "")
    assert receipt.body().startswith(b"%PDF")

    page.goto("/cards/")
    expect(page.get_by_text("•• 0103")).to_be_visible()
    look(page, scripts=scripts)
    page.locator("a[href^='/cards/remove/']").click()
    page.wait_for_url("**/cards/remove/**")
    look(page, scripts=scripts)
    ask_to_pay(page, "300", "card-", scripts=scripts)
    at_the_bank(page)
    confirm_at_the_bank(page)
    is_paid(page, "300", english=english)

    ask_to_pay(page, "100", "sbp", scripts=scripts)
    expect(page.locator("svg.qr")).to_be_visible()
    look(page, scripts=scripts)
    app = page.context.new_page()
    app.goto(page.locator("a.button[href*='/sbp/']").get_attribute("href") or "")
    bank = "{0.scheme}://{0.netloc}".format(urlsplit(app.url))
    app.locator("button[value=pay]").click()
    # The page sees it by itself.
    is_paid(page, "100", english=english)

    ask_to_pay(page, "150", "cash", scripts=scripts)
    code = page.locator(".terminal-code").inner_text()
    look(page, scripts=scripts)
    app.goto(f"{bank}/terminal/")
    app.locator("#cash_code").fill(code)
    app.locator("#cash_sum").fill("150")
    app.locator("main form button").click()
    is_paid(page, "150", english=english)

    # The worker has written down the reason of the last one when it tells of it.
    said = told(operator, number, "150.00" if english else "150,00")
    assert ("500.50 ₽" if english else "500,50 ₽") in said
    page.goto("/payments/")
    look(page, scripts=scripts)
    shown = page.locator(".payments .amount").all_inner_texts()[:4]
    assert [float(re.sub(r"[^\d,.]", "", text).replace(",", ".")) for text in shown] == [150, 100, 300, 500.5]
    page.locator(".payments a").first.click()
    page.wait_for_url(re.compile("/payments/[0-9a-f-]{36}/"))
    look(page, scripts=scripts)
    check_no_console(page)


def test_cab_6_what_goes_wrong_is_said_and_nothing_is_charged_twice(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(width=320)
    sign_in(page, operator.spare_number())

    # Declined at the bank, and asked again from another tab.
    ask_to_pay(page, "200", "sbp")
    app = page.context.new_page()
    app.goto(page.locator("a.button[href*='/sbp/']").get_attribute("href") or "")
    bank = "{0.scheme}://{0.netloc}".format(urlsplit(app.url))
    first = page.url
    tab = page.context.new_page()
    tab.goto("/topup/confirm/?amount=200&way=sbp")
    expect(tab.locator(".notice.warning a")).to_have_attribute("href", urlsplit(first).path)
    app.locator("button[value=refuse]").click()
    page.bring_to_front()
    is_titled(page, "Платёж не прошёл")
    look(page, scripts=True)

    # The bank takes the money, and its answer is lost: unknown until asked.
    with mischief(bank, lose=1.0, pays=True, silent=True):
        ask_to_pay(page, "400", "card")
        page.wait_for_url("**/topup/**")
        is_titled(page, "Спрашиваем банк")
        look(page, scripts=True)
    page.locator("form[action^='/topup/'] button").click()
    is_paid(page, "400")

    # Money for somebody else, and the back button after it.
    other = operator.spare_number()
    ask_to_pay(page, "100", "card", number=other)
    at_the_bank(page, "2200000000000004")
    is_titled(page, "Номер оплачен")
    look(page, scripts=True)
    page.goto(f"/topup/confirm/?amount=100&way=card&to=other&number={other.replace('+', '%2B')}")
    expect(page.locator("form[action='/topup/confirm/'] button")).to_contain_text("ещё раз")
    page.goto("/topup/confirm/?amount=0,001&way=barter")
    look(page, scripts=True)
    page.goto("/payments/?search=" + "x" * 60)
    look(page, scripts=True)
    page.goto("/cards/")
    look(page, scripts=True)
    expect(page.get_by_text("Сохранённых карт нет")).to_be_visible()
