"""Files of telephone exchanges and of access servers become the same rows as our own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from abonent.domains.usage import formats
from abonent.domains.usage.formats import Operator
from abonent.domains.usage.reading import UnreadableFile
from abonent.domains.usage.rules import Reason
from tests.domains.usage.test_formats import NOW, read
from tests.factories import usage as make


def call(**values: str) -> str:
    """Return a row of Master.csv: +79000000001 called +79110000001 and talked for a minute."""
    columns = {
        "accountcode": "", "src": "89000000001", "dst": "89110000001", "dcontext": "from-internal",
        "clid": '""Анна"" <89000000001>', "channel": "PJSIP/trunk-0000002a", "dstchannel": "PJSIP/other-0000002b",
        "lastapp": "Dial", "lastdata": "PJSIP/89110000001@trunk,30", "start": "2026-06-15 10:00:00",
        "answer": "2026-06-15 10:00:05", "end": "2026-06-15 10:01:05", "duration": "65", "billsec": "60",
        "disposition": "ANSWERED", "amaflags": "DOCUMENTATION", "uniqueid": "1781506800.42",
    } | values  # fmt: skip
    return ",".join(value if key in ("duration", "billsec") else f'"{value}"' for key, value in columns.items())


class TestAsterisk:
    def calls(self, tmp_path: Path, *rows: str) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
        return read(make.pack("".join(f"{row}\n" for row in rows).encode(), tmp_path / "Master.csv"))

    def test_ops_4_takes_a_call_in_the_operators_time(self, tmp_path: Path) -> None:
        records, rejected = self.calls(tmp_path, call())
        assert rejected == []
        found = records.row(0, named=True)
        assert found.pop("record_id").startswith("1781506800.42/")
        assert found == {
            "line": "+79000000001", "started_at": datetime(2026, 6, 15, 7, tzinfo=UTC), "kind": 1, "direction": 1,
            "peer": "+79110000001", "duration_s": 60, "bytes": 0, "units": 0, "zone": "home",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "seen"),
        [
            ({}, ("+79000000001", 1, "+79110000001")),
            ({"src": "89110000001", "dst": "89000000001"}, ("+79000000001", 2, "+79110000001")),
            ({"dst": "89000000002"}, ("+79000000001", 1, "+79000000002")),
            ({"accountcode": "79000000001"}, ("+79000000001", 1, "+79110000001")),
            ({"accountcode": "79000000002", "dst": "9000000002"}, ("+79000000002", 2, "+79000000001")),
            ({"accountcode": "retail"}, ("+79000000001", 1, "+79110000001")),
            ({"accountcode": "office-7", "src": "101", "dst": "102"}, ("office-7", 1, "102")),
            ({"src": "101", "dst": "102", "channel": "SIP/101-0000002a"}, ("101", 1, "102")),
            ({"src": "74950000000", "dst": "102", "dstchannel": "SIP/102-0000002b"}, ("102", 2, "+74950000000")),
            ({"dst": "112"}, ("+79000000001", 1, "112")),
            ({"src": "", "dst": "89000000001"}, ("+79000000001", 2, "")),
        ],
    )
    def test_ops_4_finds_which_side_is_our_line(self, tmp_path: Path, change: dict[str, str], seen: tuple) -> None:
        records, rejected = self.calls(tmp_path, call(**change))
        assert rejected == []
        assert records.select("line", "direction", "peer").row(0) == seen

    def test_ops_4_an_unanswered_call_has_no_duration(self, tmp_path: Path) -> None:
        records, _ = self.calls(tmp_path, call(disposition="NO ANSWER", answer="", billsec="0", duration="30"))
        assert records["duration_s"].to_list() == [0]

    def test_ops_4_legs_with_one_uniqueid_are_two_records_and_a_copy_of_a_leg_is_none(self, tmp_path: Path) -> None:
        leg, other = call(), call(dstchannel="PJSIP/another-0000002c")
        records, _ = self.calls(tmp_path, leg, other, leg)
        ids = records["record_id"].to_list()
        assert ids[0] == ids[2] != ids[1]

    def test_ops_4_takes_rows_with_and_without_optional_columns(self, tmp_path: Path) -> None:
        short = call().rsplit(",", 1)[0]
        records, rejected = self.calls(tmp_path, short, call(userfield="note"), short + ",1,2,3,4")
        assert records.height == 2
        assert rejected == [(3, Reason.WRONG_COLUMN_COUNT)]

    def test_ops_4_names_a_bad_time_and_a_time_that_no_clock_showed(self, tmp_path: Path) -> None:
        _, rejected = self.calls(tmp_path, call(), call(start="soon"), call(start="2026-06-31 10:00:00"))
        assert rejected == [(2, Reason.BAD_TIME), (3, Reason.BAD_TIME)]

    def test_ops_4_an_hour_that_comes_twice_is_the_first_one(self, tmp_path: Path) -> None:
        path = make.pack(call(start="2025-10-26 02:30:00").encode(), tmp_path / "Master.csv")
        berlin = Operator(ZoneInfo("Europe/Berlin"), "DE", ("+49",))
        (sound,) = formats.read(path, "asterisk", berlin, NOW)
        assert sound.records["started_at"].to_list() == [datetime(2025, 10, 26, 0, 30, tzinfo=UTC)]


class TestFreeradius:
    HEADER = (
        "radacctid,AcctSessionId,acctuniqueid,username,realm,acctstarttime,acctupdatetime,acctstoptime,acctsessiontime,"
        "acctinputoctets,acctoutputoctets,nasipaddress"
    )

    def sessions(self, tmp_path: Path, *rows: str) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
        return read(make.pack("\n".join([self.HEADER, *rows]).encode(), tmp_path / "radacct.csv"))

    def test_ops_4_takes_an_ended_session(self, tmp_path: Path) -> None:
        records, rejected = self.sessions(
            tmp_path,
            "1,s1,u1,orlova,,2026-06-15 10:00:00,,2026-06-15 11:00:00,3600,1000,2000,10.0.0.1",
            '2,s2,"u2","orlova",,"2026-06-15 10:00:00+05","","2026-06-15 11:00:00.5+05",NULL,"",2000,10.0.0.1',
        )
        assert rejected == []
        assert records.select("record_id", "line", "started_at", "kind", "duration_s", "bytes", "zone").rows() == [
            ("u1", "orlova", datetime(2026, 6, 15, 7, tzinfo=UTC), 4, 3600, 3000, ""),
            ("u2", "orlova", datetime(2026, 6, 15, 5, tzinfo=UTC), 4, 3600, 2000, ""),
        ]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("1,s1,u1,orlova,,2026-06-15 10:00:00,,,3600,1,2,10.0.0.1", Reason.UNFINISHED),
            ("1,s1,u1,orlova,,2026-06-15 10:00:00,,NULL,3600,1,2,10.0.0.1", Reason.UNFINISHED),
            ("1,s1,u1,orlova,,2026-06-15 10:00:00,,0000-00-00 00:00:00,3600,1,2,10.0.0.1", Reason.UNFINISHED),
            ("1,s1,u1,,,2026-06-15 10:00:00,,2026-06-15 11:00:00,3600,1,2,10.0.0.1", Reason.BAD_LINE),
            ("1,s1,,orlova,,2026-06-15 10:00:00,,2026-06-15 11:00:00,3600,1,2,10.0.0.1", Reason.NO_ID),
            ("1,s1,u1,orlova,,NULL,,2026-06-15 11:00:00,3600,1,2,10.0.0.1", Reason.BAD_TIME),
            ("1,s1,u1,orlova,,2026-06-15 10:00:00,,2026-06-15 11:00:00,3600,-1,2,10.0.0.1", Reason.NEGATIVE),
            ("1,s1,u1,orlova,,2026-06-15 10:00:00,,2026-06-15 11:00:00,3600,x,2,10.0.0.1", Reason.BAD_NUMBER),
            ("1,s1,u1,orlova,,2026-06-15 10:00:00,,2026-06-15 09:00:00,,1,2,10.0.0.1", Reason.NEGATIVE),
            ("1,s1,u1,orlova,,2026-06-15 10:00:00", Reason.WRONG_COLUMN_COUNT),
            (
                f"1,s1,u1,orlova,,2026-06-15 10:00:00,,2026-06-15 11:00:00,9,{2**63 - 1},{2**63 - 1},10.0.0.1",
                Reason.ABSURD_BYTES,
            ),
        ],
    )
    def test_ops_4_names_what_is_wrong_with_a_session(self, tmp_path: Path, row: str, reason: Reason) -> None:
        records, rejected = self.sessions(tmp_path, row)
        assert records.is_empty()
        assert rejected == [(2, reason)]

    def test_ops_4_counts_what_ran_over_32_bits(self, tmp_path: Path) -> None:
        """Where the octets hold more than 32 bits, the overruns are in them already."""
        head = "ACCTUNIQUEID,USERNAME,ACCTSTARTTIME,ACCTSTOPTIME,ACCTSESSIONTIME,ACCTINPUTOCTETS,ACCTOUTPUTOCTETS"
        session = "orlova,2026-06-15 10:00:00,2026-06-15 11:00:00,3600"
        rows = [
            f"{head},ACCTINPUTGIGAWORDS,ACCTOUTPUTGIGAWORDS",
            f"plain,{session},100,200,0,",
            f"over,{session},100,200,1,2",
            f"within,{session},{2**32 + 5},200,1,NULL",
            f"absurd,{session},100,200,{2**62},0",
            f"negative,{session},100,200,-1,0",
            f"bad,{session},100,200,x,0",
        ]
        records, rejected = read(make.pack("\n".join(rows).encode(), tmp_path / "radacct.csv"))
        assert dict(records.select("record_id", "bytes").iter_rows()) == {
            "plain": 300,
            "over": 3 * 2**32 + 300,
            "within": 2**32 + 205,
        }
        assert rejected == [(5, Reason.ABSURD_BYTES), (6, Reason.NEGATIVE), (7, Reason.BAD_NUMBER)]

    def test_ops_4_names_missing_columns(self, tmp_path: Path) -> None:
        path = make.pack(b"acctuniqueid,username,acctstarttime\n", tmp_path / "radacct.csv")
        with pytest.raises(UnreadableFile, match="missing: acctstoptime, acctsessiontime"):
            read(path)
