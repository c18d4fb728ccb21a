"""Usage files of every format, and lines for them."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import zstandard

from abonent.domains.catalog import actions as catalog
from abonent.domains.catalog import rules as tariffs
from abonent.domains.lines.actions import NewLine, open_lines
from abonent.foundation import clock
from tests.factories import customers

HEADER = "record_id,line,started_at,kind,direction,peer,duration_s,bytes,units,zone"
OPENED = datetime(2020, 1, 1, tzinfo=UTC)


def serve(numbers: Sequence[str], opened_at: datetime = OPENED) -> list[int]:
    """Open a line for each number on one contract; return their ids in order."""
    prices = tuple(tariffs.Price(kind, kind, "", 0) for kind in tariffs.KINDS)
    version = catalog.publish(
        tariffs.TariffVersion(
            "usage-plain", "mobile", "phone", {"ru": "Простой", "en": "Plain"}, date(2020, 1, 1), 0,
            tariffs.Terms(prices=prices),
        )
    )  # fmt: skip
    contract_id = customers.contract()
    return open_lines([NewLine(contract_id, "mobile", number, version, 1, opened_at) for number in numbers])


def row(record_id: str, line: str = "+79000000001", started_at: str = "", **values: object) -> str:
    """Return a row of our own CSV; a call of a minute an hour ago unless told otherwise."""
    started_at = started_at or (clock.now() - timedelta(hours=1)).isoformat(timespec="seconds")
    columns = {"kind": "voice", "direction": "out", "peer": "+79110000001", "duration_s": 60} | values
    empty = dict.fromkeys(HEADER.split(","), "") | {"zone": "home"}
    return ",".join(
        str(value)
        for value in (empty | {"record_id": record_id, "line": line, "started_at": started_at} | columns).values()
    )


def csv_text(rows: Iterable[str]) -> str:
    """Return a whole file of our own CSV."""
    return "\n".join([HEADER, *rows]) + "\n"


def calls(count: int, lines: int = 50, seed: int = 1, prefix: str = "net") -> pl.DataFrame:
    """Return typed columns of our own CSV: sound records of the last 60 days in time order."""
    dice = random.Random(seed)
    end = clock.now().replace(minute=0, second=0, microsecond=0)
    kinds = dice.choices(["voice", "sms", "data"], [5, 2, 3], k=count)
    times = sorted(end - timedelta(seconds=dice.randrange(60 * 86400)) for _ in range(count))
    return pl.DataFrame(
        {
            "record_id": [f"{prefix}-{number:09d}" for number in range(count)],
            "line": [f"+7900000{dice.randrange(1, lines + 1):04d}" for _ in range(count)],
            "started_at": times,
            "kind": kinds,
            "direction": [dice.choice(["out", "in"]) for _ in range(count)],
            "peer": ["" if kind == "data" else f"+7911{dice.randrange(10**7):07d}" for kind in kinds],
            "duration_s": [dice.randrange(600) if kind != "sms" else 0 for kind in kinds],
            "bytes": [dice.randrange(10**8) if kind == "data" else 0 for kind in kinds],
            "units": [1 if kind == "sms" else 0 for kind in kinds],
            "zone": ["home"] * count,
        },
        schema_overrides={"started_at": pl.Datetime("us", "UTC")},
    )


def write_csv(frame: pl.DataFrame, path: Path) -> Path:
    """Write records as our own CSV, packed as the name's ending says."""
    text = frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S+00:00").encode()
    return pack(text, path)


def pack(content: bytes, path: Path) -> Path:
    """Write a file, packed as its name's ending says."""
    if path.suffix == ".gz":
        content = gzip.compress(content, 1)
    elif path.suffix == ".zst":
        content = zstandard.compress(content, 1)
    path.write_bytes(content)
    return path
