"""Files into the tables: once, on the right line, everything accounted for."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.db import connection

from abonent.domains.lines import models as line_models
from abonent.domains.usage import actions, models, rules
from abonent.domains.usage.actions import Result
from abonent.domains.usage.reading import UnreadableFile
from tests.factories import usage as make

pytestmark = pytest.mark.django_db
LINE = "+79000000001"
PAST = datetime.now(UTC).replace(microsecond=0) - timedelta(days=100)


def write(path: Path, *rows: str) -> Path:
    return make.pack(make.csv_text(rows).encode(), path)


def imported(path: Path, **arguments: object) -> Result:
    return actions.import_file(path=path, then=lambda _: None, **arguments)  # type: ignore[arg-type]


def test_ops_4_hands_exactly_the_new_records_on_in_the_agreed_columns(tmp_path: Path) -> None:
    (line_id,) = make.serve([LINE])
    given: list[pl.DataFrame] = []
    imported(write(tmp_path / "a.csv", make.row("1")))
    path = write(
        tmp_path / "b.csv", make.row("1"), make.row("2", kind="data", bytes=7, peer=""), make.row("3", "+79009999999")
    )
    result = actions.import_file(path=path, then=given.append)
    assert result == Result(read=3, stored=1, already=1, parked=1)
    (frame,) = given
    assert frame.schema == rules.STORED
    found = frame.row(0, named=True)
    assert (found["line_id"], found["record_id"], found["kind"], found["bytes"], found["peer"]) == (
        line_id,
        "2",
        4,
        7,
        "",
    )
    assert models.Source.objects.get(pk=found["source_id"]).name == "network"


def test_ops_4_a_failure_of_what_follows_stores_nothing_of_the_batch(tmp_path: Path) -> None:
    make.serve([LINE])

    def fails(_: pl.DataFrame) -> None:
        raise RuntimeError("rating failed")

    path = write(tmp_path / "a.csv", make.row("1"), make.row("2", "+79009999999"))
    with pytest.raises(RuntimeError, match="rating failed"):
        actions.import_file(path=path, then=fails)
    assert not models.Record.objects.exists()
    assert not models.Parked.objects.exists()
    assert imported(path) == Result(read=2, stored=1, parked=1)


def test_ops_4_a_record_id_is_unique_in_its_source_whatever_its_time(tmp_path: Path) -> None:
    make.serve([LINE])
    other = make.row("1", started_at=PAST.isoformat())
    assert imported(write(tmp_path / "a.csv", make.row("1"), other)) == Result(read=2, stored=1, already=1)
    assert imported(write(tmp_path / "b.csv", other)) == Result(read=1, already=1)
    assert imported(write(tmp_path / "b.csv", other), source="second switch") == Result(read=1, stored=1)


def test_ops_4_csv_and_parquet_of_the_same_source_overlap(tmp_path: Path) -> None:
    make.serve([LINE])
    frame = make.calls(50, lines=1)
    frame.head(30).write_parquet(tmp_path / "a.parquet")
    assert imported(tmp_path / "a.parquet") == Result(read=30, stored=30)
    assert imported(make.write_csv(frame, tmp_path / "a.csv.gz")) == Result(read=50, stored=20, already=30)


@pytest.mark.parametrize(
    "record_id", ['say "hi"', "back\\slash", "{a,b}", "null", "NULL", "\\N", "я" * 100, "a b", "'; --"]
)
def test_ops_4_any_text_in_an_id_or_peer_comes_back_as_it_was(tmp_path: Path, record_id: str) -> None:
    make.serve([LINE])
    frame = make.calls(1, lines=1).with_columns(record_id=pl.lit(record_id), peer=pl.lit(record_id[:40]))
    frame.write_parquet(tmp_path / "a.parquet")
    assert imported(tmp_path / "a.parquet").stored == 1
    assert imported(tmp_path / "a.parquet").already == 1
    assert models.Record.objects.values_list("record_id", "peer").get() == (record_id, record_id[:40])


def test_ops_4_unknown_lines_are_parked_once_and_taken_up_when_they_appear(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", make.row("1"), make.row("2"), make.row("3", "+79000000002"))
    assert imported(path) == Result(read=3, parked=3)
    assert imported(path) == Result(read=3, parked=3)
    assert models.Parked.objects.count() == 3
    line_ids = make.serve([LINE])
    given: list[pl.DataFrame] = []
    assert actions.take_up_parked(line_ids=line_ids, then=given.append) == 2
    assert pl.concat(given)["record_id"].sort().to_list() == ["1", "2"]
    assert actions.take_up_parked(line_ids=line_ids, then=given.append) == 0
    assert models.Parked.objects.count() == 1
    assert imported(path) == Result(read=3, already=2, parked=1)


def test_ops_4_a_parked_record_that_comes_again_after_its_line_appeared_is_stored_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", make.row("1"))
    imported(path)
    line_ids = make.serve([LINE])
    assert imported(path) == Result(read=1, stored=1)
    assert not models.Parked.objects.exists()
    assert actions.take_up_parked(line_ids=line_ids, then=lambda _: pytest.fail("nothing is new")) == 0


def test_ops_4_parked_records_of_two_sources_with_one_id_are_both_taken_up(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", make.row("1"))
    imported(path)
    imported(path, source="second switch")
    assert actions.take_up_parked(line_ids=make.serve([LINE]), then=lambda _: None) == 2


def test_ops_4_a_record_belongs_to_whoever_had_the_number_then(tmp_path: Path) -> None:
    (first,) = make.serve([LINE], opened_at=PAST)
    closed = PAST + timedelta(days=10)
    line_models.Line.objects.filter(pk=first).update(closed_at=closed)
    reopened = PAST + timedelta(days=20)
    (second,) = make.serve([LINE], opened_at=reopened)
    moments = {
        "before": PAST - timedelta(seconds=1),
        "opening": PAST,
        "end": closed - timedelta(seconds=1),
        "closing": closed,
        "again": reopened,
    }
    path = write(tmp_path / "a.csv", *(make.row(name, started_at=at.isoformat()) for name, at in moments.items()))
    assert imported(path) == Result(read=5, stored=3, parked=2)
    assert dict(models.Record.objects.values_list("record_id", "line_id")) == {
        "opening": first,
        "end": first,
        "again": second,
    }


def test_ops_4_each_month_has_its_partition(tmp_path: Path) -> None:
    make.serve([LINE])
    edges = [
        "2026-01-31T23:59:59.999999Z",
        "2026-02-01T00:00:00Z",
        "2026-03-01T02:59:59+03:00",
        "2025-12-31T23:00:00-05:00",
    ]
    imported(write(tmp_path / "a.csv", *(make.row(str(n), started_at=at) for n, at in enumerate(edges))))
    with connection.cursor() as cursor:
        cursor.execute("select record_id, tableoid::regclass::text from usage_record order by record_id")
        assert cursor.fetchall() == [
            ("0", "usage_record_2026_01"),
            ("1", "usage_record_2026_02"),
            ("2", "usage_record_2026_02"),
            ("3", "usage_record_2026_01"),
        ]


def test_ops_4_rejected_rows_go_to_a_report_with_row_reason_and_text(tmp_path: Path) -> None:
    make.serve([LINE])
    report = tmp_path / "reports" / "a.csv"
    path = write(tmp_path / "a.csv", make.row("1"), "broken", make.row("3", duration_s=-1), make.row("4"))
    assert imported(path, rejected=report) == Result(read=4, stored=2, rejected=2)
    with report.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["row", "reason", "text"]
    assert [row[:2] for row in rows[1:]] == [["3", "wrong_column_count"], ["4", "negative"]]
    assert all(row[2] for row in rows)


def test_ops_4_a_report_that_cannot_be_written_ends_the_file_and_loses_no_row(tmp_path: Path) -> None:
    make.serve([LINE])
    (tmp_path / "taken").write_text("")
    path = write(tmp_path / "a.csv", make.row("1"), "broken", make.row("3"))
    result = imported(path, rejected=tmp_path / "taken" / "report.csv")
    assert "report" in result.damage
    assert replace(result, damage="") == Result(read=3, stored=2, rejected=1)
    assert imported(path) == Result(read=3, already=2, rejected=1)


def test_ops_4_no_report_is_made_when_nothing_is_rejected(tmp_path: Path) -> None:
    make.serve([LINE])
    imported(write(tmp_path / "a.csv", make.row("1")), rejected=tmp_path / "report.csv")
    assert not (tmp_path / "report.csv").exists()


def test_ops_4_a_cut_archive_keeps_what_came_before_and_says_so(tmp_path: Path) -> None:
    make.serve([LINE])
    path = make.write_csv(make.calls(5_000, lines=1), tmp_path / "a.csv.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    result = imported(path)
    assert "ends too early" in result.damage
    assert 0 < result.stored == result.read < 5_000
    path.write_bytes(whole)
    assert imported(path) == Result(read=5_000, stored=5_000 - result.stored, already=result.stored)


def test_ops_4_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, write(tmp_path / "a.csv").rename(tmp_path / "b.csv")):
        if path.name == "b.csv":
            path.write_text("hello\n")
        with pytest.raises(UnreadableFile):
            imported(path)
        with pytest.raises(UnreadableFile):
            imported(path, file_format="csv")
    assert not models.Source.objects.exists()


def test_ops_4_says_how_far_it_is(tmp_path: Path) -> None:
    make.serve([LINE])
    path = write(tmp_path / "a.csv", make.row("1"))
    said: list[tuple[int, int]] = []
    imported(path, progress=lambda done, total: said.append((done, total)))
    assert said == [(path.stat().st_size, path.stat().st_size)]
