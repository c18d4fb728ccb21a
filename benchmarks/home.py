"""The home page against a view that does nothing behind the same middleware, with the same session."""

from __future__ import annotations

from benchmarks.environment import load_operator, platform

NUMBER = "+79000000001"


def measure() -> list[dict[str, object]]:
    with platform():
        load_operator(subscribers=100, days=60)
        from django.conf import settings

        from benchmarks.requests import cookie_of, cpu_s, getter, queries_of

        settings.ROOT_URLCONF = "benchmarks.urls"
        cookie = cookie_of(NUMBER)
        bare, home = getter("/bare/", cookie), getter("/home/", cookie)
        bare_s, home_s = cpu_s(bare, home)
        home()
        queries = queries_of(home)
        return [
            {
                "name": "home page, CPU a request",
                "ratio": home_s / bare_s,
                "target": "≤ 8",
                "detail": f"against a bare view behind the same middleware, {bare_s * 1e3:.2f} ms",
            },
            {
                "name": "home page, queries",
                "ratio": queries,
                "target": "≤ 8",
                "detail": "whatever the number of lines, services, operations",
            },
        ]
