"""What goes wrong below a command gets one clear line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from abonent.entrypoints.cli import runtime

PROGRAM = """
import errno, os, sys
import psycopg, typer
from abonent.entrypoints.cli import runtime

def ask(sql, *, bare):
    from django.db import connection
    connection.ensure_connection()
    (psycopg.Cursor(connection.connection) if bare else connection.cursor()).execute(sql)

def refused(code):
    return f"do $$ begin raise exception using errcode = '{code}', message = 'no room for more'; end $$"

try:
    with runtime.database(prepare=False):
        if sys.argv[1] == "file":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        ask(refused("53100") if sys.argv[1] == "full" else "select pg_terminate_backend(pg_backend_pid())",
            bare=sys.argv[2] == "bare")
except typer.Exit as end:
    sys.exit(end.exit_code)
"""


@pytest.mark.parametrize(
    ("what", "how", "said"),
    [
        ("file", "", "the disk is full; free some space"),
        ("full", "bare", "the disk is full; free some space"),
        ("full", "", "the disk is full; free some space"),
        ("gone", "bare", "the database does not answer"),
        ("gone", "", "the database does not answer"),
    ],
)
def test_ops_4_a_full_disk_and_a_lost_database_get_one_line(what: str, how: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, what, how],
        capture_output=True, text=True, timeout=300, check=False,
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
    )  # fmt: skip
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_process_takes_its_parents_word_alone_that_the_database_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, believed in ((str(os.getppid()), True), (str(os.getpid()), False), ("", False), ("yes", False)):
        monkeypatch.setenv(runtime.PREPARED, said)
        assert runtime.is_prepared() is believed
    monkeypatch.delenv(runtime.PREPARED)
    assert not runtime.is_prepared()
