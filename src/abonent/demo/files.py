"""Traffic as the files that a network delivers: our own CSV, FreeRADIUS accounting, Asterisk's Master.csv.

A file is written beside its name and renamed when whole, so a killed run never leaves half a file that looks whole.
Records are in order of time in each file, and those of a line from file to file.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import zstandard

from abonent.demo.circles import Block, block, block_count
from abonent.demo.people import World
from abonent.demo.traffic import events

# About this many line-days make a file: enough to be quick, few enough to stay small in memory.
LINE_DAYS = 12_000
DAYS_MAX = 31
OFFSET = "+03:00"
SHIFT_S = 3 * 3600
RADIUS_HEADER = (
    "radacctid,acctsessionid,acctuniqueid,username,realm,nasipaddress,nasportid,nasporttype,acctstarttime,"
    "acctupdatetime,acctstoptime,acctinterval,acctsessiontime,acctauthentic,connectinfo_start,connectinfo_stop,"
    "acctinputoctets,acctoutputoctets,calledstationid,callingstationid,acctterminatecause,servicetype,framedprotocol,"
    "framedipaddress"
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The files of a block of lines for `days` days from `first`."""

    block: int
    first: date
    days: int

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m-%d}-{self.block:03d}"


def deliveries(world: World) -> Iterator[Delivery]:
    """Yield what is to be delivered, in the order of time."""
    whole = world.days + 1
    days = max(1, min(DAYS_MAX, LINE_DAYS // min(world.subscribers, LINE_DAYS)))
    for start in range(0, whole, days):
        for index in range(block_count(world)):
            yield Delivery(index, world.first_day + timedelta(days=start), min(days, whole - start))


def write(world: World, delivery: Delivery, folder: Path) -> list[Path]:
    """Write the delivery's files into `folder` and return those that have any record."""
    lines = block(world, delivery.block)
    found = events(world, lines, delivery.first, delivery.days)
    if found.is_empty():
        return []
    role = lines.lines["role"].gather(found["line"])
    wired, app = role == "I", role == "S"
    stem = f"{delivery.first:%y%m%d}{delivery.block:03d}"
    written = [
        (f"usage-{delivery.name}.csv.zst", _own_csv(lines, found.filter(~wired & ~app), stem)),
        (f"radius-{delivery.name}.csv.gz", _radius_csv(lines, found.filter(wired), stem)),
        (f"Master-{delivery.name}.csv", _master_csv(lines, found.filter(app))),
    ]
    return [_saved(folder / name, content) for name, content in written if content]


def _saved(path: Path, content: bytes) -> Path:
    if path.suffix == ".zst":
        content = zstandard.ZstdCompressor(level=1).compress(content)
    elif path.suffix == ".gz":
        content = gzip.compress(content, compresslevel=1, mtime=0)
    attempt = path.with_name(f".{path.name}.part")
    attempt.write_bytes(content)
    attempt.rename(path)
    return path


def _own_csv(lines: Block, found: pl.DataFrame, stem: str) -> bytes:
    """Return the documented format: `record_id,line,started_at,kind,…`, ids that grow with the rows."""
    if found.is_empty():
        return b""
    table = found.select(
        record_id=_ids(stem, found.height, 7),
        line=lines.lines["number"].gather(found["line"]),
        started_at=_local(found["at"], "T") + OFFSET,
        kind="kind",
        direction="direction",
        peer="peer",
        duration_s="duration_s",
        bytes="bytes",
        units="units",
        zone="zone",
    )
    # No name in the demo needs quotes, and readers are quicker without.
    return table.write_csv(quote_style="never").encode()


def _radius_csv(lines: Block, found: pl.DataFrame, stem: str) -> bytes:
    """Return sessions as PostgreSQL exports `radacct`."""
    if found.is_empty():
        return b""
    username = lines.lines["number"].gather(found["line"])
    ids = _ids(stem, found.height, 7)
    stop = found["at"] + found["duration_s"]
    sent = found["bytes"] // 12
    address = "198.51.100." + (found["line"] % 250 + 1).cast(pl.String)
    columns: dict[str, pl.Series | str] = dict.fromkeys(RADIUS_HEADER.split(","), "")
    columns |= {
        "radacctid": ids,
        "acctsessionid": "s" + ids,
        "acctuniqueid": "f00d" + ids,
        "username": username,
        "nasipaddress": "192.0.2.10",
        "nasporttype": "Ethernet",
        "acctstarttime": _local(found["at"], " ") + OFFSET[:3],
        "acctupdatetime": _local(stop, " ") + OFFSET[:3],
        "acctstoptime": _local(stop, " ") + OFFSET[:3],
        "acctsessiontime": found["duration_s"].cast(pl.String),
        "acctauthentic": "RADIUS",
        "acctinputoctets": sent.cast(pl.String),
        "acctoutputoctets": (found["bytes"] - sent).cast(pl.String),
        "acctterminatecause": "User-Request",
        "servicetype": "Framed-User",
        "framedprotocol": "PPP",
        "framedipaddress": address,
    }
    return _rows(columns, found.height).write_csv(quote_style="never").encode()


def _master_csv(lines: Block, found: pl.DataFrame) -> bytes:
    """Return calls of numbers in the app as Asterisk writes them: no header, every text quoted, local times."""
    if found.is_empty():
        return b""
    number = lines.lines["number"].gather(found["line"])
    out = found["direction"] == "out"
    seen = pl.select(
        source=pl.when(out).then(number).otherwise(found["peer"]),
        called=pl.when(out).then(found["peer"]).otherwise(number),
        # A call leaves through the trunk and comes in from it.
        channel=pl.when(out).then("PJSIP/" + number).otherwise(pl.lit("PJSIP/trunk")),
        other=pl.when(out).then(pl.lit("PJSIP/trunk")).otherwise("PJSIP/" + number),
        context=pl.when(out).then(pl.lit("from-app")).otherwise(pl.lit("from-trunk")),
    )
    start, answer = _local(found["at"], " "), _local(found["at"] + 4, " ")
    end = _local(found["at"] + found["duration_s"], " ")
    # The seconds of ringing are in the duration and not in what is billed.
    billed = (found["duration_s"] - 4).clip(0)
    tag = found["at"].cast(pl.String) + "." + pl.int_range(0, found.height, eager=True).cast(pl.String)
    columns: dict[str, pl.Series | str] = {
        "accountcode": number,
        "src": seen["source"],
        "dst": seen["called"],
        "dcontext": seen["context"],
        "clid": seen["source"],
        "channel": seen["channel"] + "-" + tag.str.slice(-8),
        "dstchannel": seen["other"] + "-" + tag.str.slice(-8),
        "lastapp": "Dial",
        "lastdata": "",
        "start": start,
        "answer": answer,
        "end": end,
        "duration": found["duration_s"],
        "billsec": billed,
        "disposition": "ANSWERED",
        "amaflags": "DOCUMENTATION",
        "uniqueid": tag,
        "userfield": "",
    }
    return _rows(columns, found.height).write_csv(include_header=False, quote_style="non_numeric").encode()


def _rows(columns: dict[str, pl.Series | str], height: int) -> pl.DataFrame:
    first = pl.int_range(0, height, eager=True).alias("row").to_frame()
    return first.select(pl.lit(value).alias(name) for name, value in columns.items())


def _ids(stem: str, count: int, digits: int) -> pl.Series:
    return stem + pl.int_range(1, count + 1, eager=True).cast(pl.String).str.zfill(digits)


def _local(at: pl.Series, between: str) -> pl.Series:
    """Return seconds since 1970 as Moscow times in text: each day and each second of a day is spelled once."""
    moved = at + SHIFT_S
    day, second = moved // 86_400, moved % 86_400
    first, last = day.min(), day.max()
    if not isinstance(first, int) or not isinstance(last, int):
        return pl.Series([], dtype=pl.String)
    dates = [datetime.fromtimestamp(one * 86_400, UTC).date().isoformat() + between for one in range(first, last + 1)]
    return pl.Series(dates).gather(day - first) + _seconds_of_day().gather(second)


def _seconds_of_day() -> pl.Series:
    second = pl.int_range(0, 86_400, eager=True)
    parts = (second // 3600, second // 60 % 60, second % 60)
    hours, minutes, rest = (part.cast(pl.String).str.zfill(2) for part in parts)
    return hours + ":" + minutes + ":" + rest
