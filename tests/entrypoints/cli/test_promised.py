"""`abonent promised`, as an operator runs it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests import migrated
from tests.entrypoints.cli.test_commands import abonent
from tests.factories.promised import TERMS

VAR = Path(os.environ["ABONENT_VAR"]) / f"promised-command-{os.getpid()}"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return abonent("promised", *arguments, ABONENT_VAR=str(VAR))


@pytest.fixture(scope="module", autouse=True)
def _one_server():
    """Keep the embedded database up between the commands."""
    with migrated.server(VAR):
        yield


def test_cab_8_terms_are_put_in_force_and_never_edited(tmp_path: Path) -> None:
    file = tmp_path / "terms.json"
    file.write_text(json.dumps(TERMS.to_json()))
    for _ in range(2):
        done = run("publish", str(file), "--from", "2026-01-01")
        assert done.returncode == 0, done.stderr
    in_force = run("show").stdout
    assert json.loads(in_force) == {"2026-01-01": json.loads(json.dumps(TERMS.to_json()))}
    file.write_text(json.dumps(replace(TERMS, times=5).to_json()))
    refused = run("publish", str(file), "--from", "2026-01-01")
    assert (refused.returncode, "publish from another day on" in refused.stderr) == (1, True)
    for wrong, says in (
        ("{", "no JSON"),
        (json.dumps(replace(TERMS, times=0).to_json()), "at least once"),
    ):
        file.write_text(wrong)
        refused = run("publish", str(file), "--from", "2026-02-01")
        assert (refused.returncode, says in refused.stderr) == (1, True), refused.stderr
    assert run("show").stdout == in_force
