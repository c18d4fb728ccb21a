"""A process of its own that imports and charges a file in small batches: to be killed.

`python -m tests.domains.billing.importer DATABASE FILE` prints a line after each batch.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.conf import settings

PIECE_BYTES = 20_000


def main(database: str, path: Path) -> None:
    django.setup()
    settings.DATABASES["default"]["NAME"] = database
    from abonent.domains.billing import actions
    from abonent.domains.billing.rating import batch as rating_batch
    from abonent.domains.usage import reading

    reading.PIECE_BYTES = PIECE_BYTES
    rating_batch.PERIODS_AT_ONCE = 1
    actions.import_usage(path=path, progress=lambda done, _total: print(done, flush=True))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonent.config.settings")
    main(sys.argv[1], Path(sys.argv[2]))
