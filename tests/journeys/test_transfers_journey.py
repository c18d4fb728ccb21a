"""Money to another subscriber, and one pays for another: both phones, in two languages, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
_PEOPLE = """
select line.number from lines_line line
  join customers_contract contract on contract.id = line.contract_id and contract.payment = 'prepaid'
  join billing_account account on account.contract_id = contract.id
  join ledger_account money on money.id = account.ledger_account_id
 where line.service = 'mobile' and line.is_main and line.closed_at is null and line.blocked_at is null
   and line.opened_at < now() - interval '31 days' and money.balance_minor > %s
   and not exists (select from lines_sim sim where sim.line_id = line.id and sim.since > now() - interval '4 days')
"""
# Whose tariff includes minutes, and who has not used them up in any period yet.
_WITH_MINUTES = """
select line.number from lines_line line
  join lines_tariffassignment has on has.line_id = line.id and has.valid_until is null
  join catalog_tariffversion version on version.id = has.tariff_version_id
 where version.tariff_id in ('svobodny', 'legky', 'prostor')
   and not exists (select from billing_bucket bucket
                    where bucket.line_id = line.id and bucket.bucket = 'voice' and bucket.used > 12000)
"""


class People:
    """Subscribers who have money, and the clock of the limits of sending."""

    def __init__(self, operator: Operator, database: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.operator, self.database = operator, database

    def take(self, *, with_minutes: bool = False) -> str:
        able = {number for (number,) in self.database.execute(_PEOPLE, [40_000]).fetchall()}
        if with_minutes:
            able &= {number for (number,) in self.database.execute(_WITH_MINUTES).fetchall()}
        return self.operator.spare_number(among=able)

    def a_minute_later(self) -> None:
        """The next code may be sent."""
        self.database.execute("update identity_numberguard set sends = '{}'")


@pytest.fixture
def people(operator: Operator) -> Iterator[People]:
    with psycopg.connect(operator.database_url, autocommit=True) as database:
        yield People(operator, database)


def look(page: Page, *, scripts: bool = True) -> None:
    if scripts:
        check_axe(page)
        for width, scheme in ((320, "dark"), (1280, "light")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            check_no_sideways_scroll(page)
            check_axe(page)
        page.set_viewport_size({"width": 390, "height": 844})


def enter_code(page: Page, operator: Operator, number: str, before: int) -> str:
    """Type the code that came, and return the message."""
    page.locator("input[autocomplete='one-time-code']").fill(operator.code(number, after=before))
    text = next(one["text"] for one in reversed(operator.messages(number)) if re.search(r"\b\d{6}\b", one["text"]))
    page.locator("form:has(input[autocomplete='one-time-code']) button[type=submit]").first.click()
    page.wait_for_load_state()
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_cab_9_money_goes_over_and_comes_back(
    operator: Operator, open_page: NewPage, sign_in: SignIn, people: People, english: bool, scripts: bool
) -> None:
    sender, receiver = people.take(with_minutes=True), people.take(with_minutes=True)
    page = open_page(english=english, scripts=scripts)
    sign_in(page, sender)
    people.a_minute_later()
    page.goto("/transfer/")
    look(page, scripts=scripts)
    page.locator("input[name=number]").fill(receiver)
    page.locator("input[name=amount]").fill("150,50")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/confirm/")
    expect(page.get_by_text(re.compile(r"\*\*\*")).first).to_be_visible()
    look(page, scripts=scripts)
    before = len(operator.messages(sender))
    page.locator("form[action$='/confirm/'] button[type=submit]").click()
    page.wait_for_url("**/confirm/code/")
    look(page, scripts=scripts)
    text = enter_code(page, operator, sender, before)
    assert ("150.50 ₽" if english else "150,50 ₽") in text
    receipt = page.url
    expect(page.locator("h1")).to_have_text("Transferred" if english else "Переведено")
    look(page, scripts=scripts)
    paper = page.request.get(page.locator("a[href$='receipt.pdf']").get_attribute("href") or "")
    assert paper.body().startswith(b"%PDF")
    page.go_back()
    page.goto(receipt)
    expect(page.locator("h1")).to_have_text("Transferred" if english else "Переведено")
    page.locator("form[action$='/ask-back/'] button").click()
    page.wait_for_load_state()

    theirs = open_page(scripts=scripts)
    sign_in(theirs, receiver)
    people.a_minute_later()
    theirs.goto("/transfer/")
    look(theirs, scripts=scripts)
    theirs.locator(".asked-back a").first.click()
    theirs.wait_for_load_state()
    look(theirs, scripts=scripts)
    before = len(operator.messages(receiver))
    theirs.locator("button[value=give]").click()
    theirs.wait_for_url("**/confirm/")
    theirs.locator("form[action$='/confirm/'] button[type=submit]").click()
    theirs.wait_for_url("**/confirm/code/")
    enter_code(theirs, operator, receiver, before)
    expect(theirs.locator("h1")).to_have_text("Возвращено")
    page.goto("/transfer/history/")
    assert page.locator(".things .thing").count() >= 2
    look(page, scripts=scripts)
    if scripts:
        people.a_minute_later()
        give_minutes(page, operator, sender, receiver)
    check_no_console(page)
    check_no_console(theirs)


def give_minutes(page: Page, operator: Operator, sender: str, receiver: str) -> None:
    """Minutes go over as money does: said before, proved by a code of exactly this, there on both sides."""
    page.goto("/packages/give/")
    page.locator("input[name=number]").fill(receiver)
    page.locator("input[name=amount]").fill("10")
    page.locator("select[name=unit]").select_option("min")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/confirm/")
    look(page)
    before = len(operator.messages(sender))
    page.locator("form[action$='/confirm/'] button[type=submit]").click()
    page.wait_for_url("**/confirm/code/")
    look(page)
    assert "10 мин" in enter_code(page, operator, sender, before)
    expect(page.locator("h1")).to_have_text("Подарено")
    look(page)
    assert "подарил" in operator.messages(receiver)[-1]["text"]
    page.goto("/packages/")
    expect(page.locator(".things .thing", has_text="Ваш подарок").first).to_be_visible()


def test_vas_6_one_pays_for_another_until_either_ends_it(
    operator: Operator, open_page: NewPage, sign_in: SignIn, people: People
) -> None:
    payer, member = people.take(), people.take()
    page = open_page()
    sign_in(page, payer)
    people.a_minute_later()
    page.goto("/family/")
    page.locator("input[name=number]").fill(member)
    page.locator("input[name=amount]").fill("500")
    page.locator("main form:has(input[name=number]) button[type=submit]").click()
    page.wait_for_url("**/confirm/")
    look(page)
    before = len(operator.messages(payer))
    page.locator("form[action$='/confirm/'] button[type=submit]").click()
    page.wait_for_url("**/confirm/code/")
    look(page)
    enter_code(page, operator, payer, before)
    page.wait_for_url("**/family/?invited")
    look(page)
    theirs = open_page()
    sign_in(theirs, member)
    theirs.goto("/family/")
    look(theirs)
    theirs.locator("form[action$='/agree/'] button").click()
    theirs.wait_for_url("**/family/?agreed")
    look(theirs)
    theirs.locator("form[action$='/end/'] button").click()
    theirs.wait_for_url("**/family/?ended")
    page.goto("/family/")
    assert page.locator("form[action$='/end/']").count() == 0
    check_no_console(page)
    check_no_console(theirs)


def test_a_transfer_that_ran_out_says_so(
    operator: Operator, open_page: NewPage, sign_in: SignIn, people: People
) -> None:
    page = open_page()
    sign_in(page, people.take())
    page.goto("/transfer/")
    page.locator("input[name=number]").fill("+79009999999")
    page.locator("input[name=amount]").fill("100")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/confirm/")
    look(page)
    people.database.execute("update billing_transfer set expires_at = now() where number_to = '+79009999999'")
    page.goto(page.url.removesuffix("confirm/"))
    expect(page.locator("h1")).to_contain_text("вовремя не подтвердили")
    look(page)
    check_no_console(page)
