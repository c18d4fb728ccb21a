"""`abonent network event`: what came in, what did not, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from abonent.domains.lines.models import NetworkEvent, Sim
from abonent.entrypoints.cli import network, runtime
from tests.factories import lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


def event(**changed: object) -> str:
    whole = {"key": "hlr-1", "event": "sim_replaced", "number": NUMBER, "at": "2026-11-01T10:00:00+03:00",
             "imsi": "999019000000777"}  # fmt: skip
    return json.dumps(whole | changed)


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own database is set up already."""

    @contextmanager
    def database() -> Iterator[None]:
        yield

    monkeypatch.setattr(runtime, "database", database)


def run(*arguments: str, given: str = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(network.app, ["event", *arguments], input=given)
    return done.exit_code, done.stdout, done.stderr


def test_id_18_events_come_from_a_file_each_once(tmp_path: Path) -> None:
    lines.line(number=NUMBER)
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join([event(), "", event(), event(key="2", number="+79000000009")]) + "\n")
    code, said, _ = run("--file", str(file), "--json")
    assert code == 0
    assert json.loads(said) == {"done": 1, "repeated": 1, "nothing new": 0, "no line": 1, "rejected": 0}
    assert Sim.objects.get(until=None).imsi == "999019000000777"


def test_what_cannot_be_taken_is_named_and_the_rest_counts() -> None:
    lines.line(number=NUMBER)
    given = "\n".join(
        [
            "{",
            event(at="2999-01-01T00:00:00Z"),
            event(),
            event(imsi="999019000000778"),
            "x" * 9000,
        ]
    )
    code, said, why = run(given=given)
    assert code == 1
    assert "1 done" in said
    named = [line.partition(": ")[2] for line in why.splitlines()]
    assert named[:3] == [
        "line 1: is no JSON",
        "line 2: at lies in the future",
        "line 4: key was used for another event before",
    ]
    assert NetworkEvent.objects.count() == 1


def test_a_file_that_is_not_there_is_one_line() -> None:
    code, _, why = run("--file", "/nowhere/events.jsonl")
    assert code == 1
    assert len(why.splitlines()) == 1
    assert "/nowhere/events.jsonl" in why


def test_nothing_given_is_nothing_done() -> None:
    code, said, _ = run(given="")
    assert code == 0
    assert "0 done" in said
