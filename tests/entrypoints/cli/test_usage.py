"""`abonent usage import`: what it says, where, and with which exit code."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import usage as make

# The tests' own server; the command's database on it is `abonent`, beside the one of the tests.
VAR = Path(os.environ["ABONENT_VAR"])
LINE = "+79000000001"
SERVE = f"""
from abonent.entrypoints.cli import runtime
with runtime.database():
    from django.db import connection
    from abonent.domains.billing.actions import open_accounts
    from abonent.domains.customers.models import Contract
    from abonent.domains.lines.queries import served_by_number
    from tests.factories import usage
    with connection.cursor() as cursor:
        cursor.execute("truncate usage_record, usage_parked")
    if served_by_number({LINE!r}) is None:
        usage.serve([{LINE!r}])
        open_accounts(contract_ids=list(Contract.objects.values_list("pk", flat=True)))
"""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False,
        env={k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"ABONENT_VAR": str(VAR)},
    )  # fmt: skip


def usage_import(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run("-m", "abonent.entrypoints.cli.main", "usage", "import", *arguments)


@pytest.fixture(scope="module")
def served() -> None:
    done = run("-c", SERVE)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_ops_4_ends_with_one_object_whose_parts_add_up(tmp_path: Path, served: None) -> None:
    one = make.pack(
        make.csv_text([make.row("1"), make.row("1"), make.row("2", "+79998887766"), "broken"]).encode(),
        tmp_path / "1.csv.gz",
    )
    other = make.pack(make.csv_text([make.row("1"), make.row("3")]).encode(), tmp_path / "2.csv")
    done = usage_import(one, other, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said == {"read": 6, "stored": 2, "already": 2, "rejected": 1, "parked": 1}
    assert len(done.stdout.splitlines()) == 1
    assert "the rejected rows and why are in" in done.stderr

    again = json.loads(usage_import(one, other, "--json", "--quiet").stdout)
    assert again == {"read": 6, "stored": 0, "already": 4, "rejected": 1, "parked": 1}


@pytest.mark.slow
def test_ops_4_a_file_that_cannot_be_read_is_named_and_the_others_go_in(tmp_path: Path, served: None) -> None:
    wrong, cut = tmp_path / "wrong.csv", tmp_path / "cut.csv.gz"
    wrong.write_text("id;name\n")
    make.write_csv(make.calls(5_000), cut)
    cut.write_bytes(cut.read_bytes()[:-2000])
    sound = make.pack(make.csv_text([make.row("sound")]).encode(), tmp_path / "sound.csv")
    done = usage_import(wrong, tmp_path / "none.csv", cut, sound, "--json")
    assert done.returncode == 1
    assert "wrong.csv: its first line is no header of a known format" in done.stderr
    assert "none.csv: it cannot be opened" in done.stderr
    assert "cut.csv.gz: the gzip archive ends too early" in done.stderr
    assert "Traceback" not in done.stderr
    said = json.loads(done.stdout)
    assert said["read"] == sum(number for name, number in said.items() if name != "read") > 1000


@pytest.mark.slow
def test_ops_4_the_report_goes_where_it_is_wished_and_never_over_a_file_to_import(tmp_path: Path, served: None) -> None:
    path = make.pack(make.csv_text(["broken"]).encode(), tmp_path / "a.csv")
    done = usage_import(path, "--rejected", tmp_path / "report.csv")
    assert done.returncode == 0
    assert str(tmp_path / "report.csv") in done.stdout.replace("\n", "")
    with (tmp_path / "report.csv").open(newline="") as report:
        assert [row[:2] for row in csv.reader(report)] == [["row", "reason"], ["2", "wrong_column_count"]]
    before = path.read_bytes()
    refused = usage_import(path, "--rejected", tmp_path / "." / "a.csv")
    assert refused.returncode == 2
    assert path.read_bytes() == before
    (tmp_path / "reports").mkdir()
    assert usage_import(path, "--rejected", tmp_path / "reports").returncode == 0
    assert len(list((tmp_path / "reports").iterdir())) == 1


@pytest.mark.parametrize("source", ["", "  ", "x" * 41, "\udcff", "a\nb"])
def test_ops_4_a_source_has_a_name_that_can_be_read(tmp_path: Path, source: str) -> None:
    path = make.pack(make.csv_text([]).encode(), tmp_path / "a.csv")
    refused = usage_import(path, "--source", source)
    assert refused.returncode == 2
    assert "1 to 40 characters" in refused.stderr


def test_ops_4_a_pipe_is_refused_in_plain_words(tmp_path: Path, served: None) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = usage_import(tmp_path / "pipe", "--json")
    assert done.returncode == 1
    assert "pipe: it is a pipe" in done.stderr
    assert json.loads(done.stdout)["read"] == 0
