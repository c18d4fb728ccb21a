"""`abonent staff` and `abonent audit`, as an operator runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import migrated
from tests.entrypoints.cli.test_commands import abonent

VAR = Path(os.environ["ABONENT_VAR"]) / f"staff-command-{os.getpid()}"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return abonent(*arguments, ABONENT_VAR=str(VAR))


@pytest.fixture(scope="module", autouse=True)
def _one_server():
    """Keep the embedded database up between the commands."""
    with migrated.server(VAR):
        yield


def test_ops_5_staff_are_added_and_the_trail_is_verified() -> None:
    add = ["staff", "add", "--login", "o.titova", "--name", "О. Титова", "--role", "contact-centre"]
    done = run(*add)
    assert done.returncode == 0, done.stderr
    password = re.search(r"first password (\S+)", done.stdout)
    assert password
    twice = run(*add)
    assert (twice.returncode, "there already" in twice.stderr) == (1, True)
    assert password[1] not in run("staff", "list").stdout
    assert json.loads(run("staff", "list", "--json").stdout) == [
        {"login": "o.titova", "name": "О. Титова", "roles": ["contact-centre"], "active": True}
    ]
    head = run("audit", "head").stdout.strip()
    assert run("staff", "block", "o.titova").returncode == 0
    assert run("staff", "block", "nobody").returncode == 1
    verdict = json.loads(run("audit", "verify", "--json").stdout)
    assert (verdict["sound"], verdict["records"]) == (True, 2)
    assert "whole: 2 records" in run("audit", "verify", "--from", head).stdout
    assert run("audit", "verify", "--from", "x").returncode == 2
    (VAR / "audit-head").unlink()
    wrong = run("audit", "verify", "--from", f"9{head[1:]}")
    assert (wrong.returncode, "broken at record" in wrong.stdout) == (1, True)
    assert "Traceback" not in wrong.stderr
