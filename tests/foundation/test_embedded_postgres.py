"""The embedded PostgreSQL: found again, shared, and gone with its last user."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from abonent.foundation.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, wait_until_gone

HOLD = """
import sys, time
from pathlib import Path
from abonent.foundation.embedded_postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), durable=False).in_use():
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def server() -> EmbeddedPostgres:
    """A server in a folder of its own beside the tests' one: the temporary folder may be closed to its user."""
    folder = Path(os.environ["ABONENT_VAR"]) / f"lifecycle-{os.getpid()}"
    subprocess.run(["rm", "-rf", folder], check=True)
    server = EmbeddedPostgres(folder / "pg", durable=False)
    yield server
    server.stop()
    subprocess.run(["rm", "-rf", folder], check=True)


def holder(server: EmbeddedPostgres) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(server.folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_it_starts_answers_and_is_gone_after_its_last_user(server: EmbeddedPostgres) -> None:
    with server.in_use():
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
            assert connection.execute("show listen_addresses").fetchone() == ("",)
        other = holder(server)
    assert server.is_running(), "somebody else still uses it"
    other.send_signal(signal.SIGINT)
    other.wait()
    assert wait_until_gone(server)


def test_it_finds_a_server_whose_user_was_killed_and_stops_it_in_the_end(server: EmbeddedPostgres) -> None:
    killed = holder(server)
    killed.kill()
    killed.wait()
    assert server.is_running()
    with server.in_use(), psycopg.connect(server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert wait_until_gone(server)


def test_it_goes_on_after_a_kill_in_the_middle_of_its_making(server: EmbeddedPostgres) -> None:
    (server.folder / "data.new").mkdir(parents=True)
    (server.folder / "data.new" / "half").write_text("x")
    with server.in_use(), psycopg.connect(server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_it_makes_the_database_that_a_killed_first_start_left_out(server: EmbeddedPostgres) -> None:
    with server.in_use(), psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("drop database abonent")
    with server.in_use(), psycopg.connect(server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_it_says_in_one_line_when_the_path_is_too_long() -> None:
    with pytest.raises(EmbeddedPostgresError, match="too long"):
        EmbeddedPostgres(Path("/srv") / ("x" * 100)).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works for another user")
def test_it_says_in_one_line_when_its_user_may_not_enter(server: EmbeddedPostgres) -> None:
    closed = server.folder.parent / "closed"
    closed.mkdir(mode=0o700, parents=True)
    with pytest.raises(EmbeddedPostgresError, match="may not enter") as caught:
        EmbeddedPostgres(closed / "pg").start()
    assert "\n" not in str(caught.value)
    assert not (closed / "pg" / "data").exists()


def test_it_leaves_the_rights_of_folders_outside_alone(server: EmbeddedPostgres) -> None:
    parents = [server.folder.parent, *list(server.folder.parents)[1:4]]
    server.folder.parent.mkdir(parents=True, exist_ok=True)
    before = [parent.stat().st_mode for parent in parents]
    with server.in_use():
        pass
    assert [parent.stat().st_mode for parent in parents] == before
