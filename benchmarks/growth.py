"""The same subscriber's pages when the operator is a hundred times as large: they must not notice."""

from __future__ import annotations

from benchmarks.environment import load_operator, platform

SMALL, LARGE, DAYS = 50, 5_000, 30
PAGES = {"home page": "/home/", "statement": "/statement/", "expenses": "/expenses/"}
NUMBER = "+79000000001"


def measure() -> list[dict[str, object]]:
    before, records_before = _times(SMALL)
    after, records_after = _times(LARGE)
    return [
        {
            "name": f"growth 1× → 100×: {name}",
            "ratio": after[name] / before[name],
            "target": "≤ 1.3",
            "detail": f"wall time with {LARGE:,} subscribers and {records_after:,} records, "
            f"against {SMALL} and {records_before:,}",
        }
        for name in PAGES
    ]


def _times(subscribers: int) -> tuple[dict[str, float], int]:
    with platform():
        load_operator(subscribers=subscribers, days=DAYS)
        from django.db import connection

        from benchmarks.requests import cookie_of, getter, wall_s

        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze")
            cursor.execute("select count(*) from usage_record")
            records = cursor.fetchone()[0]
        cookie = cookie_of(NUMBER)
        times = wall_s(*(getter(path, cookie) for path in PAGES.values()), rounds=100)
        return dict(zip(PAGES, times, strict=True)), records
