"""What a sound record is, and why a row is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.usage.rules import COLUMNS, TEXT_COLUMNS, Direction, Kind, Reason, check, moments

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SOUND = {
    "record_id": "net-1",
    "line": "+79000000001",
    "started_at": "2026-06-15T10:00:00+03:00",
    "kind": "voice",
    "direction": "out",
    "peer": "+79110000001",
    "duration_s": "60",
    "bytes": "",
    "units": "",
    "zone": "home",
}


def rows(*changes: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame([{"row": place} | SOUND | change for place, change in enumerate(changes, 2)])


def test_ops_4_takes_a_sound_record_as_typed_values_in_utc() -> None:
    records, rejected = check(rows({}), NOW)
    assert rejected.is_empty()
    assert records.schema == COLUMNS
    assert records.row(0, named=True) == SOUND | {
        "started_at": datetime(2026, 6, 15, 7, tzinfo=UTC),
        "kind": Kind.VOICE,
        "direction": Direction.OUT,
        "duration_s": 60,
        "bytes": 0,
        "units": 0,
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"record_id": ""}, Reason.NO_ID),
        ({"record_id": "x" * 101}, Reason.LONG_ID),
        ({"record_id": "a\tb"}, Reason.BAD_ID),
        ({"record_id": "a\x00b"}, Reason.BAD_ID),
        ({"line": ""}, Reason.BAD_LINE),
        ({"line": "+7"}, Reason.BAD_LINE),
        ({"line": "+7900000000a"}, Reason.BAD_LINE),
        ({"line": "+" + "7" * 16}, Reason.BAD_LINE),
        ({"line": "two words"}, Reason.BAD_LINE),
        ({"line": "x" * 41}, Reason.BAD_LINE),
        ({"started_at": ""}, Reason.BAD_TIME),
        ({"started_at": "yesterday"}, Reason.BAD_TIME),
        ({"started_at": "2026-02-30T10:00:00+03:00"}, Reason.BAD_TIME),
        ({"started_at": "2026-06-15T25:00:00Z"}, Reason.BAD_TIME),
        ({"started_at": "1718445600"}, Reason.BAD_TIME),
        ({"started_at": "2026-06-15T10:00:00+99:00"}, Reason.BAD_TIME),
        ({"started_at": "2026-06-15T10:00:00"}, Reason.NO_OFFSET),
        ({"started_at": "2026-06-15 10:00:00.5"}, Reason.NO_OFFSET),
        ({"started_at": "1970-01-01T00:00:00Z"}, Reason.TOO_OLD),
        ({"started_at": "0001-01-01T00:00:00+05:00"}, Reason.TOO_OLD),
        ({"started_at": "2100-01-01T00:00:00Z"}, Reason.IN_FUTURE),
        ({"started_at": "2026-06-16T12:00:01Z"}, Reason.IN_FUTURE),
        ({"kind": "fax"}, Reason.UNKNOWN_KIND),
        ({"kind": ""}, Reason.UNKNOWN_KIND),
        ({"kind": "VOICE"}, Reason.UNKNOWN_KIND),
        ({"direction": "up"}, Reason.UNKNOWN_DIRECTION),
        ({"peer": "x" * 41}, Reason.BAD_PEER),
        ({"peer": "+7x"}, Reason.BAD_PEER),
        ({"peer": "a\x07"}, Reason.BAD_PEER),
        ({"duration_s": "-1"}, Reason.NEGATIVE),
        ({"bytes": "-1"}, Reason.NEGATIVE),
        ({"units": "-1"}, Reason.NEGATIVE),
        ({"duration_s": "1.5"}, Reason.BAD_NUMBER),
        ({"bytes": "1e9"}, Reason.BAD_NUMBER),
        ({"units": "many"}, Reason.BAD_NUMBER),
        ({"duration_s": "1000000000"}, Reason.ABSURD_DURATION),
        ({"duration_s": "604801"}, Reason.ABSURD_DURATION),
        ({"kind": "data", "duration_s": str(93 * 86400)}, Reason.ABSURD_DURATION),
        ({"duration_s": "9" * 30}, Reason.ABSURD_DURATION),
        ({"bytes": str(10**13 + 1)}, Reason.ABSURD_BYTES),
        ({"bytes": "9" * 25}, Reason.ABSURD_BYTES),
        ({"units": "1000001"}, Reason.ABSURD_UNITS),
        ({"zone": "no zone!"}, Reason.BAD_ZONE),
        ({"zone": "z" * 21}, Reason.BAD_ZONE),
        ({"zone": "HOME"}, Reason.BAD_ZONE),
        ({"zone": "Home"}, Reason.BAD_ZONE),
    ],
)  # fmt: skip
def test_ops_4_names_what_is_wrong_and_takes_the_rest(change: dict[str, str], reason: Reason) -> None:
    records, rejected = check(rows({"record_id": "before"}, change, {"record_id": "after"}), NOW)
    assert rejected.rows() == [(3, reason)]
    assert records["record_id"].to_list() == ["before", "after"]


@pytest.mark.parametrize(
    "change",
    [
        {"line": "0890"},
        {"line": "ivanov@home"},
        {"line": "Дом-12"},
        {"peer": ""},
        {"peer": "Госуслуги"},
        {"peer": "*100#"},
        {"peer": "two words"},
        {"zone": ""},
        {"zone": "cis"},
        {"record_id": 'say "hi", \\ {null}'},
        {"record_id": "я" * 100},
        {"kind": "data", "duration_s": str(90 * 86400)},
        {"duration_s": "604800"},
        {"duration_s": "0060"},
        {"started_at": "2026-06-16T11:59:59Z"},
        {"started_at": "2016-06-20T00:00:00Z"},
    ],
)
def test_ops_4_takes_whatever_has_a_meaning(change: dict[str, str]) -> None:
    records, rejected = check(rows(change), NOW)
    assert rejected.is_empty()
    assert records.height == 1


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-15T10:00:00Z", (10, 0, 0, 0)),
        ("2026-06-15T10:00:00+00:00", (10, 0, 0, 0)),
        ("2026-06-15T10:00:00+0300", (7, 0, 0, 0)),
        ("2026-06-15T10:00:00+03", (7, 0, 0, 0)),
        ("2026-06-15T10:00:00-05:30", (15, 30, 0, 0)),
        ("2026-06-15T10:00:00.25+03:00", (7, 0, 0, 250_000)),
        ("2026-06-15T10:00:00.123456789Z", (10, 0, 0, 123_456)),
        ("2026-06-15 10:00:00+03:00", (7, 0, 0, 0)),
        ("2026-06-15T10:00+03:00", (7, 0, 0, 0)),
        ("20260615T100000Z", (10, 0, 0, 0)),
    ],
)
def test_ops_4_understands_every_usual_form_of_a_time(text: str, moment: tuple[int, int, int, int]) -> None:
    assert moments(pl.Series([text])).to_list() == [datetime(2026, 6, 15, *moment, tzinfo=UTC)]


@given(
    st.datetimes(min_value=datetime(2017, 1, 1), max_value=datetime(2026, 6, 1)),  # noqa: DTZ001 - local times are meant
    st.integers(-14 * 60, 14 * 60),
)
def test_ops_4_reads_a_time_as_the_standard_does(local: datetime, offset: int) -> None:
    text = f"{local.isoformat()}{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
    assert moments(pl.Series([text])).to_list() == [datetime.fromisoformat(text).astimezone(UTC)]


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(TEXT_COLUMNS, st.text(max_size=45))), max_size=8))
def test_ops_4_never_loses_a_row_whatever_it_holds(values: list[dict[str, str]]) -> None:
    schema = {"row": pl.Int64} | dict.fromkeys(TEXT_COLUMNS, pl.String)
    frame = pl.DataFrame([{"row": place} | value for place, value in enumerate(values)], schema=schema)
    records, rejected = check(frame, NOW)
    assert records.height + rejected.height == len(values)
    assert set(rejected["reason"]) <= set(Reason)


def test_ops_4_every_reason_is_told_to_people() -> None:
    assert all(reason.text for reason in Reason)


def test_ops_4_ten_years_and_a_day_are_counted_from_the_given_moment() -> None:
    later = NOW + timedelta(days=20 * 366)
    assert check(rows({}), later)[1]["reason"].to_list() == [Reason.TOO_OLD]
