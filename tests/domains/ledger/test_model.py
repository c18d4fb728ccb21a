"""The ledger beside a plain model: whatever is asked, in whatever order, again and again, both answer the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from abonent.domains.ledger import actions, queries, verifying
from abonent.domains.ledger.actions import Hold, LedgerError, Operation, Posting, PostPending, Reversal, VoidPending
from tests.domains.ledger.model import Account, Model, Refused
from tests.factories import ledger

# Two that have a floor, one without, the house; one in another currency, one in the books of somebody else.
ACCOUNTS = {
    0: Account(floor_minor=0),
    1: Account(floor_minor=-40),
    2: Account(),
    3: Account(),
    4: Account(books="main/USD"),
    5: Account(books="bank/RUB"),
}
HOUSE = 3
MINUTES = 6

# Few ids, so that many are taken, named before they are there, and used again for something else.
ids = st.integers(1, 14).map(lambda number: UUID(int=number))
numbers = st.sampled_from([0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5])
sums = st.integers(1, 60)
times = st.integers(0, MINUTES - 1).map(lambda minute: ledger.AT + timedelta(minutes=minute))
parts = st.none() | sums
sides = st.tuples(numbers, numbers).filter(lambda pair: pair[0] != pair[1])
postings = st.builds(
    lambda key, pair, amount, at: Posting(key, *pair, amount, at, "payment"), ids, sides, sums, st.just(ledger.AT)
)
holds = st.builds(
    lambda key, pair, amount, until: Hold(key, *pair, amount, ledger.AT, "payment", until),
    ids, sides, sums, st.none() | times.filter(lambda at: at > ledger.AT),
)  # fmt: skip
operations: st.SearchStrategy[Operation] = st.one_of(
    postings,
    holds,
    st.builds(PostPending, ids, ids, times, parts),
    st.builds(VoidPending, ids, ids, times),
    st.builds(Reversal, ids, ids, times, parts),
)


class LedgerBesideModel(RuleBasedStateMachine):
    """Each rule asks both; a call whose answer was lost is sent again, however long after."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.calls: list[Operation | list[Operation]] = []
        self.model = Model(ACCOUNTS)
        self.accounts = {
            number: actions.open_account(
                book="model",
                code=str(number),
                floor_minor=account.floor_minor,
                house=number == HOUSE,
                entity=account.books.split("/")[0],
                currency=account.books.split("/")[1],
            )
            for number, account in ACCOUNTS.items()
        }

    def teardown(self) -> None:
        try:
            with connection.cursor() as cursor:
                assert verifying.look(cursor, now=ledger.AT).findings == ()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def same(self, ask_model: Callable[[], tuple[Model, str]], ask_ledger: Callable[[], object]) -> None:
        """Ask both and compare the answers, refusals too."""
        try:
            self.model, expected = ask_model()
        except Refused as refused:
            expected = str(refused)
        try:
            with transaction.atomic():
                answered = str(ask_ledger())
        except LedgerError as error:
            answered = type(error).__name__
        assert _alike(answered) == _alike(expected)

    def real(self, operation: Operation) -> Operation:
        """Return an operation with the accounts' ids for their numbers."""
        if isinstance(operation, Posting | Hold):
            return replace(operation, debit=self.accounts[operation.debit], credit=self.accounts[operation.credit])
        return operation

    def send(self, call: Operation | list[Operation]) -> None:
        if isinstance(call, list):
            self.same(lambda: self.model.linked(call), lambda: actions.post_linked([self.real(one) for one in call]))
        else:
            self.same(lambda: self.model.do(call), lambda: ledger.do(self.real(call)).value)

    @initialize(sums=st.lists(st.integers(0, 100), min_size=3, max_size=3))
    def money_comes(self, sums: list[int]) -> None:
        for number, amount_minor in enumerate(sums):
            if amount_minor:
                self.send(Posting(UUID(int=100 + number), HOUSE, number, amount_minor, ledger.AT, "payment"))

    @rule(call=operations)
    def one(self, call: Operation) -> None:
        self.calls.append(call)
        self.send(call)

    @rule(call=st.lists(operations, min_size=1, max_size=4))
    def linked(self, call: list[Operation]) -> None:
        self.calls.append(call)
        self.send(call)

    @rule(choice=st.integers(0, 1000))
    def the_same_again(self, choice: int) -> None:
        if self.calls:
            self.send(self.calls[choice % len(self.calls)])

    @rule(key=ids, pair=sides, amount=sums, until=st.none() | st.just(ledger.AT + timedelta(minutes=3)), end=operations)
    def held_and_ended(self, key: UUID, pair: tuple[int, int], amount: int, until: object, end: Operation) -> None:
        """What is about another transfer is mostly about one that is there."""
        self.one(Hold(key, *pair, amount, ledger.AT, "payment", until))
        if isinstance(end, PostPending | VoidPending):
            self.one(replace(end, pending_id=key))
        elif isinstance(end, Reversal):
            self.one(replace(end, of=key))

    @rule(batch=st.lists(postings, min_size=1, max_size=5))
    def many(self, batch: list[Posting]) -> None:
        self.same(lambda: self.model.many(batch), lambda: actions.post_many([self.real(one) for one in batch]))

    @rule(now=times)
    def time_passes(self, now: object) -> None:
        self.same(lambda: self.model.expire(now), lambda: actions.expire_due(now=now))

    @rule(number=st.sampled_from([0, 1, 2]), floor_minor=st.none() | st.integers(-60, 30))
    def floor(self, number: int, floor_minor: int | None) -> None:
        def ask() -> str:
            actions.set_floor(account_id=self.accounts[number], floor_minor=floor_minor)
            return "done"

        self.same(lambda: self.model.set_floor(number, floor_minor), ask)

    @invariant()
    def every_sum_is_the_same(self) -> None:
        shown = {number: queries.standing(account) for number, account in self.accounts.items()}
        assert {
            number: (s.debits_posted_minor, s.credits_posted_minor, s.debits_pending_minor, s.credits_pending_minor)
            for number, s in shown.items()
        } == {number: self.model.sums(number) for number in ACCOUNTS}
        assert all(s.floor_minor == self.model.accounts[number].floor_minor for number, s in shown.items())
        assert all(s.available_minor >= s.floor_minor for s in shown.values() if s.floor_minor is not None)

    @invariant()
    def balances_together_are_nothing(self) -> None:
        balances = {number: queries.balance(account) for number, account in self.accounts.items()}
        assert sum(balances.values()) == 0
        assert all(queries.summed_balance(self.accounts[number]) == balance for number, balance in balances.items())


def _alike(answer: str) -> str:
    """Return the answer; which of two postings of a batch mixes what is not told."""
    return "mixed" if answer in ("BooksMismatch", "CurrencyMismatch") else answer


@pytest.mark.django_db
def test_the_ledger_answers_as_the_model_does() -> None:
    run_state_machine_as_test(
        LedgerBesideModel,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
