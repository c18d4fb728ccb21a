"""From a file to money: again, in parts, killed and taken up."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abonent.domains.billing import actions, jobs, queries, rules
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.billing.rules import Assigned, Usage
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.foundation import clock
from tests.factories import billing, catalog, lines

ROOT = Path(__file__).resolve().parents[3]
HEADER = "record_id,line,started_at,kind,direction,peer,duration_s,bytes,units,zone"
MINUTE = timedelta(minutes=1)


def opened(count: int) -> list[Line]:
    return [lines.line(opened_at=clock.now() - timedelta(days=100), period_day=1 + number) for number in range(count)]


def usage(opened: list[Line], count: int, seed: int) -> dict[str, list[Usage]]:
    """Return records of the last weeks by line: enough to use up every allowance."""
    dice = random.Random(seed)
    start = clock.now().replace(second=0, microsecond=0) - timedelta(days=50)
    records: dict[str, list[Usage]] = {line.number: [] for line in opened}
    for number in range(count):
        kind = dice.choice(["voice", "data", "sms"])
        records[dice.choice(opened).number].append(
            Usage(
                start + dice.randrange(50 * 24 * 60) * MINUTE, 1, f"r{number:05}", kind, "out", "+79161234567",
                dice.randrange(200) if kind == "voice" else 0, dice.randrange(10**6) if kind == "data" else 0,
                int(kind == "sms"), dice.choice(["home"] * 9 + ["cis"]),
            )
        )  # fmt: skip
    return records


def write(path: Path, records: dict[str, list[Usage]], seed: int) -> Path:
    rows = [
        f"{u.record_id},{number},{u.started_at.isoformat()},{u.kind},{u.direction},{u.peer}"
        f",{u.duration_s},{u.bytes},{u.units},{u.zone}"
        for number, usage in records.items()
        for u in usage
    ]
    random.Random(seed).shuffle(rows)
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def expected(opened: list[Line], records: dict[str, list[Usage]]) -> dict[str, int]:
    zone = ZoneInfo("Europe/Moscow")
    paid = {}
    for line in opened:
        assigned = [Assigned(catalog.SMALL, line.opened_at, None)]
        rated, _ = rules.rate(records[line.number], assigned, catalog.GEOGRAPHY, line.period_day, zone)
        paid |= {r.usage.record_id: r.amount_minor for r in rated if r.amount_minor}
    return paid


def paid() -> dict[str, int]:
    return {charge[0]: charge[3] for charge in billing.charges()}


@pytest.mark.django_db
def test_ops_4_the_same_file_and_an_overlapping_one_charge_nothing_twice(tmp_path: Path) -> None:
    phones = opened(3)
    records = usage(phones, 300, seed=1)
    path = write(tmp_path / "usage.csv", records, seed=1)
    result = actions.import_usage(path=path)
    assert (result.read, result.stored) == (300, 300)
    assert paid() == expected(phones, records)
    before = billing.state()
    again = actions.import_usage(path=path)
    assert (again.read, again.already) == (300, 300)
    assert billing.state() == before
    more = usage(phones, 350, seed=1)
    assert actions.import_usage(path=write(tmp_path / "more.csv", more, seed=2)).stored == 50
    assert paid() == expected(phones, more)
    assert sum(queries.balance(line.contract_id) for line in phones) == -sum(paid().values())
    assert ledger.disagreements() == []


@pytest.mark.django_db
def test_perf_periods_are_rated_anew_a_few_at_a_time_when_they_hold_much(monkeypatch: pytest.MonkeyPatch) -> None:
    phones, now = opened(3), clock.now()
    for minutes, duration_s in ((20, 600), (40, 60)):
        billing.store([billing.Use(line.number, now - minutes * MINUTE, duration_s=duration_s) for line in phones])
    monkeypatch.setattr(rating_batch, "RECORDS_AT_ONCE", 2)
    with CaptureQueriesContext(connection) as captured:
        assert actions.rerate_late() == len(phones)
    done = [query for query in captured if str(query["sql"]).startswith("delete from billing_rerating")]
    assert len(done) == len(phones)
    assert billing.rows("select * from billing_rerating") == []


@pytest.mark.django_db
def test_ops_4_a_worker_finishes_what_an_import_left_and_charges_fees_by_the_clock() -> None:
    [line] = opened(1)
    now = clock.now()
    billing.store([billing.Use(line.number, now - 20 * MINUTE, duration_s=600)])
    billing.store([billing.Use(line.number, now - 40 * MINUTE, duration_s=60)])
    assert billing.rows("select line_id from billing_rerating") == [(line.id,)]
    jobs.rerate_late(0)
    assert billing.rows("select line_id from billing_rerating") == []
    jobs.charge_fees(0)
    due, at = [], line.opened_at
    while at <= now:
        due.append(at)
        at = rules.period_of(line.period_day, at, ZoneInfo("Europe/Moscow")).end
    fees = billing.rows("select booked_at from billing_charge where category = 'fee' order by 1")
    assert [at for (at,) in fees] == due


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ops_4_an_import_killed_at_random_points_costs_what_a_whole_one_does(tmp_path: Path) -> None:
    dice = random.Random(7)
    phones = opened(6)
    records = usage(phones, 2_000, seed=3)
    path = write(tmp_path / "usage.csv", records, seed=4)
    for kills in range(4):
        start_and_kill(path, after_batches=3 * kills - (kills > 2), pause_s=dice.random() / 20)
        assert ledger.disagreements() == []
    assert actions.import_usage(path=path).read == 2_000
    assert billing.rows("select * from billing_rerating") == []
    assert paid() == expected(phones, records)
    assert sum(queries.balance(line.contract_id) for line in phones) == -sum(paid().values())
    assert ledger.disagreements() == []


def start_and_kill(path: Path, *, after_batches: int, pause_s: float) -> None:
    command = [sys.executable, "-m", "tests.domains.billing.importer", connection.settings_dict["NAME"], str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for _ in range(after_batches + 1):
            process.stdout.readline()
        time.sleep(pause_s)
        process.kill()
