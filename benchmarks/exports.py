"""The files of a statement against the same libraries writing the same rows from memory.

The whole way is measured: reading from the database, merging, wording, writing. The baseline makes the same file of
rows that are worded and in memory: PDF and XLSX in our own layout with ReportLab's canvas and XlsxWriter; CSV with
Python's `csv.writer`, row by row, to the same bytes. Memory is that of a process of its own for 100,000 entries.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from benchmarks.environment import best_s, platform

RECORDS, MANY = 10_000, 100_000
TARGETS = {"pdf": (1.5, 5), "xlsx": (1.3, 7), "csv": (1.3, 25)}
MEMORY_MB = 100


def measure() -> list[dict[str, Any]]:
    """Return the ratios of time for each kind of file, and the memory of the largest."""
    with platform():
        from django.utils import timezone, translation

        from abonent.domains.billing.statement import reading as billing
        from abonent.domains.billing.statement.rules import Filters
        from abonent.entrypoints.portal.billing.exports import csv_file, pdf_file, write, xlsx_file
        from abonent.entrypoints.portal.billing.exports.document import document
        from abonent.foundation import clock
        from tests.factories import statement as make

        now = clock.now()
        line, busy = make.line("+79000000001"), make.line("+79000000002")
        make.life(line, RECORDS, until=now)
        make.life(busy, MANY, until=now)
        make.analyze()
        filters = Filters.parse({}, timezone.localdate(now))

        def whole(extension: str) -> None:
            with billing.whole(line=line, filters=filters, zone=make.MOSCOW) as found:
                write(found, extension, zone=make.MOSCOW, made_at=now).file.close()

        def from_memory(extension: str) -> None:
            with tempfile.TemporaryFile() as file:
                if extension == "csv":
                    _plain_csv(held.columns, rows, file)
                else:
                    {"pdf": pdf_file, "xlsx": xlsx_file}[extension].write(held, file)

        results = []
        with translation.override("ru"):
            with billing.whole(line=line, filters=filters, zone=make.MOSCOW) as found:
                assert found.totals.count
                held = document(found, zone=make.MOSCOW, made_at=now)
                held = replace(held, frames=list(held.frames))
                rows = list(held.rows)
            assert _bytes(partial(csv_file.write, held)) == _bytes(partial(_plain_csv, held.columns, rows))
            for extension, (target, times) in TARGETS.items():
                whole(extension)
                # In turns, so that a busy moment of the machine hits both.
                turns = [
                    (best_s(partial(whole, extension), 1), best_s(partial(from_memory, extension), 1))
                    for _ in range(times)
                ]
                ours, base = (min(times_s) for times_s in zip(*turns, strict=True))
                results.append(
                    {
                        "name": f"statement of 10,000 records as {extension.upper()}",
                        "ratio": ours / base,
                        "target": f"≤ {target}",
                        "detail": f"{ours * 1000:.0f} ms; the same rows from memory {base * 1000:.0f} ms",
                    }
                )
        return results + [_memory(extension, busy.number) for extension in TARGETS]


def _plain_csv(columns: Sequence[str], rows: Sequence[Any], file: IO[bytes]) -> None:
    """Write the file as the csv module is used everywhere."""
    from django.utils.translation import gettext as _

    from abonent.entrypoints.portal.billing.exports.csv_file import harmless, roubles

    units, pieces = {"voice": _("s"), "data": _("B")}, _("pcs")
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(columns)
    for row in rows:
        at = row.at.strftime("%Y-%m-%d %H:%M:%S")
        unit = units.get(row.kind, pieces)
        cells = at, row.what, harmless(row.party), row.quantity, unit, row.place, row.package, roubles(row.amount_minor)
        writer.writerow(cells)
    text.flush()
    text.detach()


def _bytes(write: Callable[[IO[bytes]], None]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _memory(extension: str, number: str) -> dict[str, Any]:
    """Return how many MB more a process needs once it writes the file of 100,000 entries."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.exports", extension, number], capture_output=True, text=True, check=True
    )
    idle, peak = map(int, done.stdout.split())
    return {
        "name": f"memory for 100,000 records as {extension.upper()}, MB",
        "ratio": (peak - idle) / 1024,
        "target": f"≤ {MEMORY_MB}",
        "detail": f"above the {idle // 1024} MB of the process before",
    }


def _write_alone(extension: str, number: str) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from abonent.domains.billing.statement import reading as billing
    from abonent.domains.billing.statement.rules import Filters
    from abonent.domains.lines.queries import served_by_number
    from abonent.entrypoints.portal.billing.exports import write
    from abonent.foundation import clock
    from tests.factories import statement as make

    line = served_by_number(number)
    assert line
    idle = _peak_kb()
    filters = Filters.parse({}, timezone.localdate(clock.now()))
    with billing.whole(line=line, filters=filters, zone=make.MOSCOW) as found:
        write(found, extension, zone=make.MOSCOW, made_at=clock.now()).file.close()
    print(idle, _peak_kb())


def _peak_kb() -> int:
    """Return the most memory this process ever held; `getrusage` would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    _write_alone(*sys.argv[1:])
