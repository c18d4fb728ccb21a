"""Posting: cases as a table, sequences by property."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from abonent.domains.ledger import actions, queries
from abonent.domains.ledger.actions import BelowFloor, DifferentTransfer, Posted, Posting, UnknownAccount
from tests.factories import ledger

pytestmark = pytest.mark.django_db

NOBODY = 999_999_999


def transfers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger_transfer")
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class Case:
    """A purse holds 100 and may go down to `floor_minor`; `amount_minor` leaves it for the house."""

    name: str
    amount_minor: int
    floor_minor: int | None
    left_minor: int
    refused: type[Exception] | None = None


CASES = [
    Case("all of it", 100, 0, 0),
    Case("a part", 30, 0, 70),
    Case("a kopeck too much", 101, 0, 100, BelowFloor),
    Case("down to a credit limit", 150, -50, -50),
    Case("below a credit limit", 151, -50, 100, BelowFloor),
    Case("without a floor", 1_000_000, None, -999_900),
    Case("nothing", 0, None, 100, ValueError),
    Case("a negative sum", -5, None, 100, ValueError),
    Case("more than a bigint holds", 2**63, None, 100, Exception),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("in_batch", [False, True], ids=["alone", "in a batch"])
def test_a_posting_moves_money_or_is_refused_whole(case: Case, in_batch: bool) -> None:
    purse, house = ledger.account(floor_minor=case.floor_minor, balance_minor=100), ledger.house()
    posting = Posting(uuid4(), purse, house, case.amount_minor, ledger.AT, "charge")
    before = transfers()
    if case.refused:
        with pytest.raises(case.refused), transaction.atomic():
            post(posting, in_batch)
        assert transfers() == before
    else:
        assert post(posting, in_batch) is Posted.NOW
    assert queries.balance(purse) == case.left_minor
    assert queries.balance(house) == 100 - case.left_minor
    assert queries.disagreements() == []


def post(posting: Posting, in_batch: bool) -> Posted:
    if in_batch:
        return Posted.NOW if actions.post_many([posting]) else Posted.ALREADY
    return actions.post(
        transfer_id=posting.transfer_id,
        debit=posting.debit,
        credit=posting.credit,
        amount_minor=posting.amount_minor,
        booked_at=posting.booked_at,
        kind=posting.kind,
    )


@pytest.mark.parametrize("in_batch", [False, True], ids=["alone", "in a batch"])
def test_the_same_transfer_again_changes_nothing(in_batch: bool) -> None:
    purse, house = ledger.account(balance_minor=100), ledger.house()
    posting = Posting(uuid4(), purse, house, 40, ledger.AT, "charge")
    assert [post(posting, in_batch) for _ in range(3)] == [Posted.NOW, Posted.ALREADY, Posted.ALREADY]
    assert post(posting, not in_batch) is Posted.ALREADY
    assert queries.balance(purse) == 60


@pytest.mark.parametrize("in_batch", [False, True], ids=["alone", "in a batch"])
@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 41},
        {"kind": "fee"},
        {"booked_at": ledger.AT + timedelta(microseconds=1)},
        {"debit": "other"},
        {"credit": "other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_transfer_under_a_taken_id_is_refused(change: dict[str, object], in_batch: bool) -> None:
    purse, house, other = ledger.account(balance_minor=100), ledger.house(), ledger.account(balance_minor=100)
    posting = Posting(uuid4(), purse, house, 40, ledger.AT, "charge")
    post(posting, in_batch)
    different = replace(posting, **{key: other if value == "other" else value for key, value in change.items()})
    with pytest.raises(DifferentTransfer), transaction.atomic():
        post(different, in_batch)
    assert (queries.balance(purse), queries.balance(other)) == (60, 100)


@pytest.mark.parametrize("in_batch", [False, True], ids=["alone", "in a batch"])
@pytest.mark.parametrize("side", ["debit", "credit"])
def test_an_unknown_account_is_refused(side: str, in_batch: bool) -> None:
    purse, before = ledger.account(balance_minor=100), transfers()
    posting = replace(Posting(uuid4(), purse, purse, 40, ledger.AT, "charge"), **{side: NOBODY})
    with pytest.raises(UnknownAccount), transaction.atomic():
        post(posting, in_batch)
    assert (queries.balance(purse), transfers()) == (100, before)


def test_a_batch_is_posted_whole_or_not_at_all() -> None:
    rich, poor, house = ledger.account(balance_minor=100), ledger.account(floor_minor=0), ledger.house()
    before = transfers()
    batch = [Posting(uuid4(), account, house, 10, ledger.AT, "charge") for account in (rich, poor)]
    with pytest.raises(BelowFloor), transaction.atomic():
        actions.post_many(batch)
    assert (queries.balance(rich), queries.balance(poor), transfers()) == (100, 0, before)


def test_a_batch_with_the_same_transfer_twice_posts_it_once() -> None:
    purse, house = ledger.account(balance_minor=100), ledger.house()
    posting = Posting(uuid4(), purse, house, 10, ledger.AT, "charge")
    assert actions.post_many([posting, posting]) == 1
    assert queries.balance(purse) == 90
    one = replace(posting, transfer_id=uuid4())
    with pytest.raises(DifferentTransfer), transaction.atomic():
        actions.post_many([one, replace(one, amount_minor=11)])
    assert queries.balance(purse) == 90


def test_a_batch_may_pass_money_through_an_account_that_ends_above_its_floor() -> None:
    through, house = ledger.account(floor_minor=0), ledger.house()
    batch = [
        Posting(uuid4(), through, house, 70, ledger.AT, "charge"),
        Posting(uuid4(), house, through, 100, ledger.AT, "payment"),
    ]
    assert actions.post_many(batch) == 2
    assert queries.balance(through) == 30


def test_an_empty_batch_is_nothing() -> None:
    assert actions.post_many([]) == 0


def test_an_account_is_opened_once_and_keeps_its_id() -> None:
    first = actions.open_accounts(book="test", codes=["a", "b"])
    again = actions.open_accounts(book="test", codes=["b", "a", "c"])
    assert first == {"a": again["a"], "b": again["b"]}
    assert actions.open_account(book="other", code="a") not in again.values()


def test_a_house_account_has_no_floor() -> None:
    with pytest.raises(ValueError, match="floor"):
        actions.open_account(book="test", code="h", house=True, floor_minor=0)


def test_the_balance_of_no_account_is_an_error() -> None:
    with pytest.raises(queries.NoSuchAccount):
        queries.balance(NOBODY)


@dataclass(frozen=True)
class Step:
    """Transfer `number` of `amount_minor` between two of four accounts: 0 and 1 have a floor, 3 is the house."""

    number: int
    debit: int
    credit: int
    amount_minor: int


steps = st.builds(Step, st.integers(0, 12), st.integers(0, 3), st.integers(0, 3), st.integers(1, 60)).filter(
    lambda step: step.debit != step.credit
)
FLOORS: tuple[int | None, ...] = (0, -25, None, None)


class PostingByProperty(TestCase):
    """Whatever is posted in whatever order, alone or in batches, again or anew."""

    @settings(max_examples=80)
    @given(st.lists(st.lists(steps, min_size=1, max_size=5), max_size=12))
    def test_balances_are_the_sums_of_transfers_and_never_below_their_floor(self, batches: list[list[Step]]) -> None:
        accounts = [ledger.account(floor_minor=floor) for floor in FLOORS[:3]] + [ledger.house()]
        known: dict[int, Step] = {}
        for batch in batches:
            wanted = self.expected(known, batch)
            try:
                with transaction.atomic():
                    self.send(accounts, batch)
            except (BelowFloor, DifferentTransfer):
                assert wanted is None
            else:
                assert wanted is not None
                known = wanted
        assert [queries.balance(account) for account in accounts] == self.balances(known)
        assert sum(self.balances(known)) == 0
        assert queries.disagreements() == []

    def send(self, accounts: list[int], batch: list[Step]) -> None:
        postings = [
            Posting(UUID(int=s.number), accounts[s.debit], accounts[s.credit], s.amount_minor, ledger.AT, "charge")
            for s in batch
        ]
        if len(postings) == 1:
            post(postings[0], in_batch=False)
        else:
            actions.post_many(postings)

    def expected(self, known: dict[int, Step], batch: list[Step]) -> dict[int, Step] | None:
        """Return what is posted after the batch; None when it must be refused."""
        after = dict(known)
        for step in batch:
            if after.setdefault(step.number, step) != step:
                return None
        below = any(
            floor is not None and balance < floor for balance, floor in zip(self.balances(after), FLOORS, strict=True)
        )
        return None if below else after

    def balances(self, known: dict[int, Step]) -> list[int]:
        balance: dict[int, int] = defaultdict(int)
        for step in known.values():
            balance[step.debit] -= step.amount_minor
            balance[step.credit] += step.amount_minor
        return [balance[account] for account in range(4)]
