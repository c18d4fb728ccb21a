"""The house: rooms, furniture and floors are as ARCHITECTURE.md says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "abonent"
DOMAINS = sorted(p for p in (PACKAGE / "domains").iterdir() if (p / "__init__.py").exists())
SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts)

FURNITURE = {
    "__init__", "models", "rules", "states", "actions", "queries", "access", "events", "reactions", "ports", "embedded",
    "jobs",
}  # fmt: skip
# Rooms that one word alone does not hold; each is named after what it does.
MORE_FURNITURE = {
    "usage": {"formats", "reading", "storing"},
    "billing": {"statement", "rating", "fees", "posting"},
    "messaging": {"texts", "secrets", "delivery"},
    "identity": {"guards"},
}
PURE = {"rules", "states", "events"}
IMPURE = (
    "django",
    "psycopg",
    "procrastinate",
    "socket",
    "http",
    "urllib",
    "abonent.foundation.clock",
    "random",
    "secrets",
)
BANNED_NAMES = {"utils", "helpers", "services", "managers", "common", "misc", "signals"}
FLOORS = ["ledger messaging catalog", "identity", "customers", "lines", "usage", "billing"]


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda p: p.name)
def test_a_domain_holds_only_its_furniture(domain: Path) -> None:
    allowed = FURNITURE | MORE_FURNITURE.get(domain.name, set())
    found = {p.stem for p in domain.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()} - {"migrations"}
    strange = {name for name in found - allowed if name.split("_")[0] not in allowed}
    assert not strange
    nameplate = ast.get_docstring(ast.parse((domain / "__init__.py").read_text()))
    assert nameplate, "a domain's nameplate says what it owns"


@pytest.mark.parametrize("path", [p for p in SOURCES if p.stem in PURE or "values" in p.parts], ids=str)
def test_a_pure_room_reaches_neither_django_nor_clock_nor_network(path: Path) -> None:
    reached = [
        name for name in imports_of(path) for impure in IMPURE if name == impure or name.startswith(f"{impure}.")
    ]
    assert not reached
    assert ".now(" not in path.read_text()


def test_no_room_has_a_name_that_says_nothing() -> None:
    assert not [p for p in SOURCES if p.stem in BANNED_NAMES or p.parent.name in BANNED_NAMES]


def test_nobody_uses_signals_or_wildcards() -> None:
    offenders = [
        p
        for p in SOURCES
        if "django.dispatch" in (text := p.read_text()) or re.search(r"^from .* import \*", text, re.M)
    ]
    assert not offenders


def test_foreign_keys_point_downwards_and_leave_no_name_behind() -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names.split()}
    for model in apps.get_models():
        if not model.__module__.startswith("abonent.domains."):
            continue
        for field in model._meta.get_fields():
            if not isinstance(field, ForeignKey):
                continue
            target = field.related_model._meta.app_label
            assert field.remote_field.related_name == "+", f"{model.__name__}.{field.name}"
            assert target == model._meta.app_label or floor[target] < floor[model._meta.app_label]


def test_every_domain_stands_on_a_floor_of_the_architecture_page() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    assert {d.name for d in DOMAINS} == {name for names in FLOORS for name in names.split()}
    assert all(f"`{domain.name}`" in page for domain in DOMAINS)
    assert len(page.splitlines()) <= 100, "one page"


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_file_holds_an_address_of_a_package_registry() -> None:
    hosts = [
        f"{name}.{top}" for name, top in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
    ]
    for path in tracked_files():
        if path.suffix in {".woff2", ".png", ".ttf", ".ico", ".gz"}:
            continue
        text = path.read_text(errors="replace")
        assert not [host for host in hosts if host in text], path


def test_the_business_imports_nothing_inside_functions() -> None:
    for path in (p for p in SOURCES if "domains" in p.parts):
        tree = ast.parse(path.read_text())
        inner = [
            node
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not inner, path
