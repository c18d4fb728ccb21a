"""`abonent idle run`: what the worker does each morning, once a day; `show` without published terms (CAB-13)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from typer.testing import CliRunner

from abonent.domains.billing import models
from abonent.domains.billing.idle.rules import DEFAULT
from abonent.entrypoints.cli import idle as command
from tests.factories import lines

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)


def run(*words: str) -> str:
    done = CliRunner().invoke(command.app, list(words), catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_cab_13_terms_that_nobody_published_are_shown_without_a_day() -> None:
    assert json.loads(run("show")) == {"": json.loads(json.dumps(DEFAULT.to_json()))}


def test_cab_13_who_is_idle_is_warned_once_a_day_and_blocked_in_the_end() -> None:
    used_last = NOW - timedelta(days=DEFAULT.idle_days - DEFAULT.warn_days[0])
    idle, fresh = lines.line(opened_at=used_last), lines.line(opened_at=NOW)
    with time_machine.travel(NOW, tick=False):
        assert run("run") == "1 warned, 0 blocked, 0 given away\n"
        assert run("run") == "0 warned, 0 blocked, 0 given away\n"
    assert list(models.IdleLine.objects.values_list("line_id", "warned_days")) == [(idle.id, DEFAULT.warn_days[0])]
    with time_machine.travel(NOW + timedelta(days=DEFAULT.warn_days[0]), tick=False):
        assert run("run") == "0 warned, 1 blocked, 0 given away\n"
    assert not models.IdleLine.objects.filter(line_id=fresh.id).exists()
