"""What holds on every page: axe, the security policy, 320 px, no script, both languages, both themes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
PUBLIC = ("/", "/login/", "/offline/", "/no-such-page/", "/phone/?number=%2B79000000001")
CABINET = ("/", "/home/", "/expenses/", "/statement/", "/statement/?q=no+such+number", "/expenses/?from=31.02")
PUBLIC += ("/phone/mail/?address=nobody@mail.example", "/phone/mail/?address=no")
PUBLIC += ("/phone/internet/", "/login/network/back/")
CABINET += ("/security/links/",)
CABINET += (
    "/security/", "/security/sessions/", "/security/history/", "/security/changes/", "/security/changes/?by=staff",
    "/security/data/", "/security/erasure/ask/", "/security/switch-off/", "/security/erasure/?kept",
)  # fmt: skip
PUBLIC += ("/login/protected/", "/login/?off", "/login/?ended=1")
PUBLIC += ("/login/contract/", "/phone/network/", "/phone/network/?number=nobody")
PUBLIC += ("/login/email/", "/login/no-access/", "/login/no-access/?go=1", "/login/no-access/?sim=lost")
PUBLIC += tuple(f"/login/no-access/?sim=here&have={have}" for have in ("", "passkey", "password", "email", "signed-in"))
CABINET += ("/security/email/", "/security/email/?set")
PUBLIC += ("/staff/login/", "/phone/printer/")
PUBLIC += ("/login/passkey/", "/login/passkey/?next=/expenses/")
CABINET += ("/security/factors/", "/security/factors/passkey/", "/login/offer/passkey/")
PUBLIC += ("/login/password/", "/login/forgot/")
CABINET += ("/security/password/", "/security/password/?set")
CYRILLIC = re.compile("[А-Яа-яЁё]{2,}")
FOCUS_IS_SEEN = """(() => {
    const element = document.activeElement;
    if (element === document.body) return true;
    const look = getComputedStyle(element);
    return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
})()"""
LATIN_SENTENCE = re.compile(r"[A-Za-z]{3,} [a-z]{2,}")


def look_at(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    check_axe(page)
    check_no_sideways_scroll(page)


def untranslated(text: str, *, english: bool) -> list[str]:
    """Return words of the wrong language, apart from names: people, tariffs, the operator, the languages."""
    if english:
        names = re.compile("«[^»]*»|Русский")
        return CYRILLIC.findall(names.sub("", text))
    return LATIN_SENTENCE.findall(re.sub("English|Switch to English", "", text))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("english", [False, True])
def test_every_public_page_is_sound(open_page: NewPage, english: bool, dark: bool) -> None:
    for width in (320, 1280):
        page = open_page(width=width, dark=dark, english=english)
        for address in PUBLIC:
            look_at(page, address)
            assert not untranslated(page.locator("body").inner_text(), english=english), address
        check_no_console(page)


@pytest.mark.parametrize("english", [False, True])
def test_every_page_of_the_cabinet_is_sound(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None], english: bool
) -> None:
    number = operator.spare_number()
    page = open_page(width=320, english=english)
    sign_in(page, number)
    for width, scheme in ((320, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        for address in CABINET:
            look_at(page, address)
            assert not untranslated(page.locator("body").inner_text(), english=english), address
    check_no_console(page)


def test_every_page_can_be_walked_with_the_keyboard(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    page = open_page(width=1280)
    sign_in(page, operator.spare_number())
    for address in ("/home/", "/expenses/", "/statement/"):
        page.goto(address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main", (
            "the first stop skips to the content"
        )
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.tagName + (document.activeElement.href || '')"))
            assert page.evaluate(FOCUS_IS_SEEN), f"{address}: focus cannot be seen"
        assert any("/home/" in stop for stop in reached)
