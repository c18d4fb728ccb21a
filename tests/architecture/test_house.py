"""The house: rooms, furniture and floors are as ARCHITECTURE.md says."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey
from django.utils.module_loading import import_string

from abonent.config.reactions import REACTIONS, SECRETS
from tests.architecture.furniture import FURNITURE, MORE_FURNITURE

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "abonent"
DOMAINS = sorted(p for p in (PACKAGE / "domains").iterdir() if (p / "__init__.py").exists())
SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts)

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
FLOORS = [
    "ledger messaging catalog help",
    "identity",
    "customers",
    "lines",
    "payments usage",
    "billing",
    "orders",
    "porting",
    "support voice",
]


def is_pure(path: Path) -> bool:
    """Return whether a module must be, or says that it is, without Django, clock and network."""
    if path.stem in PURE or "values" in path.parts:
        return True
    # Reading the words first spares most modules the parsing.
    text = path.read_text()
    return "Pure" in text and bool(re.search(r"\bPure\b", ast.get_docstring(ast.parse(text)) or ""))


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


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda p: p.name)
def test_a_topic_of_three_modules_has_a_folder_with_a_nameplate(domain: Path) -> None:
    topics = Counter(_topic(path.stem) for path in domain.glob("*.py"))
    assert not [topic for topic, modules in topics.items() if modules > 2]
    for folder in domain.iterdir():
        if folder.is_dir() and folder.name != "migrations" and list(folder.glob("*.py")):
            assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder


def _topic(stem: str) -> str:
    """Return what a module is about: `fees` of `fees_rules` and of `models_fees`, itself of `queries_bulk`."""
    first, _, rest = stem.partition("_")
    if first not in FURNITURE:
        return first
    return rest if first == "models" and rest else stem


@pytest.mark.parametrize("path", [p for p in SOURCES if is_pure(p)], ids=str)
def test_a_pure_room_reaches_neither_django_nor_clock_nor_network(path: Path) -> None:
    reached = [
        name for name in imports_of(path) for impure in IMPURE if name == impure or name.startswith(f"{impure}.")
    ]
    assert not reached
    assert ".now(" not in path.read_text()


def test_a_pure_module_of_a_domain_imports_only_pure_ones() -> None:
    pure = {".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts) for p in SOURCES if is_pure(p)}
    modules = {".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts) for p in SOURCES}
    impure = [
        (path.name, name)
        for path in SOURCES
        if is_pure(path) and "domains" in path.parts
        for name in imports_of(path)
        if name in modules - pure
    ]
    assert not impure


def test_nobody_but_the_clock_asks_what_time_it_is() -> None:
    asks = re.compile(r"(datetime|timezone)\.now\(|date\.today\(|\btime\.time\(|localdate\(\)|localtime\(\)")
    assert [p.stem for p in SOURCES if asks.search(p.read_text())] == ["clock"]


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("domains/*/actions.py")), ids=lambda p: p.parent.name)
def test_an_action_takes_its_arguments_by_name(path: Path) -> None:
    """All but one: a value that is the whole of what is asked."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    assert not [f.name for f in functions if not f.name.startswith("_") and len(f.args.args) > 1]


def test_tables_are_private_to_their_domain() -> None:
    trespassers = [
        (path.relative_to(PACKAGE), name)
        for path in SOURCES
        for name in imports_of(path)
        if (found := re.match(r"abonent\.domains\.(\w+)\.(?:\w+\.)?models\b", name))
        and f"domains/{found[1]}/" not in path.as_posix()
    ]
    assert not trespassers


def test_entry_points_and_pages_ask_the_domains_and_not_the_database() -> None:
    rooms = [path for path in SOURCES if {"portal", "staff", "web"} & set(path.parts)]
    assert not [path for path in rooms for name in imports_of(path) if name.startswith(("django.db", "psycopg"))]


@pytest.mark.parametrize("event", REACTIONS, ids=lambda event: event.__name__)
def test_every_reaction_takes_the_fields_of_its_event(event: type) -> None:
    for path in REACTIONS[event]:
        answer = import_string(path)
        assert list(inspect.signature(answer).parameters) == [field.name for field in fields(event)]


def test_every_source_of_secrets_is_there() -> None:
    assert all(callable(import_string(path)) for path in SECRETS.values())


def test_no_room_has_a_name_that_says_nothing() -> None:
    assert not [p for p in SOURCES if p.stem in BANNED_NAMES or p.parent.name in BANNED_NAMES]


def test_an_integration_knows_only_the_ports_of_the_business() -> None:
    strange = [
        (path.relative_to(PACKAGE), name)
        for path in SOURCES
        if "integrations" in path.parts
        for name in imports_of(path)
        if re.match(r"abonent\.(?!integrations\.|foundation\.|domains\.\w+\.ports\b)", name)
    ]
    assert not strange


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


def test_tests_that_start_an_operator_share_a_worker(request: pytest.FixtureRequest) -> None:
    """Without groups each worker would start every operator, and nobody would notice but the clock."""
    if hasattr(request.config, "workerinput"):
        assert request.node.nodeid.endswith("@architecture/test_house.py")
    else:
        assert request.node.get_closest_marker("xdist_group").args == ("architecture/test_house.py",)
