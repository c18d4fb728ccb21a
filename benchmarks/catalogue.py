"""A catalogue of 5,000 services: its pages against the same with the few of the demo, a line with 300, its file read.

A page that grew with the catalogue would be a hundred times as slow; twice is what longer shelves on it may cost.
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

        from benchmarks.requests import cookie_of, cpu_s, getter, queries_of

        settings.ROOT_URLCONF = "benchmarks.urls"
        cookie, other = cookie_of(NUMBER), cookie_of(OTHER)
        few = {"services": "/services/", "one service": "/services/caller-name/"}
        before = dict(zip(few, cpu_s(*[getter(path, cookie) for path in few.values()]), strict=True))
        read_s, plain_s, load_s = _load()
        _connect(OTHER)
        pages = {
            "services, all shelves": "/services/",
            "services, a page of one shelf": "/services/?category=calls&page=7",
            "services, a search": "/services/?q=4321",
            "one service": "/services/many-4321/",
        }
        bare, home = getter("/bare/", cookie), getter("/home/", other)
        bare_s, home_s, *spent = cpu_s(bare, home, *[getter(path, cookie) for path in pages.values()])
        baseline = [before["one service" if name == "one service" else "services"] for name in pages]
        found: list[dict[str, object]] = [
            {
                "name": f"{OFFERS:,} services sold: {name}",
                "ratio": page_s / base_s,
                "target": "≤ 2",
                "detail": f"CPU {page_s * 1e3:.1f} ms, against {base_s * 1e3:.1f} ms with the few of the demo",
            }
            for name, page_s, base_s in zip(pages, spent, baseline, strict=True)
        ]
        home()
        return [
            *found,
            {
                "name": f"home page with {SERVICES} services", "ratio": home_s / bare_s, "target": "≤ 8",
                "detail": f"CPU, against a bare view, {bare_s * 1e3:.2f} ms",
            },
            {
                "name": f"home page with {SERVICES} services, queries", "ratio": queries_of(home), "target": "≤ 8",
                "detail": "as many as with none",
            },
            {
                "name": f"a file of {OFFERS:,} services read and checked", "ratio": (read_s + load_s) / plain_s,
                "target": "≤ 4",
                "detail": f"parsing its YAML alone takes {plain_s:.1f} s; reading {read_s:.1f} s, comparing with what "
                f"is there {load_s:.1f} s",
            },
        ]  # fmt: skip


def _load() -> tuple[float, float, float]:
    """Store the services; return the seconds of reading the file, of parsing its YAML alone, of the check by load."""
    from django.utils.timezone import localdate

    from abonent.domains.catalog import rules_yaml
    from abonent.domains.catalog.offers import actions as offers
    from abonent.domains.catalog.offers import queries as offers_queries
    from abonent.domains.catalog.offers import yaml as offers_yaml
    from abonent.domains.catalog.offers.rules import Catalogue
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
    from abonent.domains.catalog.offers import queries as offers_queries
    from abonent.domains.lines import queries
    from abonent.domains.lines.products import actions as products
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
