"""Signing in by password over real HTTP to `abonent serve`, and what a flood of guesses leaves to others.

The hashing limit is what the cores do when they do nothing else. Clients and database share the cores with the server.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environment import VAR, platform
from benchmarks.knocking import Answers, Going, Knocks, knock

PEOPLE = 200
PASSWORD = "verbose otter 19"
SECONDS = 6.0
HASHING_SECONDS = 3.0
ROUNDS = 5
PARALLEL_GUESSES = 200
FLOOD_PER_SECOND = 1000


def measure() -> list[dict[str, object]]:
    with platform():
        numbers = _people()
        with _server() as (port, pids):
            ratio, limit, entered = _sign_in(port, numbers)
            idle_mb = _memory_mb(pids)
            guessed_mb = _memory_under_guesses(port, numbers, pids)
            quiet, flooded, flood = _flood(port, numbers)
    return [
        {
            "name": "sign-in by password, of what the cores can hash",
            "ratio": ratio,
            "target": "≥ 0.9",
            "detail": f"{entered.entered_per_second:.0f} of {limit:.0f} a second over HTTP, the middle one in "
            f"{entered.median_s * 1e3:.0f} ms; clients and database on the same cores, "
            f"of each {entered.cpu_s / entered.statuses['302'] * 1e3:.1f} ms by the client; middle of {ROUNDS} turns",
        },
        {
            "name": f"memory of the server under {PARALLEL_GUESSES} guesses at once",
            "ratio": guessed_mb / idle_mb,
            "target": "≤ 1.5",
            "detail": f"against without; {idle_mb:.0f} MB, with guesses {guessed_mb:.0f} MB, all processes",
        },
        {
            "name": f"sign-in by code under {FLOOD_PER_SECOND} wrong passwords a second",
            "ratio": flooded / quiet,
            "target": "≥ 0.5",
            "detail": f"of its usual rate: {flooded:.0f} of {quiet:.0f} requests a second, {flood}",
        },
    ]


def _people() -> list[str]:
    """Make people with a password; return their numbers."""
    from abonent.domains.identity import models
    from tests.factories import passwords

    lines = [passwords.account(password="") for _ in range(PEOPLE)]
    from abonent.domains.identity import hashing

    models.Account.objects.update(password=hashing.made(PASSWORD))
    return [line.number for line in lines]


def _hashes_per_second() -> float:
    """Return how many hashes a second the cores do: as many threads as the server has, as far stepped back."""
    from abonent.domains.identity import hashing

    cores = len(os.sched_getaffinity(0))
    pool = hashing.Pool(running=hashing.HASHES_PER_CORE * cores, waiting=0)
    hasher = hashing.PepperedArgon2()
    salt, until, done = hasher.salt(), time.monotonic() + HASHING_SECONDS, []

    def work() -> None:
        while time.monotonic() < until:
            hasher.encode(PASSWORD, salt)
            done.append(1)

    threads = [threading.Thread(target=pool.run, args=(work,)) for _ in range(pool.places)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done) / (time.monotonic() - start)


@contextmanager
def _server() -> Iterator[tuple[int, list[int]]]:
    """Serve as an operator would; yield the port and the ids of the server's processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    workers = len(os.sched_getaffinity(0))
    server = subprocess.Popen(
        [sys.executable, "-m", "abonent.entrypoints.cli.main", "serve", "--port", str(port), "--workers", str(workers)],
        env=os.environ | {"ABONENT_VAR": str(VAR)},
        start_new_session=True,
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://localhost:{port}/login/password/", timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
        yield port, [server.pid, *_children(server.pid)]
    finally:
        server.terminate()
        server.wait(20)


def _sign_in(port: int, numbers: list[str]) -> tuple[float, float, Answers]:
    """Return the middle ratio of some turns, its hashes a second without the server's work, and its sign-ins.

    In turns, since other processes take their share of the machine as they like: around each turn of sign-ins the
    hashes are counted. The people sign in with a browser that they have used before.
    """
    from django.core import signing

    from abonent.entrypoints.portal.identity import browser

    mark = signing.dumps("the owners' browser", salt=browser.DEVICE)
    forms = [("/login/password/", {"login": number, "password": PASSWORD}) for number in numbers]
    clients = 2 * len(os.sched_getaffinity(0))
    knock(Knocks(port, forms, clients, SECONDS, mark=mark))
    rounds, before = [], _hashes_per_second()
    for _ in range(ROUNDS):
        entered, after = knock(Knocks(port, forms, clients, SECONDS, mark=mark)), _hashes_per_second()
        limit, before = (before + after) / 2, after
        rounds.append((entered.entered_per_second / limit, limit, entered))
    return sorted(rounds, key=lambda turn: turn[0])[ROUNDS // 2]


def _memory_under_guesses(port: int, numbers: list[str], pids: list[int]) -> float:
    """Return the most megabytes the server took while many guessed at once, door or no door."""
    forms = [("/login/password/", {"login": number, "password": "wrong horse"}) for number in numbers]
    going = Going(Knocks(port, forms, PARALLEL_GUESSES, 4.0, pause_s=0))
    most, done = 0.0, threading.Event()
    while going.process.poll() is None and not done.wait(0.05):
        most = max(most, _memory_mb(pids))
    going.answers()
    return most


def _flood(port: int, numbers: list[str]) -> tuple[float, float, str]:
    """Return the rates of requests of sign-in by code without and under a flood, and words about the flood."""
    wrong = [("/login/password/", {"login": f"+7900{n:07}", "password": "wrong horse"}) for n in range(5_000)]
    codes = [("/login/", {"number": f"+7900{n:07}"}) for n in range(1_000_000, 1_020_000)]
    half = len(codes) // 2
    quiet = knock(Knocks(port, codes[:half], 4, SECONDS))
    going = Going(Knocks(port, wrong, 64, SECONDS + 3, per_second=FLOOD_PER_SECOND))
    time.sleep(2)
    flooded = knock(Knocks(port, codes[half:], 4, SECONDS))
    flood = going.answers()
    total = sum(flood.statuses.values())
    words = f"{total / flood.seconds:.0f} guesses a second, {flood.statuses.get('503', 0) / total:.0%} turned away"
    return quiet.entered_per_second, flooded.entered_per_second, words


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def _memory_mb(pids: list[int]) -> float:
    """Return the memory that the processes hold, in megabytes."""
    total = 0
    for pid in pids:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        total += int(found[1]) if found else 0
    return total / 1024
