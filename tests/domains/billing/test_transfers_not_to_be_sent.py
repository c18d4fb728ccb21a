"""Money that is not to be sent: what is held for something else, what a protected cabinet has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine

from abonent.domains.billing import models
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers import rules
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity import freezing
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import transfers as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def anna() -> Line:
    return make.rich()


@pytest.fixture
def maria() -> Line:
    return make.maria()


def unmoved(anna: Line, maria: Line) -> bool:
    return make.balances(anna, maria) == [100_000, 0] and not models.Charge.objects.exists()


def test_what_is_held_for_something_else_is_not_sent_to_others(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number, 60_000)
    shown = make.code_for(wish, anna)
    in_ledger = models.Account.objects.get(contract_id=anna.contract_id).ledger_account_id
    house = ledger.open_account(book="revenue", code="service", house=True)
    ledger.hold(
        transfer_id=uuid4(), debit=in_ledger, credit=house, amount_minor=50_000, booked_at=now(), kind="service"
    )
    _, reason = transfers.why_not(wish, account_id=make.account_of(anna), at=now())
    assert reason == rules.Refused(rules.Refusal.SHORT, missing_minor=60_000 + 600 + 5_000 - 50_000)
    assert (
        transfers.confirm(transfer_id=wish.id, account_id=make.account_of(anna), shown=shown, at=now()).state
        is State.REFUSED
    )
    assert unmoved(anna, maria)


def test_id_15_nothing_is_sent_from_a_cabinet_that_was_protected_meanwhile(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    freezing.freeze(account_id=make.account_of(anna), event_id=None, at=now(), by="agent:1")
    with pytest.raises(freezing.Frozen):
        transfers.confirm(transfer_id=wish.id, account_id=make.account_of(anna), shown=shown, at=now())
    assert unmoved(anna, maria)
