"""Signing in by code, both requests of it, against the home page. The worker that sends the code stands apart.

The people have signed in before: the first time of all also makes an account.
"""

from __future__ import annotations

import time
from http.cookies import SimpleCookie
from statistics import median
from urllib.parse import urlencode

from benchmarks.environment import load_operator, platform

NUMBER = "+79000000001"
PEOPLE = 80
CSRF = "b" * 32


def measure() -> list[dict[str, object]]:
    with platform():
        load_operator(subscribers=PEOPLE, days=60)
        from django.db import connection

        from benchmarks.requests import cookie_of, getter

        with connection.cursor() as cursor:
            cursor.execute("select number from lines_line where number ~ '^[+]79' order by id limit %s", [PEOPLE])
            numbers = [number for (number,) in cursor.fetchall()]
        for number in numbers:
            cookie_of(number)
        home = getter("/home/", cookie_of(NUMBER))
        turns = [(_cpu_s(home), *_sign_in(number, place)) for place, number in enumerate(numbers)]
        home_s, request_s, entry_s = (median(times) for times in zip(*turns[PEOPLE // 4 :], strict=True))
        return [
            {
                "name": "sign-in by code, CPU of both requests",
                "ratio": (request_s + entry_s) / home_s,
                "target": "≤ 2",
                "detail": f"in home pages; code asked for {request_s * 1e3:.1f} ms, entered {entry_s * 1e3:.1f} ms, "
                f"home page {home_s * 1e3:.1f} ms",
            }
        ]


def _cpu_s(work: object) -> float:
    assert callable(work)
    start = time.process_time()
    work()
    return time.process_time() - start


def _sign_in(number: str, place: int) -> tuple[float, float]:
    """Return the CPU seconds of asking for a code and of entering it; each from an address of its own."""
    from tests.factories.identity import last_code

    jar: SimpleCookie = SimpleCookie({"csrf": CSRF})

    def post(path: str, **typed: str) -> None:
        status, headers, _ = send(
            "POST",
            path,
            urlencode({"csrfmiddlewaretoken": CSRF, **typed}).encode(),
            HTTP_COOKIE="; ".join(f"{name}={cookie.value}" for name, cookie in jar.items()),
            REMOTE_ADDR=f"10.0.{place}.1",
        )
        assert status == 302, status
        for name, value in headers:
            if name == "Set-Cookie":
                jar.load(value)

    from benchmarks.requests import send

    request_s = _cpu_s(lambda: post("/login/", number=number))
    code = last_code(number)
    entry_s = _cpu_s(lambda: post("/login/code/", code=code))
    assert "session" in jar
    return request_s, entry_s
