"""Money under `kill -9`: web, workers, the bank, the database and those who pay die at random, answers are lost and
repeated.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from abonent.foundation.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests import migrated
from tests.running import free_port

# What a killed worker had in hand is gone on with by the next minute, a job that failed a little later: when nothing at
# all has come to an end for that long, nothing will. A busy machine takes its time for the whole.
CHAOS_S, QUIET_S, START_S = 40, 150, 30
SEED = 20261130
WRONG = {"lose": 0.2, "repeat": 2, "early": True, "lie": "signed", "slow_ms": 20}
RIGHT = {"lose": 0, "repeat": 0, "early": False, "lie": "", "slow_ms": 0}
DATABASE = "database"
EVERYBODY = ("web", "bank", "worker 1", "worker 2", "worker 3", "customers 1", "customers 2", "customers 3")
OPEN = """
select id::text, state, next_ask_at, problem from payments_payment
 where state in ('new', 'started', 'unknown') or next_ask_at is not null
union all
select id::text, state, next_ask_at, '' from payments_refund where state in ('asked', 'unknown')
union all
select 'of jobs', status::text, max(scheduled_at), count(*)::text from procrastinate_jobs group by status
"""
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Shop:
    """The processes by name, each of which may be killed and comes back."""

    var: Path
    port: int = field(default_factory=free_port)
    bank_port: int = field(default_factory=free_port)
    # Those alive, by name: the leaders of their process groups.
    running: dict[str, int] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    _nursery: subprocess.Popen[str] | None = None

    @property
    def database(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.var / "postgres")

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}
        return own | {
            "ABONENT_VAR": str(self.var),
            "ABONENT_DEMO": "1",
            "ABONENT_ADDRESS": f"http://localhost:{self.port}",
            "ABONENT_DEMO_ACQUIRER": f"http://localhost:{self.bank_port}",
            "ABONENT_PREPARED_BY": str(os.getpid()),
            "DJANGO_SETTINGS_MODULE": "abonent.config.settings",
        }

    def open(self) -> None:
        """Make ready what workers and customers are forked from: they come back at once, however slow the machine."""
        self._nursery = self._popen("tests.drills.nursery", text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._nursery.stdout is not None
        assert self._nursery.stdout.readline() == "ready\n"

    def _popen(self, module: str, *arguments: str, **how: Any) -> Any:
        with (self.var / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=self.environment, cwd=ROOT, start_new_session=True, **{"stdout": log, "stderr": log} | how,
            )  # fmt: skip

    def start(self, name: str) -> None:
        if name == DATABASE:
            self._start_database()
        elif name == "web":
            cli = "abonent.entrypoints.cli.main"
            self.running[name] = self._popen(cli, "serve", "--port", str(self.port), "--workers", "1").pid
        elif name == "bank":
            file, shop = str(self.var / "bank.sqlite"), f"http://localhost:{self.port}"
            bank = self._popen("abonent.demo.acquirer", str(self.bank_port), "--file", file, "--merchant", shop)
            self.running[name] = bank.pid
        else:
            assert self._nursery is not None
            assert self._nursery.stdin is not None
            assert self._nursery.stdout is not None
            self._nursery.stdin.write(f"{name}\n")
            self._nursery.stdin.flush()
            self.running[name] = int(self._nursery.stdout.readline())

    def _start_database(self) -> None:
        until = time.monotonic() + START_S
        while True:
            # Until the last of the killed server is gone, a new one refuses to start.
            with suppress(EmbeddedPostgresError):
                return self.database.start()
            assert time.monotonic() < until, (self.database.folder / "log").read_text()[-2000:]
            time.sleep(0.2)

    def kill(self, name: str) -> None:
        """`kill -9` it and whatever it started."""
        self.kills[name] += 1
        if name == DATABASE:
            # Those it started see that it is gone, and go too.
            os.kill(int((self.database.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            return
        leader = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(leader, 0)

    def revive(self) -> None:
        """Start those anew who ended by themselves, as whoever runs services does."""
        for name, leader in list(self.running.items()):
            with suppress(ChildProcessError):
                os.waitpid(leader, os.WNOHANG)
            try:
                os.kill(leader, 0)
            except ProcessLookupError:
                self.start(name)

    def close(self) -> None:
        for name in list(self.running):
            self.kill(name)
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.communicate()

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *arguments], env=self.environment, cwd=ROOT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def bank(self, path: str, given: dict[str, Any] | None = None) -> Any:
        body = json.dumps(given).encode() if given is not None else None
        until = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(f"http://localhost:{self.bank_port}{path}", body, timeout=20) as answer:
                    return json.load(answer)
            except OSError:
                assert time.monotonic() < until, "the bank does not come back"
                time.sleep(0.1)


@pytest.fixture
def shop() -> Iterator[Shop]:
    var = Path(os.environ["ABONENT_VAR"]) / f"chaos-{os.getpid()}"
    subprocess.run(["rm", "-rf", var], check=True)
    migrated.lay(var)
    shop = Shop(var)
    with shop.database.in_use():
        try:
            shop.run("tests.drills.customers", "arrive")
            yield shop
        finally:
            shop.close()
    subprocess.run(["rm", "-rf", var], check=True)


def upset(shop: Shop) -> None:
    """Kill somebody at random, again and again; who was killed comes back a little later."""
    dice, until = random.Random(SEED), time.monotonic() + CHAOS_S
    gone: list[tuple[float, str]] = []
    while time.monotonic() < until:
        time.sleep(dice.uniform(0.5, 1.5))
        victim = dice.choice((*EVERYBODY, DATABASE))
        if victim == DATABASE:
            shop.kill(DATABASE)
            shop.start(DATABASE)
        elif victim in shop.running:
            shop.kill(victim)
            gone.append((time.monotonic() + dice.uniform(0.1, 1.0), victim))
        shop.revive()
        for due, name in [one for one in gone if one[0] <= time.monotonic()]:
            gone.remove((due, name))
            shop.start(name)
    for _, name in gone:
        shop.start(name)
    shop.revive()


def wait_for_customers(shop: Shop) -> None:
    """Wait until business goes on."""
    until = time.monotonic() + 60
    while not [order for order in shop.bank("/orders.json") if order["approved"]]:
        assert time.monotonic() < until, (shop.var / "log").read_text()
        time.sleep(0.2)


def let_time_pass(database: psycopg.Connection[Any]) -> int:
    """For payments and refunds half an hour passes, and they are to be asked about.

    Return how many have no end, or ended and are not explained on the account yet.
    """
    database.execute(
        "update payments_payment set created_at = created_at - interval '30 minutes',"
        " expires_at = expires_at - interval '30 minutes' where state in ('new', 'started', 'unknown')"
        " and expires_at > now()"
    )
    database.execute(
        "update payments_payment set next_ask_at = now() where state in ('new', 'started', 'unknown')"
        " or next_ask_at is not null"
    )
    database.execute(
        "update payments_refund set created_at = created_at - interval '30 minutes', next_ask_at = now()"
        " where state in ('asked', 'unknown')"
    )
    row = database.execute(
        "select (select count(*) from payments_payment where state in ('new', 'started', 'unknown')"
        " or next_ask_at is not null)"
        " + (select count(*) from payments_refund where state in ('asked', 'unknown'))"
        " + (select count(*) from payments_payment one where state = 'settled'"
        "     and not exists (select from billing_payment told where told.id = one.id))"
        " + (select count(*) from payments_refund one where state = 'refunded'"
        "     and not exists (select from billing_payment told where told.id = one.id))"
    ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_cab_5_no_money_is_lost_or_doubled_though_everybody_is_killed(shop: Shop) -> None:
    shop.open()
    for name in EVERYBODY:
        shop.start(name)
    shop.bank("/control.json", WRONG)
    wait_for_customers(shop)
    upset(shop)
    for name in [name for name in shop.running if name.startswith("customers")]:
        shop.kill(name)
    shop.bank("/control.json", RIGHT)
    settle(shop)
    agree(shop)


def settle(shop: Shop) -> None:
    """Wait until everything has come to its end, as long as something does."""
    with psycopg.connect(shop.database.url(), autocommit=True) as database:
        least, until = let_time_pass(database), time.monotonic() + QUIET_S
        while left := let_time_pass(database):
            # Those who lost the database as the storm was ending end by themselves a little after it.
            shop.revive()
            if left < least:
                least, until = left, time.monotonic() + QUIET_S
            assert time.monotonic() < until, "\n".join(map(str, database.execute(OPEN).fetchall()))
            time.sleep(2)


def agree(shop: Shop) -> None:
    """Both books say the same, to the kopeck."""
    books = json.loads(shop.run("tests.drills.customers", "verify"))
    orders = {order["number"]: order for order in shop.bank("/orders.json")}
    assert (books["sum"], books["disagreements"], books["unexplained"]) == (0, [], 0)
    settled = {name: told for name, told in books["payments"].items() if told[0] == "settled"}
    taken = {name: order["approved"] for name, order in orders.items() if order["approved"]}
    assert {name: told[1] for name, told in settled.items()} == taken
    assert all(told[1] == told[2] for told in settled.values())
    assert [told for told in books["payments"].values() if told[3]] == []
    assert {told[0] for told in books["payments"].values()} <= {"settled", "declined", "expired"}
    assert books["told"] == {name: told[1] for name, told in settled.items()}
    back: dict[str, int] = {}
    for name, state, amount in books["refunds"]:
        back[name] = back.get(name, 0) + (amount if state == "refunded" else 0)
    assert {name: amount for name, amount in back.items() if amount} == {
        name: order["refunded"] for name, order in orders.items() if order["refunded"]
    }
    assert -books["told_back"] == sum(back.values())
    print(f"{shop.kills}, {len(orders)} orders, {len(settled)} settled, {len(books['refunds'])} refunds")
    # That there was a storm at all.
    assert shop.kills.total() >= 20
    assert shop.kills[DATABASE] >= 2
    assert len(settled) >= 10
