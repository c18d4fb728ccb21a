"""Reads of records: filters, order, pages that stay fast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

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


def every(line_id: int, **filters: object) -> list[queries.Record]:
    return queries.records(line_id=line_id, period=ALWAYS, limit=10_000, **filters)  # type: ignore[arg-type]


def test_cab_4_pages_forth_and_back_show_each_record_once(line_id: int) -> None:
    whole = every(line_id)
    assert len(whole) == models.Record.objects.filter(line_id=line_id).count()
    assert [r.cursor for r in whole] == sorted((r.cursor for r in whole), reverse=True)
    forth: list[queries.Record] = []
    while page := queries.records(line_id=line_id, period=ALWAYS, before=forth[-1].cursor if forth else None, limit=23):
        forth += page
    assert forth == whole
    assert queries.records(line_id=line_id, period=ALWAYS, after=whole[50].cursor, limit=20) == whole[30:50]
    assert queries.records(line_id=line_id, period=ALWAYS, after=whole[0].cursor, limit=20) == []


def test_cab_4_a_stream_is_the_same_the_other_way_round(line_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "STREAM_ROWS", 50)
    assert list(queries.stream(line_id=line_id, period=ALWAYS)) == every(line_id)[::-1]


def test_cab_4_filters_by_kind_zone_and_number(line_id: int) -> None:
    whole = every(line_id)
    assert every(line_id, kinds=[Kind.SMS, Kind.DATA]) == [r for r in whole if r.kind in (Kind.SMS, Kind.DATA)]
    assert every(line_id, roaming=True) == [r for r in whole if r.zone == "cis"]
    assert every(line_id, roaming=False) == [r for r in whole if r.zone != "cis"]
    peer = next(r.peer for r in whole if r.peer)
    typed = f"{peer[2:5]} {peer[5:8]}-{peer[8:10]}"
    assert every(line_id, peer_contains=typed) == [r for r in whole if peer[2:10] in r.peer] != []


@pytest.mark.parametrize("typed", ["%", "_", "\\", "\0", "'; drop table usage_record; --", "%%%" * 3000])
def test_cab_4_a_hostile_search_finds_nothing_special(line_id: int, typed: str) -> None:
    found = every(line_id, peer_contains=typed)
    assert found == (every(line_id) if typed == "\0" else [])


def test_cab_4_searches_names_whatever_their_case(tmp_path: Path) -> None:
    (line_id,) = make.serve([LINE])
    path = make.pack(make.csv_text([make.row("1", peer="Госуслуги"), make.row("2")]).encode(), tmp_path / "a.csv")
    actions.import_file(path=path, then=lambda _: None)
    assert [r.record_id for r in every(line_id, peer_contains="госу")] == ["1"]


def test_cab_4_totals_are_the_sums_of_the_records(line_id: int) -> None:
    whole = [r for r in every(line_id) if r.kind is Kind.VOICE]
    totals = queries.totals(line_id=line_id, period=ALWAYS, kinds=[Kind.VOICE])
    assert [(t.direction, t.count, t.duration_s) for t in totals] == [
        (way, len([r for r in whole if r.direction is way]), sum(r.duration_s for r in whole if r.direction is way))
        for way in Direction
    ]
    assert queries.count(line_id=line_id, period=ALWAYS, kinds=[Kind.VOICE]) == len(whole)


def test_cab_4_takes_only_the_period_and_only_the_line(line_id: int) -> None:
    whole = every(line_id)
    middle = whole[len(whole) // 2].started_at
    period = Period(middle, middle + timedelta(hours=12))
    found = queries.records(line_id=line_id, period=period, limit=1000)
    assert found == [r for r in whole if r.started_at == middle] != []
    assert every(line_id + 10_000) == []


def test_cab_4_finds_records_by_their_cursors(line_id: int) -> None:
    some = every(line_id)[::7]
    assert sorted(queries.of_ids(keys=[r.cursor for r in some]), key=lambda r: r.cursor) == some[::-1]
    assert queries.of_ids(keys=[]) == []


def test_cab_4_a_page_reads_no_more_than_it_shows(line_id: int) -> None:
    last = every(line_id)[100].cursor
    with connection.cursor() as cursor:
        cursor.execute("analyze usage_record")
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            "explain (analyze, format json, costs off, timing off) select * from usage_record where line_id = %s"
            " and started_at <= %s and (started_at, source_id, record_id) < (%s, %s, %s)"
            " order by started_at desc, source_id desc, record_id desc limit 20",
            [line_id, last[0], *last],
        )
        plan = str(cursor.fetchone())
    assert "usage_record_line_in_time" in plan or "line_id_started_at_idx" in plan
    assert "Incremental Sort" in plan
