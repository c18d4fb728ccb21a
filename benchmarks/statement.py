"""The statement's page of three months against one indexed range read of the same 10,000 records in psycopg."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from benchmarks.environment import median_s, platform

RECORDS, MANY, TIMES = 10_000, 100_000, 15


def measure() -> list[dict[str, Any]]:
    """Return the ratios of the whole request (session, proof, page), and of deep pages at 100,000 records."""
    with platform():
        import psycopg
        from django.conf import settings
        from django.utils import timezone

        from abonent.domains.billing.statement.rules import Filters, Position
        from abonent.foundation import clock
        from tests.factories import identity
        from tests.factories import statement as make

        now = clock.now()
        line, busy = make.line("+79000000001"), make.line("+79000000002")
        make.life(line, RECORDS, until=now)
        make.life(busy, MANY, until=now)
        for number in range(10):
            make.life(make.line(f"+7900000010{number}"), 5_000, until=now, seed=number)
        make.analyze()
        filters = Filters.parse({}, timezone.localdate(now))
        period = filters.period(make.MOSCOW)

        # A connection of its own: Django's would read each time by a function in Python.
        plain = psycopg.connect(settings.DATABASE_URL)

        def read(line_id: int) -> int:
            cursor = plain.execute(
                "select * from usage_record where line_id = %s and started_at >= %s and started_at < %s",
                [line_id, period.start, period.end],
            )
            return len(cursor.fetchall())

        browser = identity.browser(line)

        def page() -> None:
            assert browser.get("/statement/").status_code == 200

        assert read(line.id) == RECORDS
        page(), read(line.id)
        base, whole = median_s(lambda: read(line.id), TIMES), median_s(page, TIMES)
        busy_browser = identity.browser(busy)
        middle = Position(now - timedelta(days=43), 0, 1, "r")
        deep = f"/statement/?older={middle.token()}"
        assert busy_browser.get(deep).content.count(b'<td role="cell" class="when">') == 50
        first_s = median_s(lambda: busy_browser.get("/statement/"), TIMES)
        deep_s = median_s(lambda: busy_browser.get(deep), TIMES)
        base_many = median_s(lambda: read(busy.id), TIMES)
        plain.close()
    return [
        _result(
            "statement of 3 months, 10,000 records: page", whole / base, "≤ 3", f"page {_ms(whole)}, read {_ms(base)}"
        ),
        _result("the same, 100,000 records", first_s / base_many, "≤ 3", f"page {_ms(first_s)}, read {_ms(base_many)}"),
        _result("a page in the middle against the first, 100,000 records", deep_s / first_s, "≤ 1.3", f"{_ms(deep_s)}"),
    ]


def _result(name: str, ratio: float, target: str, detail: str) -> dict[str, Any]:
    return {"name": name, "ratio": ratio, "target": target, "detail": detail}


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
