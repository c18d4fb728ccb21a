"""`abonent bills` and `abonent payments`: what they print, and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import time_machine
from typer.testing import CliRunner

from abonent.domains.billing import models
from abonent.entrypoints.cli.main import app
from tests.factories import bills as make
from tests.factories import registries
from tests.factories.bills import local

pytestmark = pytest.mark.django_db(transaction=True)
RUN = CliRunner()


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(local(2026, 12, 3), tick=False):
        yield


def run(*words: str) -> tuple[int, str]:
    result = RUN.invoke(app, list(words))
    return result.exit_code, result.output


def test_cab_5_bills_are_issued_and_corrected_by_command() -> None:
    line = make.line()
    make.charge(line, local(2026, 11, 5), 100)
    assert run("bills", "issue") == (0, "1 bills issued\n")
    assert run("bills", "issue", "--month", "2026-11", "--json") == (0, '{"issued": 0}\n')
    number = models.Bill.objects.get().number
    assert run("bills", "correct", number, "--reason", "x")[0] == 1
    make.charge(line, local(2026, 11, 6), 100)
    assert run("bills", "correct", number, "--reason", "Ошибка") == (0, f"issued {number}-2 in place of {number}\n")


@pytest.mark.parametrize("month", ["2026-12", "2026-13", "november", "2026-11-01", "٢٠٢٦-11"])
def test_cab_5_a_month_that_cannot_be_billed_is_wrong_use(month: str) -> None:
    make.charge(make.line(), local(2026, 11, 5), 100)
    code, said = run("bills", "issue", "--month", month)
    assert code == 2
    assert "--month" in said
    assert not models.Bill.objects.exists()


def test_cab_5_contracts_without_a_bill_are_named() -> None:
    line = make.line()
    make.move(line, local(2026, 11, 5), -100)
    code, said = run("bills", "issue")
    assert code == 1
    assert f"no bill for contracts {line.contract_id}: ledger and charges disagree" in said


def test_cab_6_registries_are_reconciled_by_command(tmp_path: Path) -> None:
    good = registries.registry(tmp_path, [registries.line(registries.payment()), registries.line("X-1")])
    bad = tmp_path / "bad.csv"
    bad.write_text("registry;1;2026-11-29;2026-11-29\n")
    code, said = run("payments", "reconcile", str(bad), str(good), str(good))
    assert code == 1
    assert f"{bad}: line 1: the totals are missing" in said
    assert "nothing of it was taken" in said
    assert f"{good}: 2 lines, 1 agree, 1 differences" in said
    assert f"{good}: taken in before" in said
    code, said = run("payments", "reconcile", str(good), "--json")
    assert (code, json.loads(said)[0]["before"]) == (0, True)
    assert run("payments", "reconcile", str(tmp_path / "none.csv"))[0] == 1
    assert date(2026, 11, 29) == models.Registry.objects.get().first_day
