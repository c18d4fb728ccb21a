"""Whatever happens between a customer, a bank and a worker that dies: money is neither lost, doubled nor unexplained.

The machine is killed at any statement of the database and at any word of the bank; the bank loses answers, repeats
itself, tells things late and in any order. In the end everything has an end, and both books say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from abonent.domains.ledger import queries as ledger
from abonent.domains.ledger.models import LedgerAccount, Transfer
from abonent.domains.payments import actions, models, notices, refunds
from abonent.domains.payments.ports import Forged, Reason, Status
from abonent.domains.payments.refunds import NotRefundable, RefundUnderWay
from abonent.domains.payments.states import FINAL, REFUND_FINAL, RefundState, State
from abonent.foundation.clock import now
from tests.factories import payments

METHODS = ("card", "sbp", "cash", "saved card")
# What a kill may cut in two: never the words by which the database itself begins and ends something.
OWN_WORDS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
CALLS = ("register", "charge", "status", "cancel", "capture", "release", "refund")
# At which call of the bank its answer is lost, or we die before we hear it.
LOSSES = st.sampled_from(["", "", "", *CALLS, *(f"die at {call}" for call in CALLS)])
KILLS = st.one_of(st.none(), st.none(), st.integers(0, 14))


class Money(RuleBasedStateMachine):
    """One account, one bank, and whatever happens."""

    begun = Bundle("begun")
    given_back = Bundle("given_back")
    bank: payments.Bank

    def __init__(self) -> None:
        super().__init__()
        self._rolled_back = transaction.atomic()
        # As Django's own tests do: what is committed in it counts as committed.
        self._rolled_back._from_testcase = True  # type: ignore[attr-defined]
        self._rolled_back.__enter__()
        self.bank = type(self).bank
        self.bank.__init__()  # type: ignore[misc]
        self.now = now()
        self.account = payments.account()
        self.asked: dict[UUID, dict[str, Any]] = {}
        self.refunds: dict[UUID, tuple[UUID, int]] = {}
        self.card_id = payments.saved_card(self.bank)
        self.seen: dict[UUID, State] = {}

    def teardown(self) -> None:
        try:
            self._let_it_end()
        finally:
            transaction.set_rollback(True)
            self._rolled_back.__exit__(None, None, None)

    @contextmanager
    def world(self, loss: str, kill: int | None) -> Iterator[None]:
        """One process works: an answer may be lost to it, and it may be killed at its `kill`-th statement."""
        self.bank.lost[:] = [loss] if loss in CALLS else []
        self.bank.deadly[:] = [loss.removeprefix("die at ")] if loss.startswith("die at ") else []
        left = kill

        def killer(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            nonlocal left
            if left is not None and not sql.startswith(OWN_WORDS):
                if left == 0:
                    raise payments.Killed
                left -= 1
            return execute(sql, *rest)

        try:
            with connection.execute_wrapper(killer):
                yield
        except payments.Killed:
            pass
        finally:
            self.bank.lost.clear()
            self.bank.deadly.clear()

    def _start(self, payment_id: UUID) -> None:
        actions.start(**self.asked[payment_id], payment_id=payment_id, at=self.now)

    @rule(
        target=begun,
        method=st.sampled_from(METHODS),
        amount=st.integers(1, 10**6),
        save=st.booleans(),
        loss=LOSSES,
        kill=KILLS,
    )
    def begin(self, method: str, amount: int, save: bool, loss: str, kill: int | None) -> UUID:
        payment_id = uuid4()
        self.asked[payment_id] = {
            "purpose": "top-up", "reference": "7", "ledger_account_id": self.account, "amount_minor": amount,
            "method": method, "payer_id": 11, "card_id": self.card_id if method == "saved card" else None,
            "save_card": save, "return_path": "/", "description": "", "language": "ru",
        }  # fmt: skip
        with self.world(loss, kill):
            self._start(payment_id)
        return payment_id

    @rule(payment_id=begun, loss=LOSSES, kill=KILLS)
    def send_the_form_again(self, payment_id: UUID, loss: str, kill: int | None) -> None:
        with self.world(loss, kill):
            if "method" in self.asked[payment_id]:
                self._start(payment_id)
            else:
                actions.charge_card(**self.asked[payment_id], payment_id=payment_id, at=self.now)

    @rule(
        target=begun,
        amount=st.integers(1, 10**6),
        why=st.sampled_from([None, None, Reason.FUNDS]),
        loss=LOSSES,
        kill=KILLS,
    )
    def charge(self, amount: int, why: Reason | None, loss: str, kill: int | None) -> UUID:
        payment_id = uuid4()
        self.bank.declines = {payments.CARD.token: why}
        self.asked[payment_id] = {
            "purpose": "top-up", "reference": "7", "ledger_account_id": self.account, "amount_minor": amount,
            "payer_id": 11, "card_id": self.card_id, "description": "",
        }  # fmt: skip
        with self.world(loss, kill):
            actions.charge_card(**self.asked[payment_id], payment_id=payment_id, at=self.now)
        return payment_id

    def _can_be_paid(self, payment_id: UUID) -> bool:
        held = self.bank.orders.get(payment_id)
        if held is None or held.order.expires_at <= self.now:
            return False
        return held.status is Status.OPEN or (held.status is Status.DECLINED and held.reason is not Reason.TIME)

    @rule(payment_id=begun, more=st.sampled_from([0, 0, 0, 5_000]), hold=st.booleans())
    def pay(self, payment_id: UUID, more: int, hold: bool) -> None:
        if not self._can_be_paid(payment_id):
            return
        self.bank.pay(payment_id, amount_minor=self.bank.orders[payment_id].order.amount_minor + more)
        if hold:
            self.bank.orders[payment_id].status = Status.HELD

    @rule(payment_id=begun)
    def pay_a_closed_order(self, payment_id: UUID) -> None:
        """The bank takes money for what it called closed, and says so."""
        held = self.bank.orders.get(payment_id)
        if held is not None and held.status is Status.DECLINED:
            self.bank.pay(payment_id)
            self.call_back(payment_id, signed=True)

    @rule(payment_id=begun)
    def decline(self, payment_id: UUID) -> None:
        if self._can_be_paid(payment_id):
            self.bank.decline(payment_id)

    @rule(payment_id=begun, signed=st.booleans())
    def call_back(self, payment_id: UUID, signed: bool) -> None:
        """Somebody says that it was paid: the bank, twice or too late, or a liar."""
        fields = {"order": f"order-{payment_id}", "signed": "yes" if signed else "no"}
        try:
            actions.hear(fields=fields, at=self.now)
        except Forged:
            assert not signed

    @rule(payment_id=begun, loss=LOSSES, kill=KILLS)
    def ask(self, payment_id: UUID, loss: str, kill: int | None) -> None:
        if models.Payment.objects.filter(id=payment_id).exists():
            with self.world(loss, kill):
                actions.ask(payment_id=payment_id, at=self.now)

    @rule(loss=LOSSES, kill=KILLS)
    def work(self, loss: str, kill: int | None) -> None:
        """A worker does what is due."""
        with self.world(loss, kill):
            self._work()

    def _work(self) -> bool:
        due = models.Payment.objects.filter(next_ask_at__lte=self.now).values_list("id", flat=True)
        back = models.Refund.objects.filter(next_ask_at__lte=self.now).values_list("id", flat=True)
        payment_ids, refund_ids = list(due), list(back)
        for payment_id in payment_ids:
            if notices.claim(payment_id, self.now):
                actions.ask(payment_id=payment_id, at=self.now)
        for refund_id in refund_ids:
            refunds.resolve(refund_id=refund_id, at=self.now)
        return bool(payment_ids or refund_ids)

    @rule(minutes=st.sampled_from([0.1, 1.1, 2.1, 5, 21, 60 * 24 * 4]))
    def wait(self, minutes: float) -> None:
        # Nothing is on its way longer than the rules believe.
        self.bank.arrive()
        self.now += timedelta(minutes=minutes)

    @rule(call=st.sampled_from(["register", "charge", "status", "cancel", "refund", "capture"]))
    def the_bank_goes_down(self, call: str) -> None:
        self.bank.down.add(call)

    @rule(call=st.sampled_from(["register", "charge", "refund"]))
    def the_next_request_takes_its_time(self, call: str) -> None:
        self.bank.late.add(call)

    @rule()
    def what_was_on_its_way_arrives(self) -> None:
        self.bank.arrive()

    @rule()
    def the_bank_comes_back(self) -> None:
        self.bank.down.clear()

    @rule(
        target=given_back,
        payment_id=begun,
        share=st.sampled_from([0.25, 0.5, 1.0, 1.5]),
        loss=LOSSES,
        kill=KILLS,
    )
    def give_back(self, payment_id: UUID, share: float, loss: str, kill: int | None) -> Any:
        row = models.Payment.objects.filter(id=payment_id).first()
        if row is None or not row.settled_minor:
            return multiple()
        refund_id = uuid4()
        self.refunds[refund_id] = payment_id, max(int(row.settled_minor * share), 1)
        self.give_back_again(refund_id, loss, kill)
        return refund_id

    @rule(refund_id=given_back, loss=LOSSES, kill=KILLS)
    def give_back_again(self, refund_id: UUID, loss: str, kill: int | None) -> None:
        payment_id, amount = self.refunds[refund_id]
        with self.world(loss, kill), suppress(NotRefundable, RefundUnderWay):
            actions.refund(refund_id=refund_id, payment_id=payment_id, amount_minor=amount, reason="", at=self.now)

    @invariant()
    def every_kopeck_is_explained(self) -> None:
        rows = {row.pk: row for row in models.Payment.objects.filter(ledger_account_id=self.account)}
        posted = {
            row.pk: row.amount_minor for row in Transfer.objects.filter(credit_account_id=self.account, kind="payment")
        }
        assert posted == {row.pk: row.settled_minor for row in rows.values() if row.state == State.SETTLED}
        back = {
            row.pk: row.amount_minor
            for row in Transfer.objects.filter(debit_account_id=self.account, phase__in=["single", "post"])
        }
        done = models.Refund.objects.filter(payment__in=rows, state=RefundState.REFUNDED)
        assert back == {row.pk: row.amount_minor for row in done}
        assert ledger.balance(self.account) == sum(posted.values()) - sum(back.values())
        accounts = LedgerAccount.objects.values_list("id", flat=True)
        assert sum(ledger.balance(account) for account in accounts) == 0
        assert ledger.disagreements() == []
        waiting = models.Refund.objects.filter(payment__in=rows).exclude(state__in=REFUND_FINAL)
        held = sum(waiting.values_list("amount_minor", flat=True))
        assert ledger.available(self.account) == ledger.balance(self.account) - held

    @invariant()
    def nothing_is_in_the_books_that_the_bank_did_not_do(self) -> None:
        for row in models.Payment.objects.filter(ledger_account_id=self.account, state=State.SETTLED):
            assert self.bank.orders[row.pk].taken_minor == row.settled_minor
            done = models.Refund.objects.filter(payment=row, state=RefundState.REFUNDED)
            assert sum(done.values_list("amount_minor", flat=True)) <= self.bank.orders[row.pk].returned_minor

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        for payment_id, state in models.Payment.objects.values_list("id", "state"):
            before = self.seen.get(payment_id)
            if before in FINAL and state != before:
                # Only money changes an end, and it does so once.
                assert (before in (State.DECLINED, State.EXPIRED), state) == (True, State.SETTLED)
            self.seen[payment_id] = State(state)

    def _let_it_end(self) -> None:
        """The bank is well again and a worker does its work: then everything has its end."""
        self.bank.down.clear()
        self.bank.late.clear()
        self.bank.arrive()
        for _ in range(60):
            worked = self._work()
            self.now += timedelta(hours=2)
            waits = [of.objects.exclude(next_ask_at=None).exists() for of in (models.Payment, models.Refund)]
            if not worked and not any(waits):
                break
        assert not models.Payment.objects.exclude(state__in=FINAL).exists()
        assert not models.Refund.objects.exclude(state__in=REFUND_FINAL).exists()
        self.every_kopeck_is_explained()
        for payment_id, held in self.bank.orders.items():
            row = models.Payment.objects.get(id=payment_id)
            assert held.status is not Status.HELD
            if held.taken_minor and not (held.returned_minor and row.state != State.SETTLED):
                assert (row.state, row.settled_minor) == (State.SETTLED, held.taken_minor)
            else:
                assert row.state != State.SETTLED
            back = models.Refund.objects.filter(payment_id=payment_id, state=RefundState.REFUNDED)
            if row.state == State.SETTLED:
                assert sum(back.values_list("amount_minor", flat=True)) == held.returned_minor


@pytest.mark.slow
@pytest.mark.django_db
def test_cab_5_money_is_never_lost_doubled_or_unexplained_whatever_happens(settings: Any) -> None:
    Money.bank = payments.open_bank(settings)
    run_state_machine_as_test(Money, settings=STEPS)


STEPS = settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
