"""The benchmarks' own database: embedded, durable like a real one, under var/bench."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

VAR = Path(__file__).resolve().parents[1] / "var" / "bench"


@contextmanager
def platform() -> Iterator[None]:
    """Set Django up on an empty, migrated database of the benchmarks' own."""
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {
        "ABONENT_VAR": str(VAR),
        "ABONENT_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "abonent.config.settings",
    }
    from abonent.foundation.embedded_postgres import EmbeddedPostgres

    with EmbeddedPostgres(VAR / "postgres").in_use():
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("drop schema public cascade; create schema public")
        call_command("migrate", verbosity=0, interactive=False)
        yield
        connection.close()


def best_s(work: Callable[[], object], times: int) -> float:
    """Return the shortest wall time of `times` runs, in seconds."""
    return min(_timed(work, time.perf_counter) for _ in range(times))


def median_s(work: Callable[[], object], times: int) -> float:
    """Return the median wall time of `times` runs, in seconds."""
    return statistics.median(_timed(work, time.perf_counter) for _ in range(times))


def median_cpu_s(work: Callable[[], object], times: int) -> float:
    """Return the median CPU time of this process over `times` runs, in seconds."""
    return statistics.median(_timed(work, time.process_time) for _ in range(times))


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def load_operator(*, subscribers: int, days: int) -> None:
    """Fill the database with the fictional operator."""
    from abonent.demo import load
    from abonent.foundation.clock import now

    load.load(
        subscribers=subscribers,
        days=days,
        seed=1,
        now=now().replace(minute=0, second=0, microsecond=0),
        folder=VAR / "demo",
        progress=lambda phase, done, total: None,
    )
