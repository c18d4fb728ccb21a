"""The traffic: the same every time, believable, in order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from abonent.demo.people import groups
from tests.demo.worlds import NOW, usage, world, written

KINDS = {
    ("voice", "out"),
    ("voice", "in"),
    ("sms", "out"),
    ("sms", "in"),
    ("mms", "out"),
    ("data", "out"),
    ("content", "in"),
}


@pytest.mark.parametrize("subscribers", [10, 300])
def test_the_same_world_gives_the_same_bytes(subscribers: int, tmp_path: Path) -> None:
    first = written(world(subscribers), tmp_path / "first")
    again = written(world(subscribers), tmp_path / "again")
    assert [(path.name, path.read_bytes()) for path in first] == [(path.name, path.read_bytes()) for path in again]
    other = written(world(subscribers, seed=2), tmp_path / "other")
    assert [path.read_bytes() for path in other] != [path.read_bytes() for path in first]


def test_another_process_gives_the_same_bytes(tmp_path: Path) -> None:
    here = written(world(10), tmp_path / "here")
    program = (
        "import sys, pathlib, datetime\n"
        "from tests.demo.worlds import written\n"
        "from abonent.demo.people import World\n"
        "written(World(10, 30, 1, datetime.datetime.fromisoformat(sys.argv[1])), pathlib.Path(sys.argv[2]))\n"
    )
    subprocess.run([sys.executable, "-c", program, NOW.isoformat(), tmp_path / "there"], check=True)
    assert [(tmp_path / "there" / path.name).read_bytes() for path in here] == [path.read_bytes() for path in here]


def test_files_are_in_the_order_of_time_with_ids_that_grow(tmp_path: Path) -> None:
    rows = usage(written(world(300, 60), tmp_path))
    assert rows["started_at"].is_sorted()
    assert rows["record_id"].is_sorted()
    assert rows["record_id"].is_unique().all()
    assert rows["started_at"].max() <= NOW


def test_nothing_happens_before_a_line_is_opened_or_after_now(tmp_path: Path) -> None:
    some = world(300, 60)
    opened = {line.number: line.opened_at for group in groups(some) for line in group.lines}
    rows = usage(written(some, tmp_path))
    for number, first, last in rows.group_by("line").agg(
        pl.col("started_at").min().alias("first"),
        (pl.col("started_at") + pl.duration(seconds="duration_s")).max().alias("last"),
    ).iter_rows():  # fmt: skip
        assert opened[number] <= first
        assert last <= NOW


def test_a_call_between_two_subscribers_is_told_by_both(tmp_path: Path) -> None:
    rows = usage(written(world(300), tmp_path)).filter(pl.col("kind").is_in(["voice", "sms", "mms"]))
    inside = rows.filter(pl.col("peer").str.starts_with("+7900"))
    out, came = (inside.filter(pl.col("direction") == way) for way in ("out", "in"))
    same = ["started_at", "kind", "duration_s", "bytes", "units"]
    pairs = out.join(came, left_on=["line", "peer", *same], right_on=["peer", "line", *same], how="inner")
    assert pairs.height == out.height == came.height > 1000
    assert not (inside["line"] == inside["peer"]).any()
    # Friends call each other, not anybody anybody.
    assert out.select("line", "peer").unique().height < out.height / 5


@pytest.mark.parametrize("days", [10, 30, 90])
def test_ops_4_the_first_subscriber_uses_everything(days: int, tmp_path: Path) -> None:
    mine = usage(written(world(10, days), tmp_path)).filter(pl.col("line") == "+79000000001")
    assert set(mine.select("kind", "direction").unique().iter_rows()) - {("mms", "in")} >= (
        KINDS if days >= 30 else KINDS - {("mms", "out")}
    )
    assert mine.filter(pl.col("zone") == "tr").height > 0
    assert mine.filter(pl.col("zone") == "home").height > 10 * days // 2


def test_days_are_busier_than_nights_and_weekends_are_calmer(tmp_path: Path) -> None:
    calls = usage(written(world(300, 56), tmp_path)).filter(pl.col("kind") == "voice").with_columns(
        pl.col("started_at").dt.convert_time_zone("Europe/Moscow")
    )  # fmt: skip
    hour = calls["started_at"].dt.hour()
    assert (hour.is_between(9, 20)).sum() > 20 * (hour.is_between(1, 4)).sum()
    whole = calls.filter(pl.col("started_at").dt.date() < NOW.date())
    weekend = whole["started_at"].dt.weekday() >= 6
    assert weekend.sum() / 2 < (~weekend).sum() / 5


def test_every_format_of_the_import_is_there(tmp_path: Path) -> None:
    names = {path.name.split("-")[0]: path.suffix for path in written(world(100), tmp_path)}
    assert names == {"usage": ".zst", "radius": ".gz", "Master": ".csv"}


@pytest.mark.slow
def test_memory_stays_flat_however_many_subscribers(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from abonent.demo.files import deliveries, write\n"
        "from tests.demo.worlds import world\n"
        "from tests.memory import peak_kb\n"
        "some, peaks = world(50_000, 1), []\n"
        "for delivery in deliveries(some):\n"
        "    for path in write(some, delivery, pathlib.Path(sys.argv[1])):\n"
        "        path.unlink()\n"
        "    peaks.append(peak_kb() // 1024)\n"
        "print(len(peaks), peaks[0], peaks[-1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], check=True, capture_output=True, text=True)
    count, first_mb, last_mb = map(int, done.stdout.split())
    assert count == 10
    assert last_mb < first_mb + 150
    assert last_mb < 700
