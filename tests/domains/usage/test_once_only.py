"""Each record once, whatever happens: kills, two imports at once, any split of files in any order."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domains.usage import actions, models
from tests.factories import usage as make

ROWS = 12_000
LINES = 20


def stored() -> set[tuple[object, ...]]:
    columns = (
        "line_id",
        "record_id",
        "started_at",
        "kind",
        "direction",
        "peer",
        "duration_s",
        "bytes",
        "units",
        "zone",
    )
    return set(models.Record.objects.values_list(*columns))


def numbers(count: int) -> list[str]:
    return [f"+7900000{number:04d}" for number in range(1, count + 1)]


@contextmanager
def importer(path: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.domains.usage.importer", connection.settings_dict["NAME"], str(path), *more],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def then_given() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("create table then_given (record_id text primary key)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("drop table then_given")


def given_once() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from then_given join usage_record using (record_id)")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_ops_4_an_import_killed_at_random_points_ends_like_a_clean_one(tmp_path: Path, then_given: None) -> None:
    make.serve(numbers(LINES))
    path = make.write_csv(make.calls(ROWS, lines=LINES + 2), tmp_path / "a.csv.gz")
    dice = random.Random()
    reached = []
    for _ in range(3):
        with importer(path) as process:
            assert process.stdout
            for _ in range(dice.randrange(1, 4)):
                process.stdout.readline()
            time.sleep(dice.random() * 0.02)
            process.kill()
            process.wait()
        reached.append(models.Record.objects.count())
    with importer(path) as process:
        said, _ = process.communicate()
        assert process.returncode == 0
    read, new, already, rejected, parked = (int(part) for part in said.splitlines()[-1].split())
    assert 0 < max(reached) < models.Record.objects.count(), "it was killed in the middle"
    assert (read, rejected) == (ROWS, 0)
    assert new + already == models.Record.objects.count() == given_once()
    assert already >= max(reached)
    assert parked == models.Parked.objects.count() == ROWS - models.Record.objects.count()

    after_kills = stored()
    with connection.cursor() as cursor:
        cursor.execute("truncate usage_record, usage_parked")
    assert actions.import_file(path=path, then=lambda _: None).stored == len(after_kills)
    assert stored() == after_kills


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_ops_4_two_imports_at_once_store_each_record_once(tmp_path: Path, then_given: None) -> None:
    make.serve(numbers(LINES))
    frame = make.calls(ROWS, lines=LINES)
    one = make.write_csv(frame.head(ROWS * 2 // 3), tmp_path / "one.csv")
    other = make.write_csv(frame.tail(ROWS * 2 // 3).reverse(), tmp_path / "other.csv.zst")
    with importer(one) as first, importer(other) as second:
        results = [[int(n) for n in p.communicate()[0].splitlines()[-1].split()] for p in (first, second)]
    assert [read for read, *_ in results] == [ROWS * 2 // 3] * 2
    assert sum(new for _, new, *_ in results) == models.Record.objects.count() == given_once() == ROWS


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_ops_4_memory_stays_flat_however_long_the_file_is(tmp_path: Path, then_given: None) -> None:
    make.serve(numbers(LINES))
    part = make.write_csv(make.calls(50_000, lines=LINES), tmp_path / "part.csv").read_bytes()
    header, rows = part.split(b"\n", 1)
    path = make.pack(b"\n".join([header, rows * 25]), tmp_path / "a.csv.zst")
    with importer(path, str(2 * 1024 * 1024)) as process:
        said = process.communicate()[0].splitlines()
    kilobytes = [int(line.split()[1]) for line in said[:-1]]
    assert len(kilobytes) > 40
    assert kilobytes[-1] - kilobytes[len(kilobytes) // 5] < 30_000
    assert said[-1] == f"{50_000 * 25} 50000 {50_000 * 24} 0 0"


@pytest.mark.django_db
@settings(max_examples=20)
@given(
    seed=st.integers(0, 5),
    files=st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 29), max_size=20)), min_size=1, max_size=5),
    appears_after=st.integers(0, 5),
)
def test_ops_4_any_split_order_and_repetition_of_files_stores_the_same(
    seed: int, files: list[tuple[bool, list[int]]], appears_after: int
) -> None:
    """Lines 1 and 2 are served from the start, 3 and 4 appear after some of the files."""
    frame = make.calls(30, lines=4, seed=seed)
    given_to_then: list[str] = []

    def then(new: pl.DataFrame) -> None:
        given_to_then.extend(new["record_id"])

    with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
        make.serve(numbers(2))
        for place, (parquet, rows) in enumerate([*files, (False, [])]):
            if place == min(appears_after, len(files)):
                actions.take_up_parked(line_ids=make.serve(numbers(4)[2:]), then=then)
            path = Path(folder) / f"{place}.{'parquet' if parquet else 'csv.zst'}"
            if parquet:
                frame[rows].write_parquet(path)
            else:
                make.write_csv(frame[rows], path)
            result = actions.import_file(path=path, then=then)
            assert result.read == result.stored + result.already + result.rejected + result.parked == len(rows)
        expected = frame[sorted({row for _, rows in files for row in rows})]
        assert {record[1:] for record in stored()} == {
            (record, time, {"voice": 1, "sms": 2, "data": 4}[kind], 1 if way == "out" else 2, *rest)
            for record, _, time, kind, way, *rest in expected.rows()
        }
        assert sorted(given_to_then) == sorted(expected["record_id"])
        assert not models.Parked.objects.exists()
        transaction.set_rollback(True)
