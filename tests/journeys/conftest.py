"""The whole product, as `make demo` runs it, and a browser in front of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
CODE_WAIT_S = 60
FIRST_SPARE_NUMBER = 4


@dataclass
class Operator:
    """The running demo. Codes are limited per number, so journeys take numbers nobody has used yet."""

    address: str
    var: Path
    # What the owners of the first numbers tell an agent, as the demo prints it.
    people: tuple[str, ...] = ()
    _spare: int = field(default=FIRST_SPARE_NUMBER)

    def spare_number(self) -> str:
        """Return a mobile number that no journey has signed in with."""
        number = f"+7900{self._spare:07d}"
        self._spare += 1
        return number

    def messages(self, number: str) -> list[dict[str, str]]:
        with urllib.request.urlopen(f"{self.address}/phone/messages.json?number={quote(number)}") as answer:
            return json.load(answer)

    def code(self, number: str, *, after: int = 0) -> str:
        """Wait for a message beyond the first `after` and return the code at its start."""
        until = time.monotonic() + CODE_WAIT_S
        while time.monotonic() < until:
            arrived = self.messages(number)[after:]
            if arrived and (found := re.search(r"\b(\d{6})\b", arrived[-1]["text"])):
                return found[1]
            time.sleep(0.1)
        raise AssertionError(f"no code came to {number}: {self.messages(number)}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def operator() -> Iterator[Operator]:
    var = Path(os.environ["ABONENT_VAR"]) / f"journeys-{os.getpid()}"
    subprocess.run(["rm", "-rf", var], check=True)
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}
    demo = subprocess.Popen(
        [sys.executable, "-m", "abonent.entrypoints.cli.main", "demo",
         "--port", str(port), "--subscribers", "40", "--days", "100"],
        env=environment | {"ABONENT_VAR": str(var)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    output = []
    assert demo.stdout is not None
    for line in demo.stdout:
        output.append(line)
        if "Ctrl-C" in line:
            break
    assert demo.poll() is None, "".join(output)
    yield Operator(
        f"http://localhost:{port}", var, tuple(line for line in output if re.search(r"\d\d\.\d{4}.*«", line))
    )
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=30)
    subprocess.run(["rm", "-rf", var], check=True)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {
        "executable_path": CHROMIUM,
        "args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--no-first-run"],
    }  # fmt: skip


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
        context.set_default_timeout(30_000)
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
        before = len(operator.messages(number))
        page.goto("/login/")
        page.locator("input[type=tel]").fill(number)
        page.locator("form button[type=submit]").first.click()
        page.wait_for_url("**/login/code/**")
        page.locator("input[autocomplete='one-time-code']").fill(operator.code(number, after=before))
        page.locator("form:has(input[autocomplete='one-time-code']) button[type=submit]").first.click()
        decline_password(page)

    return act


def decline_password(page: Page) -> None:
    """Get home from the code; the first time past the offer of a password, which is declined for good."""
    page.wait_for_url(re.compile("/home/|/login/offer/"))
    if "/login/offer/" in page.url:
        page.locator("button[value=never]").click()
        page.wait_for_url("**/home/**")
