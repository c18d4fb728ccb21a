"""What one would have paid under 20 tariffs, 10,000 records, against one plain rating of them with one tariff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.environment import median_s, platform

RECORDS, TARIFFS, TIMES = 10_000, 20, 9
TARGET_S = 1.0


def measure() -> list[dict[str, Any]]:
    """Return the ratio of the whole answer to one pass of the rating that charges, and its seconds."""
    with platform():
        from django.utils import timezone

        from abonent.demo import catalogue
        from abonent.domains.billing import queries_what_if
        from abonent.domains.billing.rating import frames as rating
        from abonent.domains.billing.rating.batch import Rater
        from abonent.domains.catalog import actions as catalog
        from abonent.domains.catalog import queries as tariffs
        from abonent.foundation import clock
        from tests.factories import identity
        from tests.factories import statement as make

        now = clock.now()
        line = make.line("+79000000001")
        for version in catalogue.tariffs():
            catalog.publish(version)
        sold = [version for version in catalogue.tariffs() if version.service == "mobile"]
        for number in range(TARIFFS - len(sold)):
            some = replace(sold[number], tariff_code=f"bench-{number}", fee_minor=sold[number].fee_minor + 100)
            catalog.publish(some)
        today = timezone.localdate(now)
        months = queries_what_if.window(line, today)
        assert months
        make.life(line, RECORDS, until=months.end, days=(months.end - months.start).days)
        make.analyze()
        offered = tariffs.offered(service="mobile", held=line.tariff_version_id, day=today)
        versions = [offer.version for offer in offered.all]
        assert len(versions) == TARIFFS
        browser = identity.browser(line)

        def plain() -> None:
            rating.settle(Rater().price(queries_what_if.records_of(line, months))[0], everything=True)

        def whole() -> None:
            found = queries_what_if.compared(line, versions, months)
            assert (found.records, len(found.costs)) == (RECORDS, TARIFFS)

        def page() -> None:
            assert browser.get("/tariffs/compare/").status_code == 200

        plain(), whole(), page()
        base, all_of_them, answered = (median_s(work, TIMES) for work in (plain, whole, page))
    return [
        {
            "name": f"what one would have paid: {TARIFFS} tariffs against one rating of the same 10,000 records",
            "ratio": all_of_them / base,
            "target": "≤ 12",
            "detail": f"{all_of_them * 1000:.0f} ms, one rating {base * 1000:.0f} ms",
        },
        {
            "name": "the same page, in seconds",
            "ratio": answered / TARGET_S,
            "target": "≤ 1",
            "detail": f"{answered * 1000:.0f} ms with session, reading and words",
        },
    ]
