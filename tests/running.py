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
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from urllib.parse import quote

import psycopg

from abonent.foundation.embedded_postgres import EmbeddedPostgres
from tests import migrated

# A busy machine takes its time: what never comes is told all the same.
WAIT_S = 120
# Above what browsers refuse to open, below what systems give to clients: Linux from 32768 on, others later.
PORTS = range(11_000, 32_000)
FIRST_NUMBER = 79000000001
# The main number of each person, those first whose answers the demo tells, and how many lines the person has.
PEOPLE = """
select min(line.number) filter (where line.service = 'mobile' and line.blocked_at is null), count(*)
  from lines_line line join customers_contract contract on contract.id = line.contract_id
 where line.closed_at is null
 group by contract.party_id having count(*) filter (where line.service = 'mobile' and line.blocked_at is null) > 0
 order by 1
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose answers are known: what the demo prints of the owners of its first numbers."""

    number: str
    document: str
    born: str
    code_word: str


@dataclass
class Operator:
    """The running demo. Codes are limited per number, so each test takes people whom nobody else takes."""

    address: str
    var: Path
    people: tuple[Person, ...] = ()
    # Where the demo's bank and network are, as the demo prints it.
    bank: str = ""
    network: str = ""
    _known: list[Person] = field(default_factory=list)
    _spare: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = list(self.people)

    @property
    def database_url(self) -> str:
        return EmbeddedPostgres(self.var / "postgres").url()

    def known_person(self) -> Person:
        """Return somebody whose answers are known and whom nobody has taken yet."""
        assert self._known, f"all {len(self.people)} people whose answers are known are taken"
        return self._known.pop(0)

    def keep(self, numbers: Collection[str]) -> None:
        """Give these to nobody: a test signs in as them because of who they are."""
        for number in numbers:
            self._spare.pop(number, None)

    def spare_number(self, *, only: bool = False, among: Collection[str] | None = None) -> str:
        """Return the number of somebody whom nobody has taken yet, and who shares no contract with anybody taken.

        With `only`, of somebody who has nothing but this number; with `among`, one of these.
        """
        spare = [number for number, lines in self._spare.items() if lines == 1 or not only]
        number = next((number for number in spare if among is None or number in among), None)
        assert number, "everybody is taken: run an operator of more subscribers"
        del self._spare[number]
        return number

    def an_hour_later(self) -> None:
        """As far as the sending of codes goes, an hour passes."""
        with psycopg.connect(self.database_url, autocommit=True) as database:
            database.execute(
                "update identity_numberguard set sends = array(select t - interval '61 minutes' from unnest(sends) t)"
            )
            database.execute("delete from identity_sendflow")

    def messages(self, number: str) -> list[dict[str, str]]:
        """Return the SMS on the handset, newest last."""
        with urllib.request.urlopen(f"{self.address}/phone/messages.json?number={quote(number)}") as answer:
            return json.load(answer)

    def code(self, number: str, *, after: int = 0) -> str:
        """Wait for a code in a message beyond the first `after`, and return the newest."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            # Another message may come right after it: what changed is told, too.
            for message in reversed(self.messages(number)[after:]):
                if found := re.search(r"\b(\d{6})\b", message["text"]):
                    return found[1]
            time.sleep(0.1)
        raise AssertionError(f"no code came to {number}: {self.messages(number)}")


def free_port() -> int:
    """Return a port that nobody listens on, and that no client gets for its own end before somebody does."""
    while True:
        port = SystemRandom().choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _people(output: list[str]) -> Iterator[Person]:
    answers = re.compile(r"(?P<born>\d\d\.\d\d\.\d{4}), (?P<document>\d\d \d\d \d{6}), «(?P<code_word>[^»]+)»")
    for place, found in enumerate(filter(None, map(answers.search, output))):
        yield Person(number=f"+{FIRST_NUMBER + place}", **found.groupdict())


@contextmanager
def running(
    name: str, *, subscribers: int, days: int, environment: Mapping[str, str] | None = None
) -> Iterator[Operator]:
    """Run a demo of that size in a folder of its own, and leave nothing of it behind."""
    var = Path(os.environ["ABONENT_VAR"]) / f"{name}-{os.getpid()}"
    subprocess.run(["rm", "-rf", var], check=True)
    migrated.lay(var)
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}
    demo = subprocess.Popen(
        [sys.executable, "-m", "abonent.entrypoints.cli.main", "demo",
         "--port", str(port), "--subscribers", str(subscribers), "--days", str(days)],
        env=own | {"ABONENT_VAR": str(var)} | dict(environment or {}),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    output: list[str] = []
    assert demo.stdout is not None
    while not any("Ctrl-C" in line for line in output):
        line = demo.stdout.readline()
        assert line, "the demo ended instead of serving:\n" + "".join(output)
        output.append(line)
    try:
        bank, network = re.findall(r"(http://localhost:\d+)/control/", "".join(output))
        operator = Operator(f"http://localhost:{port}", var, tuple(_people(output)), bank, network)
        known = {person.number for person in operator.people}
        with psycopg.connect(operator.database_url) as database:
            operator._spare = {number: lines for number, lines in database.execute(PEOPLE) if number not in known}
        yield operator
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=WAIT_S)
        subprocess.run(["rm", "-rf", var], check=True)
