"""Every string is there in every language."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "abonent"
LOCALE = PACKAGE / "web" / "locale"
CYRILLIC = re.compile("[А-Яа-яЁё]")


def catalog(language: str):
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def extracted() -> set:
    """The strings in the sources, taken out as `bin/messages` does."""
    from babel.messages.extract import extract_from_dir

    methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    keywords = {
        "_": None, "gettext": None, "ngettext": (1, 2), "gettext_lazy": None, "ngettext_lazy": (1, 2),
        "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
    }  # fmt: skip
    found = extract_from_dir(
        PACKAGE, methods, {"**.html": {"trimmed": "true"}, "**.txt": {"trimmed": "true"}}, keywords
    )
    return {message[2] for message in found}


def test_every_string_of_the_sources_is_in_the_catalogue() -> None:
    known = {message.id for message in catalog("ru")}
    assert not extracted() - known, "run bin/messages"


def test_no_string_hides_where_the_tools_do_not_look() -> None:
    """What stands within an f-string is not taken out: unless it stands elsewhere too, it is English for everybody."""
    known = {
        word for message in catalog("ru") for word in (message.id if isinstance(message.id, tuple) else [message.id])
    }
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in PACKAGE.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "gettext", "ngettext", "pgettext")
        if str(getattr(call.args[0], "value", "")) not in known
    ]
    assert not hidden


def test_every_string_has_its_russian() -> None:
    missing = []
    for message in catalog("ru"):
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (not all(texts) or (message.pluralizable and len(texts) != 3)):
            missing.append(message.id)
    assert not missing


def test_no_translation_is_uncertain() -> None:
    for language in ("ru", "en"):
        assert not [message.id for message in catalog(language) if message.fuzzy and message.id]


def test_placeholders_survive_translation() -> None:
    for message in catalog("ru"):
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        wanted = set(re.findall(r"%\((\w+)\)s", ids[-1]))
        for text in message.string if isinstance(message.string, tuple | list) else (message.string,):
            assert set(re.findall(r"%\((\w+)\)s", text)) <= wanted, message.id


@pytest.mark.parametrize("folder", ["web/templates", "entrypoints", "domains"])
def test_no_sentence_is_written_into_the_sources(folder: str) -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (PACKAGE / folder).rglob("*")
        if path.suffix in {".html", ".txt", ".py"}
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if CYRILLIC.search(re.sub(r"#.*|`[^`]*`|«[\w№ -]+»|\"[А-Я]+\"|(['\"]).\1", "", line)) and "lang=" not in line
    ]
    assert not offenders


def test_compiled_catalogues_are_not_kept_in_git() -> None:
    listed = subprocess.run(["git", "ls-files", "*.mo"], cwd=ROOT, capture_output=True, check=True).stdout
    assert not listed
