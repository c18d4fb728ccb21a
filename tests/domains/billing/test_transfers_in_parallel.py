"""Two tabs, two devices, thirty confirmations at once, money both ways at once: on PostgreSQL, with real threads."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import close_old_connections, connection

from abonent.domains.billing import actions, jobs, models
from abonent.domains.billing.family_pays import actions as family_pays
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers.proofs import ByApp
from abonent.domains.billing.transfers.queries import Transfer
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity.factors.rules import FactorError
from abonent.domains.identity.rules import CodeError
from abonent.domains.ledger import queries as ledger
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.domains.identity.test_guards import at_once
from tests.factories import factors
from tests.factories import transfers as make

pytestmark = pytest.mark.django_db(transaction=True)
FEE = 500


@pytest.fixture(autouse=True)
def _leave_no_connection():
    yield
    close_old_connections()


def test_thirty_confirmations_at_once_move_the_money_once() -> None:
    anna, maria = make.rich(), make.maria()
    account_id, wish = make.account_of(anna), make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    answers = at_once(lambda _: transfers.confirm(transfer_id=wish.id, account_id=account_id, shown=shown, at=now()))
    done = [answer for answer in answers if isinstance(answer, Transfer)]
    assert done
    assert {answer.state for answer in done} == {State.DONE}
    assert all(isinstance(answer, Transfer | CodeError) for answer in answers), answers
    assert make.balances(anna, maria) == [100_000 - 30_000 - FEE, 30_000]
    assert models.Charge.objects.count() == 2
    assert ledger.disagreements() == []


def test_one_code_of_the_app_in_two_tabs_moves_one_of_two_transfers() -> None:
    anna, maria = make.rich(), make.maria()
    account_id = factors.with_totp(make.account_of(anna))
    wishes = [make.asked(anna, maria.number, 10_000 + number) for number in range(8)]
    typed = factors.totp_code(account_id, now())
    answers = at_once(
        lambda number: transfers.confirm(
            transfer_id=wishes[number].id, account_id=account_id, shown=ByApp(typed, ""), at=now()
        ),
        8,
    )
    assert sum(isinstance(answer, Transfer) for answer in answers) == 1
    assert all(isinstance(answer, Transfer | FactorError) for answer in answers), answers
    assert models.Transfer.objects.filter(state=State.DONE).count() == 1


def test_two_devices_never_send_more_than_there_is() -> None:
    anna, maria = make.rich(100_000), make.maria()
    account_id = make.account_of(anna)
    wishes = [make.asked(anna, maria.number, 40_000 + number) for number in range(6)]
    shown = [make.code_for(wish, anna) for wish in wishes]
    answers = at_once(
        lambda number: transfers.confirm(
            transfer_id=wishes[number].id, account_id=account_id, shown=shown[number], at=now()
        ),
        6,
    )
    states = [answer.state for answer in answers if isinstance(answer, Transfer)]
    assert sorted(states) == [State.DONE] * 2 + [State.REFUSED] * 4, answers
    left, came = make.balances(anna, maria)
    assert left >= 5_000
    assert left + came + 2 * FEE == 100_000
    assert ledger.disagreements() == []


def test_the_limit_of_the_day_holds_whatever_comes_at_once() -> None:
    anna, maria = make.rich(5_000_000), make.maria()
    account_id = make.account_of(anna)
    wishes = [make.asked(anna, maria.number, 200_000 + number) for number in range(6)]
    shown = [make.code_for(wish, anna) for wish in wishes]
    at_once(
        lambda number: transfers.confirm(
            transfer_id=wishes[number].id, account_id=account_id, shown=shown[number], at=now()
        ),
        6,
    )
    assert models.Transfer.objects.filter(state=State.DONE).count() == 2


def test_money_both_ways_at_once_never_waits_in_a_ring() -> None:
    anna, boris = make.rich(1_000_000), make.rich(1_000_000)
    pairs = [(anna, boris), (boris, anna)] * 6
    wishes = [make.asked(one, other.number, 10_000 + number) for number, (one, other) in enumerate(pairs)]
    shown = [make.code_for(wish, pair[0]) for wish, pair in zip(wishes, pairs, strict=True)]
    accounts = [make.account_of(pair[0]) for pair in pairs]
    answers = at_once(
        lambda number: transfers.confirm(
            transfer_id=wishes[number].id, account_id=accounts[number], shown=shown[number], at=now()
        ),
        len(pairs),
    )
    assert [answer.state for answer in answers if isinstance(answer, Transfer)] == [State.DONE] * len(pairs), answers
    assert sum(make.balances(anna, boris)) == 2_000_000 - len(pairs) * FEE
    assert ledger.disagreements() == []


def test_a_form_sent_from_many_tabs_is_one_wish_and_one_look_up() -> None:
    anna, maria = make.rich(), make.maria()
    account_id, form_id = make.account_of(anna), uuid4()

    def send(_: int) -> Transfer:
        transfer_id = transfers.ask(
            form_id=form_id,
            account_id=account_id,
            line=anna,
            number=Msisdn(maria.number),
            amount_minor=30_000,
            at=now(),
        )
        return transfers.look_up(transfer_id=transfer_id, account_id=account_id, at=now())

    assert len({answer.id for answer in at_once(send, 12) if isinstance(answer, Transfer)}) == 1
    assert models.Transfer.objects.count() == 1


def test_ten_names_a_day_are_looked_up_whatever_comes_at_once() -> None:
    anna = make.rich()
    make.account_of(anna)

    def look(number: int) -> Transfer:
        return make.asked(anna, f"+790011111{number:02}")

    answers = at_once(look, 20)
    assert sum(isinstance(answer, Transfer) for answer in answers) == 10
    assert sum(isinstance(answer, transfers.TooManyNumbers) for answer in answers) == 10


def test_a_top_up_in_the_same_moment_loses_nothing() -> None:
    anna, maria = make.rich(100_000), make.maria()
    account_id, wish = make.account_of(anna), make.asked(anna, maria.number)
    shown, at = make.code_for(wish, anna), now()

    def work(number: int) -> object:
        if number == 0:
            return transfers.confirm(transfer_id=wish.id, account_id=account_id, shown=shown, at=at)
        line = anna if number % 2 else maria
        return actions.top_up(
            payment_id=uuid4(), contract_id=line.contract_id, amount_minor=100, at=at, method="card"
        )  # fmt: skip

    answers = at_once(work, 11)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert make.balances(anna, maria) == [100_000 - 30_000 - FEE + 500, 30_000 + 500]


def test_vas_6_a_member_is_topped_up_once_however_many_workers_look() -> None:
    payer, member = make.rich(500_000), make.maria()
    pay = make.agreed(payer, member)
    make.drain(member, make.balances(member)[0])
    answers = at_once(lambda _: family_pays.cover(pay_id=pay.id, at=now()), 12)
    assert sum(answer is not None for answer in answers) == 1, answers
    assert ledger.disagreements() == []


def test_a_transfer_that_cannot_be_ended_holds_up_no_invitation() -> None:
    anna, maria = make.rich(), make.maria()
    make.asked(anna, maria.number)
    make.invited(anna, maria.number)
    with connection.cursor() as cursor:
        cursor.execute("create function no_end() returns trigger language plpgsql as 'begin raise ''broken''; end'")
        cursor.execute("create trigger no_end before update on billing_transfer execute function no_end()")
    try:
        with time_machine.travel(now() + timedelta(days=8), tick=False), pytest.raises(ExceptionGroup):
            jobs.expire_transfers(0)
        assert models.FamilyPay.objects.get().ended_by == "time"
        assert models.Transfer.objects.get().state == State.ASKED
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop function no_end cascade")
