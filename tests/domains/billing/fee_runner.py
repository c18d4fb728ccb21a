"""A process of its own that charges fees in small batches, over and over: to be killed.

`python -m tests.domains.billing.fee_runner DATABASE UNTIL` prints a line after each batch.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime

import django
from django.conf import settings


def main(database: str, until: datetime) -> None:
    django.setup()
    settings.DATABASES["default"]["NAME"] = database
    from abonent.domains.billing.fees import actions as fees
    from abonent.domains.lines import queries_bulk as lines

    after = 0
    while not (some := lines.opened(after=after, limit=2)).is_empty():
        fees.charge_some(some, until)
        after = some["line_id"][-1]
        print(after, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonent.config.settings")
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
