"""Top-ups end to end, against home pages of the same server in the same run: both by HTTP, by as many clients.

A top-up is everything that happens: the form is sent, the payment is written down, the bank registers the order, takes
the money at once and calls back, the web server keeps the callback, a worker asks the bank and settles, the ledger
posts, the account says why, the owner is told. Web server, worker, bank and the clients share the machine.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks.environment import VAR, load_operator, platform

CLIENTS, TOP_UPS, PAGES, ROUNDS = 4, 200, 200, 3
# The last of these pay, each once a round: what is the same again within minutes is asked about first.
SUBSCRIBERS, DAYS = 260, 2
CSRF, FORM = "b" * 32, "application/x-www-form-urlencoded"
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
        load_operator(subscribers=SUBSCRIBERS, days=DAYS)
        payers = _payers()
        with _running(web, bank):
            rounds = [(_home_pages_s(web, payers[0]), _top_ups_s(web, payers, 100 + turn)) for turn in range(ROUNDS)]
    pages_s, top_ups_s = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
    pages, top_ups = PAGES / pages_s, TOP_UPS / top_ups_s
    return [
        {
            "name": "top-ups end to end by HTTP, a second",
            "ratio": top_ups / pages,
            "target": "≥ 0.05",
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


def _payers() -> list[str]:
    """Return the cookies of people signed in, one of each contract."""
    from django.db import connection

    from benchmarks.requests import cookie_of

    with connection.cursor() as cursor:
        cursor.execute(
            """select min(number) from lines_line
                where service = 'mobile' and closed_at is null and blocked_at is null
                group by contract_id order by 1 desc limit %s""",
            [TOP_UPS],
        )
        numbers = [number for (number,) in cursor.fetchall()]
    assert len(numbers) == TOP_UPS
    return [f"{cookie_of(number)}; csrf={CSRF}" for number in numbers]


def _home_pages_s(web: int, cookie: str) -> float:
    request = urllib.request.Request(f"http://localhost:{web}/home/", headers={"Cookie": cookie})

    def look(_: int) -> None:
        with urllib.request.urlopen(request) as answer:
            assert "/home/" in answer.url
            answer.read()

    look(0)
    begun = time.perf_counter()
    _by_clients(look, PAGES)
    return time.perf_counter() - begun


def _top_ups_s(web: int, payers: list[str], amount: int) -> float:
    from abonent.domains.billing import models
    from abonent.domains.ledger import queries as ledger

    ids = [uuid4() for _ in payers]

    def pay(turn: int) -> None:
        fields = {"amount": str(amount), "way": "card", "id": str(ids[turn]), "csrfmiddlewaretoken": CSRF}
        form = urlencode(fields).encode()
        connection = http.client.HTTPConnection("localhost", web, timeout=WAIT_S)
        connection.request("POST", "/topup/confirm/", form, {"Cookie": payers[turn], "Content-Type": FORM})
        answer = connection.getresponse()
        assert answer.status == 302, answer.read().decode()
        assert str(ids[turn]) in answer.headers["Location"]
        connection.close()

    begun = time.perf_counter()
    _by_clients(pay, TOP_UPS)
    _wait(lambda: models.Payment.objects.filter(id__in=ids, amount_minor=amount * 100).count() == TOP_UPS)
    lasted = time.perf_counter() - begun
    assert ledger.disagreements() == []
    return lasted
