"""The whole product, as `make demo` runs it, and a browser in front of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.running import WAIT_S as WAIT_S
from tests.running import Operator as Operator
from tests.running import running

# The shell without a window does with half of the processor's time.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUMS)), None)


# The demo's family and whom it asked.
FAMILY = ("+79000000006", "+79000000007", "+79000000013", "+79000000017")


@pytest.fixture(scope="package")
def operator() -> Iterator[Operator]:
    with running("journeys", subscribers=120, days=100) as operator:
        operator.keep(FAMILY)
        yield operator


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all journeys. It ends with them: the loop that drives it leaves no room for another's."""
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM,
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync", "--no-first-run"],
        )  # fmt: skip
        yield browser
        browser.close()


# What a page does not show by then it will not: a test that waits in vain tells soon.
PAGE_S = 45
expect.set_options(timeout=PAGE_S * 1000)
NewPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, operator: Operator) -> Iterator[NewPage]:
    """Open pages in contexts of their own: `open_page(width=390, dark=True, english=True, scripts=False)`."""
    contexts: list[BrowserContext] = []

    def make(*, width: int = 390, dark: bool = False, english: bool = False, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=operator.address,
            viewport={"width": width, "height": 844 if width < 800 else 900},
            color_scheme="dark" if dark else "light",
            locale="en-GB" if english else "ru-RU",
            # Navigating faster than any person does would break off the transitions between pages.
            reduced_motion="reduce",
            java_script_enabled=scripts,
            service_workers="allow",
        )
        context.set_default_timeout(PAGE_S * 1000)
        if english:
            context.add_cookies([{"name": "language", "value": "en", "url": operator.address}])
        contexts.append(context)
        page = context.new_page()
        page.console_messages_seen = []  # type: ignore[attr-defined]
        page.on("console", lambda message: page.console_messages_seen.append(message.text))  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.console_messages_seen.append(str(error)))  # type: ignore[attr-defined]
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(operator: Operator) -> Callable[[Page, str], None]:
    """Sign in as a person does: number, the code from the phone on screen, home."""

    def act(page: Page, number: str) -> None:
        if number in {person.number for person in operator.people}:
            # Who is known by name is signed in by several tests.
            operator.an_hour_later()
        before = len(operator.messages(number))
        page.goto("/login/")
        ask_code(page, number)
        enter_code(page, operator.code(number, after=before))
        decline_password(page)

    return act


def ask_code(page: Page, number: str) -> None:
    """Type the number on the page of signing in that is open, and get a code, or fail with what the page says."""
    page.locator("form[action='/login/'] input[type=tel]").fill(number)
    with page.expect_navigation():
        page.locator("form[action='/login/'] button.button").first.click()
    assert "/login/code/" in page.url, f"{number}: {page.locator('main').inner_text()}"


def enter_code(page: Page, code: str) -> None:
    page.locator("input[autocomplete='one-time-code']").fill(code)
    page.locator("form:has(input[autocomplete='one-time-code']) button[type=submit]").first.click()


def decline_password(page: Page) -> None:
    """Get home from the code; the first time past the offer of a password, which is declined for good."""
    page.wait_for_url(re.compile("/home/|/login/offer/"))
    if "/login/offer/" in page.url:
        page.locator("button[value=never]").click()
        page.wait_for_url("**/home/**")
