"""A family that shares a package: its owner asks, a number joins, sees what is left for it, and leaves."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from abonent.demo.families import OWNER
from abonent.demo.people import number_of
from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
HERE = "/family/group/"


def look(page: Page) -> None:
    for width, scheme in ((320, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        check_no_sideways_scroll(page)
        check_axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    check_no_console(page)


def test_cab_16_the_owner_asks_a_number_which_joins_sees_what_is_left_and_leaves(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    asked = operator.spare_number(only=True)
    owner = open_page()
    sign_in(owner, number_of(OWNER))
    owner.goto(HERE)
    expect(owner.get_by_role("heading", name="Кто им пользуется")).to_be_visible()
    look(owner)
    owner.get_by_role("link", name=re.compile("Имя и лимиты.*Саша")).click()
    owner.locator("input[name=gigabytes]").fill("пять")
    owner.get_by_role("button", name="Сохранить").click()
    expect(owner.locator("input[name=gigabytes]")).to_have_value("пять")
    look(owner)
    owner.goto(HERE)
    owner.get_by_role("link", name=re.compile("Исключить из семьи.*Саша")).click()
    look(owner)
    owner.goto(HERE)
    owner.locator("input[name=number]").fill(asked)
    owner.locator("input[name=name]").fill("Племянник")
    owner.get_by_role("button", name="Пригласить").click()
    expect(owner.get_by_text("Племянник")).to_be_visible()
    # Of whom the operator asked long ago: the nephew gets a code of his own below.
    owner.get_by_role("link", name=re.compile("Согласие по коду")).first.click()
    look(owner)
    owner.get_by_role("button", name="Отправить код").click()
    expect(owner.locator("input[name=code]")).to_be_visible()
    look(owner)

    member = open_page(english=True)
    sign_in(member, asked)
    member.goto(HERE)
    member.get_by_role("link", name="Look and answer").click()
    look(member)
    member.get_by_role("button", name="Join the family").click()
    expect(member.get_by_role("heading", name="From the family’s package")).to_be_visible()
    look(member)
    member.goto("/home/")
    expect(member.get_by_role("heading", name="From the family’s package")).to_be_visible()
    look(member)

    owner.goto(HERE)
    owner.get_by_role("link", name=re.compile("Сделать плательщиком.*Племянник")).click()
    look(owner)
    owner.get_by_role("button", name="Попросить").click()
    expect(owner.get_by_role("heading", name="Другой плательщик")).to_be_visible()
    look(owner)
    member.goto(HERE)
    expect(member.get_by_role("heading", name="You are asked to pay for the family")).to_be_visible()
    member.get_by_role("link", name="Look and answer").click()
    look(member)
    member.get_by_role("button", name="Do not pay").click()
    expect(member.get_by_text("You do not pay for the family")).to_be_visible()

    member.goto(f"{HERE}leave/")
    look(member)
    member.get_by_role("button", name="Leave the family").click()
    expect(member.get_by_text("You left the family")).to_be_visible()
