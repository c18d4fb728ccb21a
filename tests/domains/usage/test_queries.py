"""Reads of records: one by its key, a choice of a line's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection

from abonent.domains.usage import actions, models, queries
from abonent.domains.usage.rules import Direction, Kind
from abonent.foundation.values import Period
from tests.factories import usage as make

pytestmark = pytest.mark.django_db
LINE = "+79000000001"
ALWAYS = Period(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture
def line_id(tmp_path: Path) -> int:
    line_id, _ = make.serve([LINE, "+79000000002"])
    frame = make.calls(600, lines=2)
    # Many records share a second: the order must still be one.
    frame = frame.with_columns(pl.col("started_at").dt.truncate("12h"))
    frame = frame.with_columns(zone=pl.when(pl.int_range(pl.len()) % 9 == 0).then(pl.lit("cis")).otherwise("zone"))
    actions.import_file(path=make.write_csv(frame, tmp_path / "a.csv"), then=lambda _: None)
    return line_id


def chosen(line_id: int, period: Period = ALWAYS, **choice: Any) -> set[str]:
    """Return the ids of the records in a selection."""
    selection = queries.selection(line_id=line_id, period=period, **choice)
    with connection.cursor() as cursor:
        cursor.execute(f"select record_id from ({selection.sql}) chosen", selection.parameters)
        return {row[0] for row in cursor.fetchall()}


def known(line_id: int, **facts: Any) -> set[str]:
    """Return the same from the table itself."""
    return set(models.Record.objects.filter(line_id=line_id, **facts).values_list("record_id", flat=True))


def test_cab_4_chooses_by_kind_at_home_and_abroad(line_id: int) -> None:
    assert chosen(line_id) == known(line_id) != set()
    some = [Kind.SMS, Kind.DATA]
    at_home = known(line_id, kind__in=some, zone="home")
    assert chosen(line_id, home_kinds=some, abroad=False) == at_home != set()
    assert chosen(line_id, home_kinds=some) == at_home | known(line_id, zone="cis")
    assert chosen(line_id, home_kinds=()) == known(line_id, zone="cis") != set()
    assert chosen(line_id, abroad=False) == known(line_id, zone="home")


def test_cab_4_chooses_by_parts_of_the_other_side_whatever_their_case(tmp_path: Path) -> None:
    (line_id,) = make.serve([LINE])
    rows = [make.row("1", peer="Госуслуги"), make.row("2", peer="+79161234567"), make.row("3", peer="+74951234567")]
    path = make.pack(make.csv_text(rows).encode(), tmp_path / "a.csv")
    actions.import_file(path=path, then=lambda _: None)
    assert chosen(line_id, needles=["гОсу"]) == {"1"}
    assert chosen(line_id, needles=["1234"]) == {"2", "3"}
    assert chosen(line_id, needles=["+7916"]) == {"2"}
    assert chosen(line_id, needles=["+1234"]) == set()


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'; drop table usage_record; --", "%%%" * 3000])
def test_cab_4_a_hostile_search_finds_nothing_special(line_id: int, typed: str) -> None:
    assert chosen(line_id, needles=[typed]) == set()


def test_cab_4_takes_only_the_period_and_only_the_line(line_id: int) -> None:
    middle = models.Record.objects.filter(line_id=line_id).order_by("started_at")[100].started_at
    period = Period(middle, middle + timedelta(hours=12))
    assert chosen(line_id, period) == known(line_id, started_at=middle) != set()
    assert chosen(line_id + 10_000) == set()


def test_cab_4_finds_a_record_by_its_key(line_id: int) -> None:
    row = models.Record.objects.filter(line_id=line_id)[0]
    key = {"started_at": row.started_at, "source_id": row.source_id, "record_id": row.record_id}
    found = queries.record(**key)
    assert found
    assert (found.line_id, found.kind, found.direction) == (line_id, Kind(row.kind), Direction(row.direction))
    assert (found.peer, found.duration_s, found.bytes, found.units) == (row.peer, row.duration_s, row.bytes, row.units)
    assert queries.record(**key | {"record_id": "other"}) is None


def test_cab_4_a_page_reads_no_more_than_it_shows(line_id: int) -> None:
    last = models.Record.objects.filter(line_id=line_id).order_by("-started_at")[100]
    selection = queries.selection(line_id=line_id, period=ALWAYS)
    with connection.cursor() as cursor:
        cursor.execute("analyze usage_record")
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            f"explain (analyze, format json, costs off, timing off) select * from ({selection.sql}) chosen"
            " where started_at <= %s and (started_at, source_id, record_id) < (%s, %s, %s)"
            " order by started_at desc, source_id desc, record_id desc limit 20",
            [*selection.parameters, last.started_at, last.started_at, last.source_id, last.record_id],
        )
        plan = str(cursor.fetchone())
    assert "usage_record_line_in_time" in plan or "line_id_started_at_idx" in plan
    assert "Incremental Sort" in plan
