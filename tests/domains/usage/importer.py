"""A process of its own that imports a file in small batches: to be killed, or to run beside another.

`python -m tests.domains.usage.importer DATABASE FILE [PIECE_BYTES]` prints a line after each batch: bytes read so far
and the most memory used so far, in kilobytes. Records that `then` was given go to the table `then_given`: a test can
see there whether it had each exactly once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
import polars as pl
from django.conf import settings

from tests.memory import peak_kb

SMALL_PIECE_BYTES = 100_000


def main(database: str, path: Path, piece_bytes: int) -> None:
    django.setup()
    settings.DATABASES["default"]["NAME"] = database
    from django.db import connection

    from abonent.domains.usage import actions, reading

    reading.PIECE_BYTES = piece_bytes

    def then(frame: pl.DataFrame) -> None:
        with connection.cursor() as cursor:
            cursor.execute("insert into then_given select unnest(%s::text[])", [frame["record_id"].to_list()])

    def progress(done: int, _total: int) -> None:
        print(done, peak_kb(), flush=True)

    result = actions.import_file(path=path, then=then, progress=progress)
    print(result.read, result.stored, result.already, result.rejected, result.parked)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonent.config.settings")
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else SMALL_PIECE_BYTES)
