"""`abonent ledger verify`, as an operator runs it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from abonent.foundation.embedded_postgres import EmbeddedPostgres
from tests import migrated
from tests.entrypoints.cli.test_commands import abonent

VAR = Path(os.environ["ABONENT_VAR"]) / f"ledger-command-{os.getpid()}"
MONEY = """
insert into ledger_account (id, book, code, currency, debits_posted_minor, credits_posted_minor, debits_pending_minor,
                            credits_pending_minor)
values (1, 'own', '1', 'RUB', 0, 0, 0, 0), (2, 'house', '1', 'RUB', null, null, null, null);
select ledger_post(gen_random_uuid(), 2, 1, 500, now(), 'payment');
select ledger_hold(gen_random_uuid(), 1, 2, 200, now(), 'fee', null);
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return abonent("ledger", *arguments, ABONENT_VAR=str(VAR))


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """Keep the embedded database up between the commands."""
    with migrated.server(VAR) as running:
        yield running


def test_the_ledger_is_verified(server: EmbeddedPostgres) -> None:
    done = run("verify")
    assert (done.returncode, done.stdout) == (0, "the ledger agrees: 0 transfers, 0 accounts, 0 pending\n"), done.stderr
    with psycopg.connect(server.url(), autocommit=True) as database:
        database.execute(MONEY)
        done = run("verify")
        assert (done.returncode, done.stdout) == (0, "the ledger agrees: 2 transfers, 2 accounts, 1 pending\n")
        database.execute("update ledger_account set credits_posted_minor = 400 where id = 1")
    done = run("verify")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "sums are zero: in main/RUB all balances together are -100, not 0",
        "posted credits: account 1 (main/own/1/RUB): posted credits are 400, its transfers say 500",
        "the ledger does not agree: 2 transfers, 2 accounts, 1 pending",
    ]
    done = run("verify", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["agrees"], told["transfers"]) == (1, False, 2)
    assert [finding["rule"] for finding in told["findings"]] == ["sums are zero", "posted credits"]
