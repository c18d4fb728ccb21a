"""`abonent catalog words`: they hold instead of those before, or all that were there stay (CH-2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from abonent.domains.catalog.words import actions as words
from abonent.domains.catalog.words.rules import Kind, Word
from abonent.entrypoints.cli import catalog as command
from tests.factories import catalog

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "tariffs:\n  small: {ru: Орбита, en: Orbita, digits: '20'}\n"


def load(folder: Path, text: str | bytes) -> tuple[int, str]:
    file = folder / "words.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = CliRunner().invoke(command.app, ["words", str(file)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture(autouse=True)
def _sold() -> None:
    catalog.small()
    catalog.large()


def test_ch_2_words_hold_instead_of_those_before(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == (0, "1 services and tariffs can be asked for by a word\n")
    assert words.every() == [Word(Kind.TARIFF, "small", "орбита", "orbita", "20")]
    assert load(tmp_path, GOOD.replace("small:", "large:"))[0] == 0
    assert [one.code for one in words.every()] == ["large"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (b"\xff\xfe", "UTF-8"),
        ("{", "no YAML"),
        ("[]", "`offers` and `tariffs` are asked for"),
        (GOOD.replace("small:", "nobody:"), "nothing of that code was ever sold"),
        (GOOD.replace("'20'", "'2'"), "no two or three digits"),
        (GOOD.replace("ru: Орбита, ", ""), "are asked for, and no others"),
        (GOOD + "  large: {ru: Комета, en: Kometa, digits: '20'}\n", "'20' means 2 things"),
        (GOOD.replace("Орбита", "7"), "is no word"),
    ],
    ids=repr,
)
def test_ch_2_bad_words_are_refused_with_a_reason_and_those_before_stay(
    tmp_path: Path, wrong: str | bytes, says: str
) -> None:
    assert load(tmp_path, GOOD)[0] == 0
    before = words.every()
    code, said = load(tmp_path, wrong)
    assert (code, says in said) == (1, True), said
    assert words.every() == before
