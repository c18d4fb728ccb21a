"""How the tests are shared out: what runs the whole product begins first, each in one worker; the rest by files."""

from __future__ import annotations

import gc
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import emptying
from tests.watching import watch

TESTS = Path(__file__).parent
# Each of these starts an operator of its own, which takes as long as hundreds of other tests. The longest come first:
# journeys fall into two halves by the names of their files, and what kills everybody needs no operator to attack.
WHOLE = ("journeys a-k", "journeys l-z", "drills", "chaos")


def pytest_configure(config: pytest.Config) -> None:
    watch(config)
    emptying.teach()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Group the tests before the workers' plugin looks at groups, and order them after all others have."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    yield
    items.sort(key=lambda item: WHOLE.index(whole) if (whole := _whole(item)) else len(WHOLE))


def pytest_collection_finish() -> None:
    """Spare what was collected, and stays to the end, from being gone over again and again for what may be thrown away.

    That took a quarter of the time of all tests.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """After the last test its database goes: nobody may be left in it."""
    if nextitem is None:
        gc.collect()
        emptying.see_out()


def _group(item: pytest.Item) -> str:
    if whole := _whole(item):
        return whole
    # These empty the database when they end, so they come after the others.
    marker = item.get_closest_marker("django_db")
    emptying = " emptying" if marker and marker.kwargs.get("transaction") else ""
    return f"{item.path.relative_to(TESTS)}{emptying}"


def _whole(item: pytest.Item) -> str:
    """Return which of `WHOLE` the test belongs to; empty for all others."""
    folder, name = item.path.relative_to(TESTS).parts[0], item.path.name
    if folder == "journeys":
        return "journeys a-k" if name < "test_l" else "journeys l-z"
    if folder == "drills":
        return "chaos" if name == "test_money_chaos.py" else "drills"
    return ""
