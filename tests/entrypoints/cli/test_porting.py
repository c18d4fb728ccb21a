"""`abonent porting`: terms of numbers that change their operator, published once and shown (CAB-16)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from abonent.domains.porting import queries
from abonent.entrypoints.cli import porting
from tests.factories.porting import TERMS

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(porting.app, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_cab_16_terms_are_published_once_and_shown(tmp_path: Path) -> None:
    file = tmp_path / "terms.json"
    file.write_text(json.dumps(TERMS.to_json()))
    for _ in range(2):
        assert run("publish", str(file), "--from", "2026-01-01")[0] == 0
    assert json.loads(run("show")[1]) == {"2026-01-01": TERMS.to_json()}
    file.write_text(json.dumps(TERMS.to_json() | {"price_minor": 1}))
    assert run("publish", str(file), "--from", "2026-01-01")[0] == 1
    assert [one.terms for one in queries.every_rules()] == [TERMS]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days_max": 1}, "days_max"), ({"price_minor": -1}, "price_minor"), ({"cutoff_h": 500}, "cutoff_h"),
        ({"more": 1}, "no others"), ({"days_min": True}, "days_min"),
    ],
)  # fmt: skip
def test_cab_16_terms_that_cannot_be_meant_are_not_stored(tmp_path: Path, wrong: dict[str, object], said: str) -> None:
    file = tmp_path / "terms.json"
    file.write_text(json.dumps(TERMS.to_json() | wrong))
    code, output = run("publish", str(file), "--from", "2026-01-01")
    assert (code, said in output) == (1, True)
    assert queries.every_rules() == []
