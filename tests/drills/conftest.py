"""The running operator under attack: people of it, browsers, and a look into its database to see what changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.core import signing
from psycopg import sql

from abonent.domains.identity.sessions import SessionStore
from tests.drills.browser import Answer, Http
from tests.running import WAIT_S, Operator, free_port, running

SUBSCRIBERS, DAYS = 100, 2
# What our own gateways sign with, and nobody else.
GATEWAY_KEY = "drill-" * 8
PASSWORD = "ящик-пружина-облако-57"
# What workers and clocks write by themselves.
OWN_LIFE = ("procrastinate_", "django_migrations")
# What workers do now or would at once, and messages of which they have not heard all.
ON_ITS_WAY = """
select (select count(*) from procrastinate_jobs
         where status = 'doing' or status = 'todo' and coalesce(scheduled_at, now()) <= now())
     + (select count(*) from messaging_message
         where state in ('queued', 'sending') or state = 'sent' and created_at > now() - interval '3 seconds')
"""


@dataclass
class Target:
    """The operator that drills attack."""

    operator: Operator
    database: psycopg.Connection[tuple[Any, ...]]

    @property
    def address(self) -> str:
        return self.operator.address

    def browser(self, **headers: str) -> Http:
        """Return a browser that was never here before, with pages in English."""
        browser = Http(self.address, **headers)
        browser.cookies["language"] = "en"
        return browser

    def person(self) -> str:
        """Return the number of somebody who never signed in and shares no contract with anybody drills use."""
        return self.operator.spare_number()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.database.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> Any:
        """Return the first column of the first row; None without one."""
        row = self.database.execute(query, values).fetchone()
        return row[0] if row else None

    def account_of(self, number: str) -> int:
        """Return the account that the number opened."""
        found: int = self.one(
            "select account_id from lines_lineaccess a join lines_line l on l.id = a.line_id where l.number = %s",
            number,
        )
        return found

    def snapshot(self, *besides: str) -> dict[str, tuple[int, int]]:
        """Return rows and checksum of every table but those named, to tell whether anything changed.

        What was sent before is on its way until a worker is done with it: that is waited for.
        """
        until = time.monotonic() + WAIT_S
        while self.one(ON_ITS_WAY) and time.monotonic() < until:
            time.sleep(0.1)
        tables = self.rows(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = 'public' and c.relkind = 'r'"
        )
        return {
            table: self.database.execute(
                sql.SQL("select count(*), coalesce(sum(hashtext(t::text)), 0)::bigint from {} t").format(
                    sql.Identifier(table)
                )
            ).fetchone()  # type: ignore[misc]
            for (table,) in tables
            if not table.startswith((*OWN_LIFE, *besides))
        }

    def an_hour_later(self, *numbers: str) -> None:
        """As far as sending codes goes, an hour passes: for these numbers, and for all flows together."""
        self.database.execute(
            "update identity_numberguard set sends = array(select t - interval '61 minutes' from unnest(sends) t)"
            " where number = any(%s)",
            [list(numbers)],
        )
        self.database.execute("delete from identity_sendflow")

    def a_day_later(self, *numbers: str) -> None:
        """A day passes for what was sent to these numbers, and for what was guessed."""
        self.database.execute(
            "update identity_numberguard set sends = '{}',"
            " failures = array(select t - interval '25 hours' from unnest(failures) t) where number = any(%s)",
            [list(numbers)],
        )
        self.database.execute("delete from identity_sendflow")

    def a_day_later_for_all(self) -> None:
        """Nobody tried or sent anything lately."""
        self.database.execute("update identity_numberguard set sends = '{}', failures = '{}', failures_in_a_row = 0")
        self.database.execute("delete from identity_sendflow")
        self.database.execute("delete from identity_passwordguard")

    def proof_grows_old(self, browser: Http) -> None:
        """What the person of this browser proved counts as fresh no more, as after half an hour."""
        key, salt = (self.operator.var / "secret-key").read_text(), SessionStore().key_salt
        kept = signing.loads(self.one("select data from identity_session where key = %s", browser.cookies["session"]),
                             key=key, salt=salt)  # fmt: skip
        kept["proven_at"] = kept["proof_used_at"] = kept["proven_at"] - 31 * 60
        self.database.execute(
            "update identity_session set data = %s where key = %s",
            [signing.dumps(kept, key=key, salt=salt, compress=True), browser.cookies["session"]],
        )

    def letters(self, address: str) -> list[dict[str, str]]:
        """Return the letters in the mailbox, newest first."""
        with urllib.request.urlopen(f"{self.address}/phone/mail.json?address={quote(address)}") as answer:
            found: list[dict[str, str]] = json.load(answer)
        return found

    def wait_for(self, what: Callable[[], Any]) -> Any:
        """Wait until `what` is true, and return it."""
        until = time.monotonic() + WAIT_S
        while not (found := what()):
            assert time.monotonic() < until, "it did not come"
            time.sleep(0.05)
        return found

    def sms(self, number: str, *, after: int = 0) -> str:
        """Wait for a message to the handset beyond the first `after` that lie on it, and return the newest."""

        def arrived() -> list[str]:
            return [one["text"] for one in self.operator.messages(number)[after:] if one["recipient"] == number]

        return str(self.wait_for(arrived)[-1])

    def ask_code(self, browser: Http, number: str, *, wanted: str = "") -> str:
        """Ask for a code to sign in with as a person does, and return it."""
        before = len(self.operator.messages(number))
        browser.get("/login/")
        answer = browser.post("/login/", {"number": number, "next": wanted})
        assert answer.location == "/login/code/", answer.words
        return self.operator.code(number, after=before)

    def sign_in(self, number: str, browser: Http | None = None, **headers: str) -> Http:
        """Return a browser in which the person with this number signed in by a code, and wants no password."""
        browser = browser or self.browser(**headers)
        entered = browser.post("/login/code/", {"code": self.ask_code(browser, number)})
        if entered.location.startswith("/login/offer/"):
            entered = browser.post(entered.location, {"choice": "later"})
        assert entered.status == 302, entered.words
        assert browser.get("/home/").status == 200
        self.an_hour_later(number)
        return browser

    def set_password(self, browser: Http, password: str = PASSWORD) -> None:
        """Give the account of a browser signed in lately a password."""
        answer = browser.post("/security/password/", {"password": password})
        assert answer.status == 302, answer.words

    def set_email(self, browser: Http, address: str) -> None:
        """Give the account of a browser signed in lately a confirmed e-mail address."""
        answer = browser.post("/security/email/", {"email": address})
        assert answer.location == "/security/email/code/", answer.words
        letter = self.wait_for(lambda: self.letters(address))[0]
        code = next(word for word in letter["text"].split() if word.strip(".:").isdecimal()).strip(".:")
        entered = browser.post("/security/email/code/", {"code": code})
        assert entered.location.startswith("/security/email/?set"), entered.words

    def by_password(self, browser: Http, login: str, password: str, **headers: str) -> Answer:
        return browser.post("/login/password/", {"login": login, "password": password}, **headers)


def is_in(browser: Http) -> bool:
    """Return whether the browser sees the cabinet."""
    return browser.get("/home/").status == 200


def quiet(target: Target) -> dict[str, tuple[int, int]]:
    """Wait until the workers have nothing left to do; return what every table holds."""
    until = time.monotonic() + WAIT_S
    before = target.snapshot()
    while True:
        time.sleep(0.3)
        after = target.snapshot()
        if after == before:
            return after
        assert time.monotonic() < until
        before = after


@pytest.fixture(scope="package")
def operator() -> Iterator[Operator]:
    environment = {"ABONENT_GATEWAY_KEY": GATEWAY_KEY}
    with running("drills", subscribers=SUBSCRIBERS, days=DAYS, environment=environment) as operator:
        yield operator


@pytest.fixture(scope="package")
def _target(operator: Operator) -> Iterator[Target]:
    with psycopg.connect(operator.database_url, autocommit=True) as database:
        yield Target(operator, database)
    # Whatever was tried, nothing broke that no drill looked at. What is refused is a warning there.
    broken = [line for line in (operator.var / "demo.log").read_text().splitlines() if "Internal Server Error" in line]
    assert broken == []


@pytest.fixture
def target(_target: Target) -> Target:
    """The operator, with nothing left of the floods that other drills made."""
    _target.database.execute("delete from identity_sendflow")
    return _target


@pytest.fixture(scope="package")
def strict(operator: Operator) -> Iterator[str]:
    """The same operator behind a name of its own, over HTTPS only, as a proxy of its own would reach it."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "abonent.entrypoints.cli.main", "serve", "--port", str(port), "--workers", "1"],
        env={name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}
        | {"ABONENT_VAR": str(operator.var), "ABONENT_DEMO": "1", "ABONENT_HTTPS": "1",
           "ABONENT_HOSTS": "cabinet.example", "ABONENT_ADDRESS": "https://cabinet.example"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://localhost:{port}"
    until = time.monotonic() + WAIT_S
    while True:
        assert server.poll() is None
        assert time.monotonic() < until
        try:
            Http(address, Host="cabinet.example").get("/login/")
            break
        except ConnectionError:
            time.sleep(0.05)
    yield address
    server.terminate()
    server.wait(WAIT_S)
