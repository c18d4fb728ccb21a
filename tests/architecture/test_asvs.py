"""What docs/asvs.md says of OWASP ASVS 5.0.0: every requirement stands there once, with tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from abonent.domains.identity.rules import Way

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "asvs.md"
# Chapters V6 to V10, complete.
LEVEL_1 = {
    *("6.1.1", "6.2.1", "6.2.2", "6.2.3", "6.2.4", "6.2.5", "6.2.6", "6.2.7", "6.2.8", "6.3.1", "6.3.2", "6.4.1"),
    *("6.4.2", "7.2.1", "7.2.2", "7.2.3", "7.2.4", "7.4.1", "7.4.2", "8.1.1", "8.2.1", "8.2.2", "8.3.1"),
    *("9.1.1", "9.1.2", "9.1.3", "9.2.1", "10.4.1", "10.4.2", "10.4.3", "10.4.4", "10.4.5"),
}
LEVEL_2 = {
    *("6.1.2", "6.1.3", "6.2.9", "6.2.10", "6.2.11", "6.2.12", "6.3.3", "6.3.4", "6.4.3", "6.4.4"),
    *("6.5.1", "6.5.2", "6.5.3", "6.5.4", "6.5.5", "6.6.1", "6.6.2", "6.6.3", "6.8.1", "6.8.2", "6.8.3", "6.8.4"),
    *("7.1.1", "7.1.2", "7.1.3", "7.3.1", "7.3.2", "7.4.3", "7.4.4", "7.4.5", "7.5.1", "7.5.2", "7.6.1", "7.6.2"),
    *("8.1.2", "8.2.3", "8.4.1", "9.2.2", "9.2.3", "9.2.4", "10.1.1", "10.1.2", "10.2.1", "10.2.2"),
    *("10.3.1", "10.3.2", "10.3.3", "10.3.4", "10.4.6", "10.4.7", "10.4.8", "10.4.9", "10.4.10", "10.4.11"),
    *("10.5.1", "10.5.2", "10.5.3", "10.5.4", "10.5.5", "10.6.1", "10.6.2", "10.7.1", "10.7.2", "10.7.3"),
}
# Of level 3 those that we prove besides.
LEVEL_3 = {"6.3.5", "6.3.7", "6.3.8", "6.4.6", "6.5.6", "6.5.8", "6.7.2", "7.5.3", "8.3.2", "10.2.3"}
# Who opens sessions, and where.
WAYS = {
    "portal/identity/views.py": "/login/",
    "portal/identity/email/entry.py": "/login/email/",
    "portal/identity/ways/contract.py": "/login/contract/",
    "portal/identity/passwords/entry.py": "/login/password/",
    "portal/identity/passwords/forgot.py": "/login/forgot/",
    "portal/identity/factors/passkey.py": "/login/passkey/",
    "portal/identity/factors/second.py": "/login/second/",
    "portal/identity/federation/views.py": "/login/with/",
    "portal/identity/federation/network.py": "/login/network/",
    "staff/entry.py": "/staff/login/",
}
WITHOUT_TEST = ("Does not apply:", "By documentation:", "Deviation:")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")


class Row(NamedTuple):
    """One requirement as the page tells of it."""

    id: str
    level: str
    asks: str
    how: str
    tests: str


def rows() -> list[Row]:
    lines = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \d", line)]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


@cache
def names_in(path: Path) -> frozenset[str]:
    """Return the names of the tests in a file; one in a class is `Class::test`."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        inside = [(f"{node.name}::", one) for one in node.body] if isinstance(node, ast.ClassDef) else [("", node)]
        found |= {f"{of}{one.name}" for of, one in inside if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(name for name in found if name.split("::")[-1].startswith("test_"))


def test_every_requirement_stands_on_the_page_once_at_its_level() -> None:
    levels = dict.fromkeys(LEVEL_1, "1") | dict.fromkeys(LEVEL_2, "2") | dict.fromkeys(LEVEL_3, "3")
    told = [(row.id, row.level) for row in rows()]
    assert len(told) == len(dict(told))
    assert dict(told) == levels


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_a_requirement_names_tests_that_are_there_or_says_why_not(row: Row) -> None:
    assert row.asks
    assert row.how not in ("", *WITHOUT_TEST)
    named = NAMED.findall(row.tests)
    assert named or row.how.startswith(WITHOUT_TEST), "a test, or why there is none"
    assert not NAMED.sub("", row.tests).strip(" ,—"), "nothing but names of tests stands in the last column"
    there = {path: names_in(ROOT / path) if (ROOT / path).is_file() else frozenset() for path, _ in named}
    assert not [f"{path}::{name}" for path, name in named if name not in there[path]]


def test_every_way_in_stands_on_the_page() -> None:
    """What opens a session is called from these modules only, and each way has its address in docs/security.md."""
    portal, staff = (ROOT / "src" / "abonent" / "entrypoints" / name for name in ("portal", "staff"))
    told = (ROOT / "docs" / "security.md").read_text()
    found = {}
    for folder, opens in ((portal, r"(?<!def )\b(?:admit|complete)\("), (staff, r"(?<!def )\blet_in\(")):
        for path in folder.rglob("*.py"):
            if re.search(opens, path.read_text()):
                found[path.relative_to(folder.parent).as_posix()] = path
    assert set(found) == set(WAYS)
    assert not [address for address in WAYS.values() if f"`{address}" not in told]
    assert not [way for way in Way if way not in "code contract email password temporary reset passkey social network"]


def test_nothing_that_people_must_not_guess_is_drawn_from_predictable_numbers() -> None:
    """Codes, keys, passwords and ids are drawn by `secrets`, by Django's own use of it, or by `uuid4`."""
    predictable = re.compile(r"^\s*(import random|from random|.*\bnumpy\.random|.*\buuid1\b)", re.M)
    sources = [path for path in (ROOT / "src" / "abonent").rglob("*.py") if "demo" not in path.parts]
    assert not [path for path in sources if predictable.search(path.read_text())]
    scripts = (ROOT / "src" / "abonent" / "web" / "static").glob("*.js")
    assert not [path for path in scripts if "Math.random" in path.read_text()]


def test_nothing_keeps_people_from_pasting_a_password() -> None:
    shown = [*(ROOT / "src").rglob("*.js"), *(ROOT / "src").rglob("*.html")]
    assert not [path for path in shown if re.search(r"[\"'.]paste[\"']?|clipboardData", path.read_text())]


@pytest.mark.parametrize("page", ["asvs.md", "security.md"])
def test_what_the_page_names_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    package = ROOT / "src" / "abonent"
    roots = (ROOT, package, package / "domains", package / "entrypoints", ROOT / "docs")
    links = [*re.findall(r"\]\(([^)#:]+)\)", text), *re.findall(r"`([\w.-]+/[\w./-]+\.(?:md|py|html))`", text)]
    assert not [named for named in links if not any((root / named).exists() for root in roots)]
