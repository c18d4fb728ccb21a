"""The table of `cases.txt`, run against PostgreSQL: each answer, then every balance, then the ledger's own verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction

from abonent.domains.ledger import actions, queries, verifying
from abonent.domains.ledger.actions import Hold, Operation, Posting, PostPending, Reversal, VoidPending
from tests.factories import ledger

pytestmark = pytest.mark.django_db

NOBODY = 999_999_999
TABLE = Path(__file__).with_name("cases.txt")
ACCOUNT = re.compile(
    r"account (?P<name>\w+)(?: floor (?P<floor>-?\d+))?(?P<house> house)?(?: (?P<currency>[A-Z]{3}))?"
    r"(?: of (?P<entity>\w+))?(?: has (?P<has>\d+))?"
)
TRANSFER = re.compile(
    r"(?P<what>post|hold) (?P<id>\d+) (?P<debit>\w+) (?P<credit>\w+) (?P<sum>-?\d+)"
    r"(?: until (?P<until>\d+))?(?: as (?P<kind>\w+))?(?: at (?P<at>\d+))?"
)
ABOUT = re.compile(r"(?P<what>confirm|void|reverse) (?P<id>\d+) (?P<of>\d+)(?: (?P<sum>-?\d+))?(?: at (?P<at>\d+))?")
EXPIRE = re.compile(r"expire (?P<at>\d+)(?: first (?P<limit>\d+))?")
FLOOR = re.compile(r"floor (?P<name>\w+) (?P<floor>-?\d+|none)")
BATCH = re.compile(r"(?P<what>linked|many) \{(?P<operations>.*)\}")
BALANCE = re.compile(r"(?P<name>\w+) = (?P<balance>-?\d+)(?: held (?P<held>\d+))?(?: coming (?P<coming>\d+))?")


def cases() -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the lines of each case."""
    for part in re.split(r"^== ", TABLE.read_text(), flags=re.MULTILINE)[1:]:
        name, *lines = part.strip().splitlines()
        yield name, [line for line in lines if line and not line.startswith("#")]


def minute(text: str | None) -> datetime:
    return ledger.AT + timedelta(minutes=int(text or 0))


@dataclass
class World:
    """The accounts of a case, and what can be done with them."""

    accounts: dict[str, int] = field(default_factory=lambda: {"nobody": NOBODY})

    def open(self, line: str) -> None:
        given = ACCOUNT.fullmatch(line)
        assert given, line
        own = {"currency": given["currency"] or "RUB", "entity": given["entity"] or "main", "book": "case"}
        self.accounts[given["name"]] = account = actions.open_account(
            code=given["name"],
            floor_minor=None if given["floor"] is None else int(given["floor"]),
            house=given["house"] is not None,
            **own,
        )
        if given["has"]:
            mint = actions.open_account(code="mint", house=True, **own)
            ledger.post(debit=mint, credit=account, amount_minor=int(given["has"]))

    def operation(self, text: str) -> Operation:
        if given := TRANSFER.fullmatch(text):
            own = (UUID(int=int(given["id"])), self.accounts[given["debit"]], self.accounts[given["credit"]])
            rest = (int(given["sum"]), minute(given["at"]), given["kind"] or "payment")
            if given["what"] == "post":
                return Posting(*own, *rest)
            return Hold(*own, *rest, expires_at=None if given["until"] is None else minute(given["until"]))
        given = ABOUT.fullmatch(text)
        assert given, text
        about = (UUID(int=int(given["id"])), UUID(int=int(given["of"])), minute(given["at"]))
        if given["what"] == "void":
            return VoidPending(*about)
        amount_minor = None if given["sum"] is None else int(given["sum"])
        return (PostPending if given["what"] == "confirm" else Reversal)(*about, amount_minor)

    def do(self, text: str) -> str:
        """Do what a line says and return what was answered."""
        if given := EXPIRE.fullmatch(text):
            limit = {"limit": int(given["limit"])} if given["limit"] else {}
            return str(actions.expire_due(now=minute(given["at"]), **limit))
        if given := FLOOR.fullmatch(text):
            floor_minor = None if given["floor"] == "none" else int(given["floor"])
            actions.set_floor(account_id=self.accounts[given["name"]], floor_minor=floor_minor)
            return "done"
        if given := BATCH.fullmatch(text):
            operations = [self.operation(one.strip()) for one in given["operations"].split(";") if one.strip()]
            if given["what"] == "linked":
                return str(actions.post_linked(operations))
            return str(actions.post_many([one for one in operations if isinstance(one, Posting)]))
        return ledger.do(self.operation(text)).value

    def shown(self) -> dict[str, queries.Standing]:
        known = {name: account for name, account in self.accounts.items() if account != NOBODY}
        return {name: queries.standing(account) for name, account in known.items()}

    def answer(self, text: str) -> str:
        """Return what a line is answered; when it is an error, nothing has changed."""
        before = self.shown()
        try:
            with transaction.atomic():
                return self.do(text)
        except (actions.LedgerError, ValueError) as error:
            assert self.shown() == before
            return type(error).__name__


def test_the_table_is_long_enough() -> None:
    names = [name for name, _ in cases()]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in cases()])
def test_the_ledger_answers_as_the_table_says(lines: list[str]) -> None:
    world = World()
    for line in lines:
        if line.startswith("account "):
            world.open(line)
        elif " -> " in line:
            text, expected = line.split(" -> ")
            assert world.answer(text) == expected, line
        else:
            wanted = BALANCE.fullmatch(line)
            assert wanted, line
            shown = queries.standing(world.accounts[wanted["name"]])
            assert (shown.balance_minor, shown.debits_pending_minor, shown.credits_pending_minor) == (
                int(wanted["balance"]), int(wanted["held"] or 0), int(wanted["coming"] or 0),
            ), line  # fmt: skip
    with connection.cursor() as cursor:
        assert verifying.look(cursor, now=ledger.AT).findings == ()
