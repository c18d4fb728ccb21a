"""Top-ups end to end, against home pages of the same server in the same run: both by HTTP, by as many clients.

A top-up is everything that happens: the payment is written down, the bank registers the order, takes the money at once
and calls back, the web server keeps the callback, a worker asks the bank and settles, the ledger posts. Web server,
worker, bank and the clients share the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

from benchmarks.environment import VAR, load_operator, platform

NUMBER = "+79000000001"
CLIENTS, TOP_UPS, PAGES, ROUNDS = 4, 200, 200, 3
AMOUNT_MINOR = 10_000
WAIT_S = 120


def measure() -> list[dict[str, object]]:
    from tests.running import free_port

    web, bank = free_port(), free_port()
    os.environ |= {
        "ABONENT_ADDRESS": f"http://localhost:{web}",
        "ABONENT_DEMO_ACQUIRER": f"http://localhost:{bank}",
        "ABONENT_PREPARED_BY": str(os.getpid()),
    }
    with platform():
        load_operator(subscribers=20, days=20)
        with _running(web, bank):
            rounds = [(_home_pages_s(web), _top_ups_s()) for _ in range(ROUNDS)]
    pages_s, top_ups_s = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
    pages, top_ups = PAGES / pages_s, TOP_UPS / top_ups_s
    return [
        {
            "name": "top-ups end to end by HTTP, a second",
            "ratio": top_ups / pages,
            "target": "≥ 0.2",
            "detail": f"in home pages a second, {CLIENTS} clients; {top_ups:.0f} top-ups a second from the form to the "
            f"ledger, bank, callback and worker included, {pages:.0f} home pages a second",
        }
    ]


@contextmanager
def _running(web: int, bank: int) -> Iterator[None]:
    """Run web server, worker and bank; the bank takes every order for paid as soon as it has it."""
    cli = "abonent.entrypoints.cli.main"
    file = VAR / "bank" / "acquirer.sqlite"
    subprocess.run(["rm", "-rf", file.parent], check=True)
    commands = [
        [cli, "serve", "--port", str(web), "--workers", "1"],
        [cli, "worker"],
        ["abonent.demo.acquirer", str(bank), "--file", str(file), "--merchant", f"http://localhost:{web}"],
    ]
    children = [subprocess.Popen([sys.executable, "-m", *command], env=os.environ.copy()) for command in commands]
    try:
        _wait(lambda: _opens(f"http://localhost:{web}/login/") and _opens(f"http://localhost:{bank}/control.json"))
        urllib.request.urlopen(f"http://localhost:{bank}/control.json", b'{"pays": true}')
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)


def _opens(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


def _wait(done: Callable[[], bool], pause_s: float = 0.01) -> None:
    until = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(pause_s)


def _by_clients(work: Callable[[int], object], times: int) -> None:
    from django.db import connection

    def client(number: int) -> None:
        try:
            for turn in range(number, times, CLIENTS):
                work(turn)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))


def _home_pages_s(web: int) -> float:
    from benchmarks.requests import cookie_of

    request = urllib.request.Request(f"http://localhost:{web}/home/", headers={"Cookie": cookie_of(NUMBER)})

    def look(_: int) -> None:
        with urllib.request.urlopen(request) as answer:
            assert "/home/" in answer.url
            answer.read()

    look(0)
    begun = time.perf_counter()
    _by_clients(look, PAGES)
    return time.perf_counter() - begun


def _top_ups_s() -> float:
    from abonent.domains.ledger import actions as ledger
    from abonent.domains.ledger import queries as books
    from abonent.domains.payments import actions, models
    from abonent.foundation.clock import now

    codes = [f"bench-{turn % 50}" for turn in range(TOP_UPS)]
    accounts = ledger.open_accounts(book="subscribers", codes=codes)
    ids: list[UUID] = [uuid4() for _ in range(TOP_UPS)]
    before = sum(books.balance(account) for account in accounts.values())

    def pay(turn: int) -> None:
        actions.start(
            payment_id=ids[turn], purpose="top-up", reference="1", ledger_account_id=accounts[codes[turn]],
            amount_minor=AMOUNT_MINOR, method="card", payer_id=None, return_path="/", description="", language="ru",
            at=now(),
        )  # fmt: skip

    begun = time.perf_counter()
    _by_clients(pay, TOP_UPS)
    _wait(lambda: models.Payment.objects.filter(id__in=ids, state="settled").count() == TOP_UPS)
    lasted = time.perf_counter() - begun
    assert sum(books.balance(account) for account in accounts.values()) - before == TOP_UPS * AMOUNT_MINOR
    return lasted
