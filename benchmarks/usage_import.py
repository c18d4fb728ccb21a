"""Import end to end (read, check, store, rate, post, once only) against COPY of the same rows.

The baseline is the least that storing these rows can cost: PostgreSQL's own COPY from memory into an empty table with
the same partitions and indexes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.environment import VAR, load_operator, platform

SUBSCRIBERS = 500
DAYS = 90
ROUNDS = 3
MEMORY_TIMES = (2, 16)
OWN = "source_id = (select id from usage_source where name = 'network')"
EXPORT = f"""copy (
    select record_id, line.number as line,
           to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') as started_at,
           (array['voice', 'sms', 'mms', 'data', 'content'])[kind] as kind,
           (array['out', 'in'])[direction] as direction,
           peer, duration_s, bytes, units, zone
      from usage_record join lines_line line on line.id = line_id where {OWN} order by usage_record.started_at
) to stdout with (format csv, header)"""
EMPTY = """
    truncate usage_record, usage_parked, billing_charge, billing_bucket, billing_packagetaken,
             billing_rerating, ledger_transfer,
             ledger_pending;
    update ledger_account
       set debits_posted_minor = 0, credits_posted_minor = 0, debits_pending_minor = 0, credits_pending_minor = 0
     where debits_posted_minor is not null
"""


def measure() -> list[dict[str, object]]:
    with platform():
        from django.db import connection

        load_operator(subscribers=SUBSCRIBERS, days=DAYS)
        connection.ensure_connection()
        raw = connection.connection
        rows = _out(raw, f"copy (select * from usage_record where {OWN} order by started_at) to stdout")
        file = VAR / "usage.csv"
        file.write_bytes(_out(raw, EXPORT))
        count = rows.count(b"\n")
        runs = [(_copy_s(raw, rows), _import_s(raw, file, count)) for _ in range(ROUNDS)]
        copied_s, imported_s = max(runs, key=lambda run: run[0] / run[1])
        charged = raw.execute("select count(*) from billing_charge").fetchone()[0]
        return [
            {
                "name": "usage import, end to end, rows a second",
                "ratio": copied_s / imported_s,
                "target": "≥ 0.35",
                "detail": f"{count:,} records, {charged / count:.0%} charged, {count / imported_s:,.0f} a second; "
                f"COPY into the same empty table {count / copied_s:,.0f}; best of {ROUNDS}",
            },
            _memory(raw, file, count),
        ]


def _out(raw: Any, query: str) -> bytes:
    with raw.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(bytes(part) for part in copy)


def _copy_s(raw: Any, rows: bytes) -> float:
    raw.execute("create table baseline (like usage_record including all) partition by range (started_at)")
    bounds = raw.execute(
        """select pg_get_expr(part.relpartbound, part.oid) from pg_inherits
             join pg_class part on part.oid = inhrelid where inhparent = 'usage_record'::regclass"""
    ).fetchall()
    for number, (bound,) in enumerate(bounds):
        raw.execute(f"create table baseline_{number} partition of baseline {bound}")
    start = time.perf_counter()
    with raw.cursor() as cursor, cursor.copy("copy baseline from stdin") as copy:
        copy.write(rows)
    spent_s = time.perf_counter() - start
    raw.execute("drop table baseline")
    return spent_s


def _import_s(raw: Any, file: Path, count: int) -> float:
    from abonent.domains.billing import actions

    for statement in EMPTY.split(";"):
        raw.execute(statement)
    start = time.perf_counter()
    result = actions.import_usage(path=file)
    spent_s = time.perf_counter() - start
    assert (result.read, result.stored) == (count, count), result
    return spent_s


def _memory(raw: Any, file: Path, count: int) -> dict[str, object]:
    """Compare the import's peak memory for 2 and for 16 times the file, each copy with ids of its own.

    Both use up the allowances and hold records of one moment, so both end with much that is rated anew.
    """
    peaks = []
    for times in MEMORY_TIMES:
        large = _copies(file, times)
        for statement in EMPTY.split(";"):
            raw.execute(statement)
        done = subprocess.run([sys.executable, "-c", _CHILD, str(large)], stdout=subprocess.PIPE, text=True, check=True)
        peaks.append(int(done.stdout.split()[-1]))
        large.unlink()
    few, many = (times * count for times in MEMORY_TIMES)
    return {
        "name": f"usage import, memory, {many // few} times the rows",
        "ratio": peaks[1] / peaks[0],
        "target": "≤ 1.3",
        "detail": f"peak {peaks[1] // 1024} MB for {many:,} records, {peaks[0] // 1024} MB for {few:,}",
    }


def _copies(file: Path, times: int) -> Path:
    large = file.with_name("usage-large.csv")
    head, *body = file.read_bytes().splitlines(keepends=True)
    with large.open("wb") as out:
        out.write(head)
        for copy in range(times):
            out.writelines(b"%d-" % copy + row for row in body)
    return large


_CHILD = """
import os, resource, sys
from pathlib import Path
import django
django.setup()
from abonent.domains.billing import actions
actions.import_usage(path=Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
