"""A catalogue of 5,000 services: its pages and those of a line with 300 services, against a bare view; its file read.

The pages' target is that of the home page: a list that grew with the catalogue would be a hundred times as slow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from benchmarks.environment import load_operator, platform

NUMBER, OTHER = "+79000000001", "+79000000002"
OFFERS, SERVICES = 5_000, 300
FROM = date(2025, 1, 1)


def measure() -> list[dict[str, object]]:
    with platform():
        load_operator(subscribers=40, days=60)
        from django.conf import settings

        from benchmarks.requests import cookie_of, cpu_s, getter, queries_of, wall_s

        settings.ROOT_URLCONF = "benchmarks.urls"
        read_s, plain_s, load_s = _load()
        _connect(OTHER)
        cookie, other = cookie_of(NUMBER), cookie_of(OTHER)
        pages: dict[str, Callable[[], bytes]] = {
            "services, all shelves": getter("/services/", cookie),
            "services, a page of one shelf": getter("/services/?category=calls&page=7", cookie),
            "services, a search": getter("/services/?q=4321", cookie),
            "one service": getter("/services/many-4321/", cookie),
            f"home page with {SERVICES} services": getter("/home/", other),
        }
        bare = getter("/bare/", cookie)
        bare_s, *spent = cpu_s(bare, *pages.values())
        _, *walls = wall_s(bare, *pages.values(), rounds=30)
        found: list[dict[str, object]] = [
            {
                "name": f"{OFFERS:,} services sold: {name}, CPU",
                "ratio": page_s / bare_s,
                "target": "≤ 8" if name.startswith(("home", "one")) else "≤ 12",
                "detail": f"against a bare view, {bare_s * 1e3:.2f} ms; {wall * 1e3:.1f} ms by the clock",
            }
            for name, page_s, wall in zip(pages, spent, walls, strict=True)
        ]
        home = pages[f"home page with {SERVICES} services"]
        home()
        return [
            *found,
            {
                "name": f"home page with {SERVICES} services, queries", "ratio": queries_of(home), "target": "≤ 8",
                "detail": "as many as with none",
            },
            {
                "name": f"a file of {OFFERS:,} services read and checked", "ratio": (read_s + load_s) / plain_s,
                "target": "≤ 4",
                "detail": f"against parsing its YAML alone, {plain_s:.1f} s; read {read_s:.1f} s, checked against what is "
                f"stored {load_s:.1f} s",
            },
        ]  # fmt: skip


def _load() -> tuple[float, float, float]:
    """Store the services; return the seconds of reading the file, of parsing its YAML alone, of the check by load."""
    from django.utils.timezone import localdate

    from abonent.domains.catalog import offers, offers_queries, offers_yaml, rules_yaml
    from abonent.domains.catalog.offers_rules import Catalogue
    from abonent.foundation.clock import now

    known = offers_queries.catalogue()
    model = next(one for one in known.versions if one.category == "calls" and one.package is None)
    many = [
        replace(
            model, code=f"many-{number:04}", valid_from=FROM, valid_until=None, fee_minor=100 + number, per="month",
            names={"ru": f"Услуга {number:04}", "en": f"Service {number:04}"}, id=None, conflicts=(),
            category=known.categories[number % len(known.categories)].code if number % 3 else "calls",
            requires=(f"many-{number - 1:04}",) if number % 10 else (),
        )
        for number in range(OFFERS)
    ]  # fmt: skip
    text = offers_yaml.write(Catalogue(known.categories, tuple(many)))
    plain_s = _wall_s(lambda: rules_yaml.composed(text))
    read_s = _wall_s(lambda: offers_yaml.read(text))
    catalogue, today = offers_yaml.read(text), localdate(now())
    offers.load(catalogue, today=today)
    return read_s, plain_s, _wall_s(lambda: offers.load(catalogue, today=today, only_check=True))


def _connect(number: str) -> None:
    """Let a line have many services, each charged once."""
    from abonent.domains.billing.actions import charge_fees
    from abonent.domains.catalog import offers_queries
    from abonent.domains.lines import products, queries
    from abonent.foundation.clock import now

    line = queries.served_by_number(number)
    assert line is not None
    wanted = offers_queries.of_offers(f"many-{number:04}" for number in range(SERVICES))
    for place, version in enumerate(wanted):
        products.begin(line_id=line.id, offer_version_id=version.id or 0, at=now() - timedelta(days=3, seconds=place))
    charge_fees(until=now())


def _wall_s(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
