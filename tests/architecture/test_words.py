"""What stands in the files besides code: pages, names, sizes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.test_house import PACKAGE, ROOT, SOURCES, tracked_files

TEXTS = [
    path
    for path in tracked_files()
    if path.suffix not in {".woff2", ".png", ".ttf", ".ico", ".gz"} and path.name not in {"LICENSE", "OFL.txt"}
]
TEMPLATES = sorted(PACKAGE.rglob("*.html"))
DECISIONS = sorted((ROOT / "docs" / "decisions").iterdir())
LINES_MAX = 400
FUNCTION_LINES_MAX = 50
# What the first version promises; a test of each names it.
RULES = {
    *(f"id_{number}" for number in range(1, 21)),
    "cab_1",
    "cab_2",
    "cab_3",
    "cab_4",
    "cab_5",
    "ch_3",
    "ch_5",
    "ops_1",
    "ops_2",
    "ops_4",
    "ops_5",
    "fix_1",
}


def names_of_tests() -> list[str]:
    return [
        node.name
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def test_every_rule_has_a_test_that_names_it() -> None:
    named = {found[1] for name in names_of_tests() if (found := re.match(r"test_((?:[a-z]+)_\d+)_", name))}
    assert named >= RULES


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name)
def test_a_decision_is_one_page_with_what_was_rejected(decision: Path) -> None:
    text = decision.read_text()
    assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Rejected"]
    assert re.search(r"## Rejected\n- \*.+\*", text), "each alternative by name, with why not"
    assert len(text.splitlines()) <= 60, "one page"


def test_decisions_are_numbered_in_order_without_gaps() -> None:
    for number, page in enumerate(DECISIONS, 1):
        assert re.fullmatch(rf"{number:04}-[a-z0-9-]+\.md", page.name)
        assert page.read_text().startswith(f"# {number}. ")


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *(p.name for p in DECISIONS)])
def test_what_a_page_names_is_there(name: str) -> None:
    """Paths and files that stand in code marks or links exist, seen from the root, the package or the page."""
    path = ROOT / name if (ROOT / name).exists() else ROOT / "docs" / "decisions" / name
    text = path.read_text()
    named = [*re.findall(r"\]\(([^)#:]+)\)", text), *re.findall(r"`([\w.-]+/[\w./-]+\.(?:md|py|css|js|html))`", text)]
    roots = (ROOT, PACKAGE, PACKAGE / "domains", PACKAGE / "entrypoints", path.parent)
    assert not [thing for thing in named if not any((root / thing).exists() for root in roots)]


def test_every_setting_stands_on_the_operations_page() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    sources = "".join(path.read_text() for path in (PACKAGE / "config").glob("environment*.py"))
    read = set(re.findall(r'"(ABONENT_\w+|DATABASE_URL)"', sources))
    assert not [name for name in read if f"`{name}`" not in page]


def test_no_file_is_longer_than_somebody_reads() -> None:
    kept = [path for path in TEXTS if path.suffix in {".py", ".html", ".css", ".js", ".md", ""}]
    long = [path for path in kept if path.is_file() and len(path.read_text().splitlines()) > LINES_MAX]
    assert not long


def test_a_function_fits_a_screen() -> None:
    long = [
        f"{path.name}: {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert not long


def test_every_module_says_what_it_holds() -> None:
    assert not [path for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]


def test_every_silenced_check_says_why() -> None:
    silenced = re.compile(r"# no" + r"qa(?!: [A-Z]+\d+(, [A-Z]+\d+)* - \S)")
    assert not [path for path in TEXTS if path.suffix == ".py" and silenced.search(path.read_text())]


def test_nothing_is_left_to_do_and_no_file_speaks_of_where_it_was_made() -> None:
    words = ["TO" + "DO", "FIX" + "ME", ".." + "/shared", "/wo" + "rk/"]
    assert not [(path, word) for path in TEXTS for word in words if word in path.read_text(errors="replace")]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_a_template_has_neither_style_nor_script_of_its_own(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", text)


def test_every_drawing_macro_and_class_is_used() -> None:
    pages = "".join(path.read_text() for path in TEMPLATES)
    everything = pages + "".join(path.read_text() for path in [*SOURCES, *PACKAGE.rglob("*.js")])
    drawings = {path.stem for path in (PACKAGE / "web" / "drawings").glob("*.svg")}
    assert not {name for name in drawings if f'"{name}"' not in everything}
    macros = re.findall(r"macro (\w+)\(", pages)
    assert not [name for name in macros if len(re.findall(rf"\b{name}\(", pages)) < 2]
    styles = "".join(path.read_text() for path in PACKAGE.rglob("*.css"))
    classes = set(re.findall(r"\.([a-z][a-z-]*)(?![\w-])(?=[^{}]*\{)", re.sub(r"/\*.*?\*/", "", styles, flags=re.S)))
    assert not {name for name in classes if not re.search(rf"(?<![\w-]){name}(?![\w-])", everything)}
