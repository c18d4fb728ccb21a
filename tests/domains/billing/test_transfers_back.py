"""What was sent by mistake: asked back, given back, kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from abonent.domains.billing import models
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers import queries as transfers_queries
from abonent.domains.billing.transfers.actions import NotNow
from abonent.domains.billing.transfers.queries import NoSuchTransfer
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity.rules import CodeUsed
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import transfers as make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FEE = 500


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def anna() -> Line:
    return make.rich()


@pytest.fixture
def maria() -> Line:
    return make.maria()


def confirm(wish: transfers_queries.Transfer, sender: Line, shown: object) -> transfers_queries.Transfer:
    return transfers.confirm(
        transfer_id=wish.id,
        account_id=make.account_of(sender),
        shown=shown,
        at=now(),  # type: ignore[arg-type]
    )


def test_cab_9_a_mistake_comes_back_only_when_the_receiver_gives_it(anna: Line, maria: Line) -> None:
    done = make.sent(anna, maria)
    with pytest.raises(NotNow):
        transfers.give_back(transfer_id=done.id, account_id=make.account_of(maria), line=maria, at=now())
    with pytest.raises(NoSuchTransfer):
        transfers.ask_back(transfer_id=done.id, contract_ids=[maria.contract_id], at=now())
    for _ in range(2):
        transfers.ask_back(transfer_id=done.id, contract_ids=[anna.contract_id], at=now())
    assert "по ошибке" in make.told(maria.number)
    assert [one.id for one in transfers_queries.waiting_back(maria.contract_id)] == [done.id]
    with pytest.raises(NoSuchTransfer):
        transfers.give_back(transfer_id=done.id, account_id=make.account_of(anna), line=anna, at=now())
    account_id = make.account_of(maria)
    back_id = transfers.give_back(transfer_id=done.id, account_id=account_id, line=maria, at=now())
    assert transfers.give_back(transfer_id=done.id, account_id=account_id, line=maria, at=now()) == back_id
    wish = transfers_queries.asked_by(back_id, account_id)
    assert (wish.amount_minor, wish.fee_minor, wish.contract_to) == (30_000, 0, anna.contract_id)
    assert confirm(wish, maria, make.code_for(wish, maria)).state is State.DONE
    assert make.balances(anna, maria) == [99_500, 0]
    assert transfers_queries.waiting_back(maria.contract_id) == []
    assert models.Payment.objects.get(id=back_id).method == "transfer back"
    with pytest.raises(NotNow):
        transfers.give_back(transfer_id=done.id, account_id=account_id, line=maria, at=now())
    with pytest.raises(NotNow):
        transfers.ask_back(transfer_id=back_id, contract_ids=[maria.contract_id], at=now())


def test_what_was_spent_is_asked_for_again_after_a_top_up(anna: Line, maria: Line) -> None:
    done = make.sent(anna, maria)
    make.sent(make.rich(), maria, 6_000)
    make.sent(maria, anna, 25_000)
    transfers.ask_back(transfer_id=done.id, contract_ids=[anna.contract_id], at=now())
    account_id = make.account_of(maria)
    back_id = transfers.give_back(transfer_id=done.id, account_id=account_id, line=maria, at=now())
    wish = transfers_queries.asked_by(back_id, account_id)
    assert confirm(wish, maria, make.code_for(wish, maria)).state is State.REFUSED
    make.top_up(maria, 100_000)
    again = transfers.give_back(transfer_id=done.id, account_id=account_id, line=maria, at=now())
    wish = transfers_queries.asked_by(again, account_id)
    assert confirm(wish, maria, make.code_for(wish, maria)).state is State.DONE


def test_the_receiver_may_say_no_and_the_sender_hears_it(anna: Line, maria: Line) -> None:
    done = make.sent(anna, maria)
    with pytest.raises(NotNow):
        transfers.keep(transfer_id=done.id, contract_ids=[maria.contract_id], at=now())
    transfers.ask_back(transfer_id=done.id, contract_ids=[anna.contract_id], at=now())
    with pytest.raises(NoSuchTransfer):
        transfers.keep(transfer_id=done.id, contract_ids=[anna.contract_id], at=now())
    transfers.keep(transfer_id=done.id, contract_ids=[maria.contract_id], at=now())
    assert "не возвращает" in make.told(anna.number)
    assert transfers_queries.waiting_back(maria.contract_id) == []


def test_after_two_weeks_nothing_is_asked_back(anna: Line, maria: Line) -> None:
    done = make.sent(anna, maria)
    with time_machine.travel(NOW + timedelta(days=14), tick=False), pytest.raises(NotNow):
        transfers.ask_back(transfer_id=done.id, contract_ids=[anna.contract_id], at=now())


def test_a_used_code_is_used_for_good(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    confirm(wish, anna, shown)
    models.Transfer.objects.filter(id=wish.id).update(state=State.ASKED)
    with pytest.raises(CodeUsed):
        confirm(wish, anna, shown)
    assert make.balances(anna, maria) == [69_500, 30_000]
