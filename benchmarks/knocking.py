"""Clients over real HTTP, thin enough to leave the processor to the server: a process of threads on plain sockets.

Run as a program it reads what to do as JSON from its input, does it, and writes what came of it.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
CSRF = "b" * 32


@dataclass(frozen=True)
class Knocks:
    """Forms to send again and again, over `connections` at once, for `seconds`; at most `per_second` of them, 0: any.

    A form is an address and its fields, in the browser that `mark` names if it is given: its form is valid, its cookies
    are whole. After an answer 503 a client waits `pause_s` and comes again on a new connection, as a browser would.
    """

    port: int
    forms: list[tuple[str, dict[str, str]]]
    connections: int
    seconds: float
    per_second: float = 0
    pause_s: float = 0.005
    mark: str = ""


@dataclass
class Answers:
    """How many answers of each status came in how many seconds, how long the middle one of 302 took.

    `cpu_s` is what the clients themselves took of the processor.
    """

    statuses: dict[str, int]
    seconds: float
    median_s: float
    cpu_s: float

    @property
    def entered_per_second(self) -> float:
        return self.statuses.get("302", 0) / self.seconds


class Going:
    """Clients at work in a process of their own."""

    def __init__(self, knocks: Knocks) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.knocking"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert self.process.stdin
        self.process.stdin.write(json.dumps(asdict(knocks)))
        self.process.stdin.close()

    def answers(self) -> Answers:
        """Wait until they are done and return what came of it."""
        assert self.process.stdout
        said = json.loads(self.process.stdout.read())
        self.process.wait()
        return Answers(**said)


def knock(knocks: Knocks) -> Answers:
    """Send the forms and return what was answered."""
    return Going(knocks).answers()


def request_of(address: str, fields: dict[str, str], place: int, mark: str = "") -> bytes:
    """Return the bytes of a form sent from a network of its own."""
    body = urlencode({"csrfmiddlewaretoken": CSRF, **fields}).encode()
    cookie = f"; device={mark}" if mark else ""
    head = (
        f"POST {address} HTTP/1.1\r\nHost: localhost\r\nCookie: csrf={CSRF}{cookie}\r\nConnection: keep-alive\r\n"
        f"X-Forwarded-For: 198.{18 + place // 65536 % 2}.{place // 256 % 256}.{place % 256}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def answer(connection: socket.socket) -> int:
    """Read one answer whole and return its status."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("the server hung up")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head[9:12])


def _work(knocks: Knocks) -> Answers:
    requests = [
        request_of(address, fields, place * 256, knocks.mark) for place, (address, fields) in enumerate(knocks.forms)
    ]
    counted: Counter[str] = Counter()
    took: list[float] = []
    turn = iter(range(10**9))
    start, cpu_start = time.monotonic(), time.process_time()
    until = start + knocks.seconds

    def client() -> None:
        while time.monotonic() < until:
            with socket.create_connection(("127.0.0.1", knocks.port)) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                knock_on(connection)

    def knock_on(connection: socket.socket) -> None:
        while time.monotonic() < until:
            number = next(turn)
            if knocks.per_second:
                time.sleep(max(0.0, start + number / knocks.per_second - time.monotonic()))
            sent = time.monotonic()
            connection.sendall(requests[number % len(requests)])
            status = answer(connection)
            counted[str(status)] += 1
            if status == 302:
                took.append(time.monotonic() - sent)
            if status == 503 and not knocks.per_second:
                time.sleep(knocks.pause_s)
                return

    threads = [threading.Thread(target=client) for _ in range(knocks.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    cpu_s = time.process_time() - cpu_start
    return Answers(dict(counted), time.monotonic() - start, took[len(took) // 2] if took else 0.0, cpu_s)


if __name__ == "__main__":
    given = json.loads(sys.stdin.read())
    print(json.dumps(asdict(_work(Knocks(**given)))))
