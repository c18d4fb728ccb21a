"""The whole product as `abonent demo` runs it: its processes, its own database, its phone on screen."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

CODE_WAIT_S = 60
FIRST_SPARE_NUMBER = 4


@dataclass
class Operator:
    """The running demo. Codes are limited per number, so tests take numbers nobody has used yet."""

    address: str
    var: Path
    # What the owners of the first numbers tell an agent, as the demo prints it.
    people: tuple[str, ...] = ()
    # Where the demo's bank is, as the demo prints it.
    bank: str = ""
    _spare: int = field(default=FIRST_SPARE_NUMBER)

    def spare_number(self) -> str:
        """Return a mobile number that nobody has signed in with."""
        number = f"+7900{self._spare:07d}"
        self._spare += 1
        return number

    def messages(self, number: str) -> list[dict[str, str]]:
        """Return the SMS on the handset, newest last."""
        with urllib.request.urlopen(f"{self.address}/phone/messages.json?number={quote(number)}") as answer:
            return json.load(answer)

    def code(self, number: str, *, after: int = 0) -> str:
        """Wait for a code in a message beyond the first `after`, and return the newest."""
        until = time.monotonic() + CODE_WAIT_S
        while time.monotonic() < until:
            # Another message may come right after it: what changed is told, too.
            for message in reversed(self.messages(number)[after:]):
                if found := re.search(r"\b(\d{6})\b", message["text"]):
                    return found[1]
            time.sleep(0.1)
        raise AssertionError(f"no code came to {number}: {self.messages(number)}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(
    name: str, *, subscribers: int, days: int, environment: Mapping[str, str] | None = None
) -> Iterator[Operator]:
    """Run a demo of that size in a folder of its own, and leave nothing of it behind."""
    var = Path(os.environ["ABONENT_VAR"]) / f"{name}-{os.getpid()}"
    subprocess.run(["rm", "-rf", var], check=True)
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}
    demo = subprocess.Popen(
        [sys.executable, "-m", "abonent.entrypoints.cli.main", "demo",
         "--port", str(port), "--subscribers", str(subscribers), "--days", str(days)],
        env=own | {"ABONENT_VAR": str(var)} | dict(environment or {}),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    output = []
    assert demo.stdout is not None
    for line in demo.stdout:
        output.append(line)
        if "Ctrl-C" in line:
            break
    assert demo.poll() is None, "".join(output)
    try:
        people = tuple(line for line in output if re.search(r"\d\d\.\d{4}.*«", line))
        bank = re.search(r"(http://localhost:\d+)/control/", "".join(output))
        assert bank
        yield Operator(f"http://localhost:{port}", var, people, bank[1])
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=30)
        subprocess.run(["rm", "-rf", var], check=True)
