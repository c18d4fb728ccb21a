"""The command: help, exit codes, one clear line for what is wrong."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests import warm
from tests.running import free_port

VAR = Path(os.environ["ABONENT_VAR"]) / f"command-{os.getpid()}"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}


def abonent(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return warm.call(arguments, ENVIRONMENT | {"ABONENT_VAR": str(VAR)} | environment)


PRODUCTION = {
    "DATABASE_URL": "postgresql://abonent@127.0.0.1:1/abonent",
    "ABONENT_SECRET_KEY": "k" * 50,
    "ABONENT_PASSWORD_PEPPER": "p" * 32,
    "ABONENT_HOSTS": "cabinet.example",
    "ABONENT_SMS_GATEWAY": "example.Gateway",
}


@pytest.mark.parametrize("command", [[], ["demo"], ["usage", "import"]])
def test_it_helps(command: list[str]) -> None:
    done = abonent(*command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_it_names_every_wrong_setting_at_once() -> None:
    done = abonent("check", DATABASE_URL="mysql://x/y")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert {"ABONENT_SECRET_KEY", "ABONENT_HOSTS", "DATABASE_URL"} <= set(done.stderr.replace(":", " ").split())


def test_it_says_when_the_database_does_not_answer() -> None:
    done = abonent("check", **PRODUCTION)
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_refuses_a_demo_on_a_given_database() -> None:
    done = abonent("demo", **PRODUCTION)
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr


def test_it_says_when_the_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("demo", "serve"):
            done = abonent(command, "--port", str(port))
            assert done.returncode == 1
            assert f"port {port}" in done.stderr
            assert len(done.stderr.splitlines()) == 1


def test_it_checks_itself_for_machines() -> None:
    abonent("migrate", ABONENT_DEMO="1")
    done = abonent("check", "--json", ABONENT_DEMO="1")
    report = json.loads(done.stdout)
    assert report["ready"], report
    assert done.returncode == 0


def test_it_checks_the_gateway_of_every_channel() -> None:
    done = abonent(
        "check", "--json", ABONENT_DEMO="1", ABONENT_MAIL_GATEWAY="abonent.integrations.smtp.gateway.Smtp",
        ABONENT_VOICE_GATEWAY="nowhere.Telephone",
    )  # fmt: skip
    report = json.loads(done.stdout)
    problems = {finding["subject"]: finding["problem"] for finding in report["findings"]}
    assert problems["SMS gateway"] is None
    assert "ABONENT_SMTP_HOST is missing" in problems["e-mail gateway"]
    assert "nowhere" in problems["calls gateway"]
    assert (report["ready"], done.returncode) == (False, 1)


def processes_under(var: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    found = [line for line in listed.splitlines() if str(var) in line]
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"ABONENT_VAR={var}\0".encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


@pytest.mark.slow
def test_a_demo_goes_on_where_it_was_and_leaves_no_process_behind() -> None:
    var = VAR.parent / f"whole-demo-{os.getpid()}"
    subprocess.run(["rm", "-rf", var], check=True)
    port = free_port()
    for end in (signal.SIGINT, signal.SIGTERM):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        demo = subprocess.Popen(
            [sys.executable, "-m", "abonent.entrypoints.cli.main", "demo",
             "--port", str(port), "--subscribers", "10", "--days", "3"],
            env=ENVIRONMENT | {"ABONENT_VAR": str(var)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert demo.stdout is not None
        said = []
        for line in demo.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        assert demo.poll() is None, "".join(said)
        assert "+7 900 000-00-01" in "".join(said)
        with urllib.request.urlopen(f"http://localhost:{port}/login/") as answer:
            assert answer.status == 200
        demo.send_signal(end)
        demo.communicate(timeout=300)
        # Of the processor: how long a person waits depends on what else the machine does.
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60
        assert not processes_under(var)
    assert abonent("reset", "--yes", ABONENT_VAR=str(var)).returncode == 0
    assert list(var.iterdir()) == []
