"""What holds on any page, whatever is on it."""

from __future__ import annotations

import re

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# What the browser itself says of a page that honestly refuses.
REFUSED = re.compile("Failed to load resource: the server responded with a status of 4[0-9][0-9] ")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def check_axe(page: Page) -> None:
    """Fail with every rule the page breaks and where."""
    # A click ends when the next page begins: half a page, or one without its style, says nothing.
    page.wait_for_load_state()
    # Another look at a page that is open needs no second half megabyte.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("options => axe.run(document, options).then(found => found.violations)", RULES)
    broken = [
        f"{violation['id']}: {violation['help']}\n    " + "\n    ".join(node["html"] for node in violation["nodes"])
        for violation in violations
    ]
    assert not broken, f"{page.url}\n" + "\n".join(broken)


def check_no_console(page: Page) -> None:
    """Fail when the page said anything to the console since it was opened (`open_page` listens)."""
    seen = [text for text in page.console_messages_seen if not REFUSED.match(text)]  # type: ignore[attr-defined]
    assert not seen, f"{page.url}\n" + "\n".join(seen)


def check_no_sideways_scroll(page: Page) -> None:
    """Fail when the page is wider than the window, and name what sticks out."""
    page.wait_for_load_state()
    wide = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((e) => e.getBoundingClientRect().right > width + 1)
            .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5);
        }"""
    )
    assert not wide, f"{page.url} at {page.viewport_size}: " + "; ".join(wide)
