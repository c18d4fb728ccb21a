"""Files of every format, whole and broken, become the same rows."""

from __future__ import annotations

import gzip
import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.usage import formats, reading
from abonent.domains.usage.formats import Operator
from abonent.domains.usage.reading import CutShort, UnreadableFile
from abonent.domains.usage.rules import Reason
from tests.factories import usage as make

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
OPERATOR = Operator(ZoneInfo("Europe/Moscow"), "RU", ("+7900",))
WHEN = "2026-06-15T10:00:00+03:00"


def read(path: Path, file_format: str | None = None) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Return all records and rejected rows of a file."""
    found = list(formats.read(path, file_format or formats.detect(path), OPERATOR, NOW))
    return pl.concat([f.records for f in found]), [row for f in found for row in f.rejected.rows()]


def own(path: Path, *rows: str | bytes, end: bytes = b"\n") -> Path:
    content = [make.HEADER, *rows]
    return make.pack(end.join(row if isinstance(row, bytes) else row.encode() for row in content) + end, path)


def row(record_id: str, **values: object) -> str:
    return make.row(record_id, started_at=WHEN, **values)


class TestOwnCsv:
    def test_ops_4_names_each_broken_row_by_its_line_and_takes_the_rest(self, tmp_path: Path) -> None:
        path = own(
            tmp_path / "a.csv",
            row("2"),
            row("3") + ",one more",
            "too,few",
            row("5").encode() + b"\xff",
            row("6\0"),
            row("7", peer='"open'),
            "",
            row("9", peer='"Кафе ""Уют"", зал"'),
            row("10", kind="fax"),
            row("11"),
        )
        records, rejected = read(path)
        assert records["record_id"].to_list() == ["2", "9", "11"]
        assert records["peer"].to_list()[1] == 'Кафе "Уют", зал'
        assert rejected == [
            (3, Reason.WRONG_COLUMN_COUNT),
            (4, Reason.WRONG_COLUMN_COUNT),
            (5, Reason.NOT_UTF8),
            (6, Reason.NUL_BYTE),
            (7, Reason.BAD_QUOTES),
            (10, Reason.UNKNOWN_KIND),
        ]

    def test_ops_4_neither_half_of_a_row_broken_in_quotes_is_a_record(self, tmp_path: Path) -> None:
        records, rejected = read(own(tmp_path / "a.csv", row("2"), '"3', row('x"'), row("5", peer='a"b')))
        assert records["record_id"].to_list() == ["2"]
        assert rejected == [(number, Reason.BAD_QUOTES) for number in (3, 4, 5)]

    def test_ops_4_rows_with_too_many_and_too_few_columns_do_not_make_up_for_each_other(self, tmp_path: Path) -> None:
        path = own(tmp_path / "a.csv", row("2"), row("3") + ",more", row("4").rsplit(",", 1)[0], row("5"))
        records, rejected = read(path)
        assert records["record_id"].to_list() == ["2", "5"]
        assert rejected == [(3, Reason.WRONG_COLUMN_COUNT), (4, Reason.WRONG_COLUMN_COUNT)]

    def test_ops_4_row_numbers_stay_right_over_pieces(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "PIECE_BYTES", 1000)
        lines = [row(str(number), kind="fax" if number % 7 == 0 else "voice") for number in range(2, 300)]
        lines[100] = ""
        lines[150] = "broken"
        records, rejected = read(own(tmp_path / "a.csv.gz", *lines))
        assert [number for number, why in rejected if why == Reason.UNKNOWN_KIND] == list(range(7, 300, 7))
        assert (152, Reason.WRONG_COLUMN_COUNT) in rejected
        assert [int(i) for i in records["record_id"]] == [n for n in range(2, 300) if n % 7 and n not in (102, 152)]

    @pytest.mark.parametrize("end", [b"\n", b"\r\n"])
    @pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
    def test_ops_4_takes_line_ends_and_marks_of_any_system(self, tmp_path: Path, end: bytes, bom: bytes) -> None:
        path = own(tmp_path / "a.csv", row("1"), row("2", zone=""), end=end)
        path.write_bytes(bom + path.read_bytes().removesuffix(end))
        assert read(path)[0]["record_id"].to_list() == ["1", "2"]

    def test_ops_4_takes_columns_in_any_order(self, tmp_path: Path) -> None:
        names = make.HEADER.split(",")[::-1]
        values = row("1", kind="data", bytes=5).split(",")[::-1]
        path = make.pack(f"{','.join(names).upper()}\n{','.join(values)}\n".encode(), tmp_path / "a.csv")
        assert read(path)[0].row(0, named=True)["bytes"] == 5

    def test_ops_4_takes_empty_text_in_quotes(self, tmp_path: Path) -> None:
        path = own(
            tmp_path / "a.csv", row("1", kind="data", peer='""', zone='""'), row("2", peer='""', duration_s='""')
        )
        records, rejected = read(path)
        assert rejected == []
        assert records["peer"].to_list() == ["", ""]
        assert records["duration_s"].to_list() == [60, 0]

    @pytest.mark.parametrize(
        ("header", "said"),
        [
            (make.HEADER.replace("peer,", ""), "missing: peer"),
            (make.HEADER + ",price", "unknown: price"),
            (make.HEADER.replace("peer", "line"), "repeated: line"),
            (make.HEADER.replace(",", ";"), "no header of a known format"),
            ("hello", "no header of a known format"),
        ],
    )
    def test_ops_4_names_what_is_wrong_with_a_header(self, tmp_path: Path, header: str, said: str) -> None:
        path = make.pack(f"{header}\n{row('1')}\n".encode(), tmp_path / "a.csv")
        with pytest.raises(UnreadableFile, match=re.escape(said)):
            read(path)

    def test_ops_4_a_header_alone_is_a_file_without_rows(self, tmp_path: Path) -> None:
        assert list(formats.read(own(tmp_path / "a.csv"), "csv", OPERATOR, NOW)) == []


SOUND_LINES = [row(str(number)).encode() for number in range(2, 12)]


@given(st.lists(st.tuples(st.integers(0, 9), st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")))))
def test_ops_4_bad_lines_never_take_good_ones_with_them(mangled: list[tuple[int, bytes]]) -> None:
    """Lines are replaced by any bytes: each stays one row or a blank, and all the others still go in."""
    lines = list(SOUND_LINES)
    for place, content in mangled:
        lines[place] = content
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(b"\n".join([make.HEADER.encode(), *lines]))
        found = list(formats.read(Path(file.name), "csv", OPERATOR, NOW))
    taken = [int(record_id) for sound in found for record_id in sound.records["record_id"]]
    rejected = [number for sound in found for number in sound.rejected["row"]]
    whole = [number for number, line in enumerate(lines, 2) if line == SOUND_LINES[number - 2]]
    assert taken == whole
    assert rejected == [n for n, line in enumerate(lines, 2) if n not in whole and line.strip(b" \t\r")]


class TestPacking:
    @pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.zst"])
    def test_ops_4_tells_packing_by_content_not_by_name(self, tmp_path: Path, name: str) -> None:
        path = own(tmp_path / name, row("1")).rename(tmp_path / "named.txt")
        assert read(path)[0]["record_id"].to_list() == ["1"]

    def test_ops_4_takes_archives_put_one_after_another(self, tmp_path: Path) -> None:
        first, second = f"{make.HEADER}\n{row('1')}\n", f"{row('2')}\n"
        path = tmp_path / "a.csv.gz"
        path.write_bytes(gzip.compress(first.encode()) + gzip.compress(second.encode()) + b"\0" * 512)
        assert read(path)[0]["record_id"].to_list() == ["1", "2"]

    @pytest.mark.parametrize("packing", ["gz", "zst"])
    def test_ops_4_keeps_the_whole_rows_of_an_archive_that_ends_too_early(
        self, tmp_path: Path, packing: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "PIECE_BYTES", 100_000)
        path = make.write_csv(make.calls(20_000), tmp_path / f"a.csv.{packing}")
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * 2 // 3])
        found: list[formats.Sound] = []
        with pytest.raises(CutShort, match="ends too early"):
            found.extend(formats.read(path, "csv", OPERATOR, datetime.now(UTC)))
        assert sum(s.records.height for s in found) > 5_000
        assert sum(s.rejected.height for s in found) == 0

    def test_ops_4_names_a_damaged_archive(self, tmp_path: Path) -> None:
        path = make.write_csv(make.calls(20_000), tmp_path / "a.csv.gz")
        content = bytearray(path.read_bytes())
        content[len(content) // 2 : len(content) // 2 + 50] = b"\xff" * 50
        path.write_bytes(content)
        with pytest.raises(CutShort, match="damaged"):
            list(formats.read(path, "csv", OPERATOR, datetime.now(UTC)))


class TestUnreadable:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "it is empty"),
            (b"\n \n", "it is empty"),
            (b"\x7fELF\x02\0\0\0", "neither text nor Parquet"),
            (make.HEADER.encode("utf-16"), "neither text nor Parquet"),
            (b"PAR1 but not really", "no whole Parquet file"),
            (b"\x1f\x8b\x08 but not really", "damaged"),
        ],
    )
    def test_ops_4_says_in_one_line_why_nothing_can_be_taken(self, tmp_path: Path, content: bytes, said: str) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match=said) as caught:
            read(path)
        assert "\n" not in str(caught.value)

    def test_ops_4_says_that_a_file_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="cannot be opened"):
            formats.detect(tmp_path / "none.csv")
        with pytest.raises(UnreadableFile, match="cannot be opened"):
            formats.detect(tmp_path)

    def test_ops_4_passes_over_a_line_that_is_longer_than_memory_allows(self, tmp_path: Path) -> None:
        path = own(tmp_path / "a.csv.gz", row("1"), "x" * 20_000_000, row("3"), "y," * 10_000_000)
        records, rejected = read(path)
        assert records["record_id"].to_list() == ["1", "3"]
        assert rejected == [(3, Reason.LONG_ROW), (5, Reason.LONG_ROW)]

    def test_ops_4_refuses_a_pipe_at_once_and_in_plain_words(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(UnreadableFile, match="pipe or a device"):
            formats.detect(tmp_path / "pipe")


class TestParquet:
    def test_ops_4_takes_the_same_rows_as_from_csv(self, tmp_path: Path) -> None:
        frame = make.calls(1_000)
        frame.write_parquet(tmp_path / "a.parquet")
        now = datetime.now(UTC)
        (parquet,) = formats.read(tmp_path / "a.parquet", formats.detect(tmp_path / "a.parquet"), OPERATOR, now)
        (csv,) = formats.read(make.write_csv(frame, tmp_path / "a.csv"), "csv", OPERATOR, now)
        assert parquet.records.equals(csv.records)
        assert parquet.rejected.is_empty()

    def test_ops_4_takes_text_columns_nothing_and_other_zones(self, tmp_path: Path) -> None:
        frame = pl.DataFrame([dict(zip(make.HEADER.split(","), row("1").split(","), strict=True))]).with_columns(
            peer=pl.lit(None, dtype=pl.String), units=pl.lit(None, dtype=pl.Int32), more=pl.lit(1)
        )
        frame.write_parquet(tmp_path / "a.parquet")
        records, rejected = read(tmp_path / "a.parquet")
        assert (records["peer"][0], records["units"][0], rejected) == ("", 0, [])

    def test_ops_4_numbers_bad_rows_from_one(self, tmp_path: Path) -> None:
        frame = make.calls(10).with_columns(
            started_at=pl.lit(NOW).cast(pl.Datetime("ms", "Europe/Moscow")),
            bytes=pl.when(pl.int_range(pl.len()) == 4).then(-5).otherwise("bytes"),
            duration_s=pl.when(pl.int_range(pl.len()) == 7).then(2**64 - 1).otherwise(pl.lit(1)).cast(pl.UInt64),
        )
        frame.write_parquet(tmp_path / "a.parquet")
        records, rejected = read(tmp_path / "a.parquet")
        assert records.height == 8
        assert rejected == [(5, Reason.NEGATIVE), (8, Reason.BAD_NUMBER)]

    def test_ops_4_takes_whole_numbers_that_are_written_as_floats(self, tmp_path: Path) -> None:
        """As pandas does when some are missing."""
        amounts = pl.Series("bytes", [5.0, None, float("nan"), 1.5, -1.0, 1e300, float("inf"), float("-inf")])
        frame = make.calls(8).with_columns(amounts, started_at=pl.lit(NOW), kind=pl.lit("data"))
        frame.write_parquet(tmp_path / "a.parquet")
        records, rejected = read(tmp_path / "a.parquet")
        assert records["bytes"].to_list() == [5, 0, 0]
        assert rejected == [
            (4, Reason.BAD_NUMBER),
            (5, Reason.NEGATIVE),
            (6, Reason.ABSURD_BYTES),
            (7, Reason.ABSURD_BYTES),
            (8, Reason.NEGATIVE),
        ]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"started_at": pl.lit(datetime(2026, 6, 1))}, "started_at is a time without a zone"),  # noqa: DTZ001 - the fault
            ({"bytes": pl.lit(True)}, "column bytes is Boolean"),
            ({"line": pl.lit(7.0)}, "column line is Float64"),
        ],
    )
    def test_ops_4_names_a_column_of_the_wrong_type(
        self, tmp_path: Path, change: dict[str, pl.Expr], said: str
    ) -> None:
        make.calls(3).with_columns(**change).write_parquet(tmp_path / "a.parquet")
        with pytest.raises(UnreadableFile, match=said):
            read(tmp_path / "a.parquet")

    def test_ops_4_names_missing_columns_and_a_cut_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        make.calls(3).drop("zone").write_parquet(path)
        with pytest.raises(UnreadableFile, match="missing: zone"):
            read(path)
        make.calls(3000).write_parquet(path)
        path.write_bytes(path.read_bytes()[:-100])
        with pytest.raises(UnreadableFile, match="no whole Parquet file"):
            read(path)

    def test_ops_4_takes_a_packed_file(self, tmp_path: Path) -> None:
        make.calls(3).write_parquet(tmp_path / "a.parquet")
        path = make.pack((tmp_path / "a.parquet").read_bytes(), tmp_path / "a.parquet.gz")
        (sound,) = formats.read(path, formats.detect(path), OPERATOR, datetime.now(UTC))
        assert sound.records.height == 3


def test_ops_4_the_given_format_wins_over_the_content(tmp_path: Path) -> None:
    path = own(tmp_path / "a.csv", row("1"))
    with pytest.raises(UnreadableFile, match="header is wrong"):
        read(path, "freeradius")
    assert read(path, "asterisk")[1][0] == (1, Reason.WRONG_COLUMN_COUNT)


def test_ops_4_reading_ahead_hands_errors_over_in_order() -> None:
    def items():
        yield 1
        yield 2
        raise CutShort("broken")

    found: list[int] = []
    with pytest.raises(CutShort, match="broken"):
        found.extend(reading.ahead(items()))
    assert found == [1, 2]
    ahead = reading.ahead(iter(range(1, 1000)))
    assert next(ahead) == 1
    ahead.close()
