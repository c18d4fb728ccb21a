"""How the tests are shared out: what runs the whole product begins first, each in one worker; the rest by files."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.watching import watch

TESTS = Path(__file__).parent
# Each of these starts an operator of its own, which takes as long as hundreds of other tests.
WHOLE = ("journeys", "drills")


def pytest_configure(config: pytest.Config) -> None:
    watch(config)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Group the tests before the workers' plugin looks at groups, and order them after all others have."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    yield
    items.sort(key=lambda item: _folder(item) not in WHOLE)


def _group(item: pytest.Item) -> str:
    if (folder := _folder(item)) in WHOLE:
        return folder
    # These empty the database when they end, so they come after the others.
    marker = item.get_closest_marker("django_db")
    emptying = " emptying" if marker and marker.kwargs.get("transaction") else ""
    return f"{item.path.relative_to(TESTS)}{emptying}"


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]
