"""Saved cards: tokens of the bank, sealed; forgotten at once, and at the bank as soon as it listens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.config.reactions import REACTIONS
from abonent.domains.identity.events import AccountErased
from abonent.domains.lines.events import AccountLeft
from abonent.domains.payments import actions, cards, models, queries, reactions
from abonent.domains.payments.ports import NoAnswer, Reason
from abonent.domains.payments.states import State
from abonent.foundation.clock import now
from tests.factories import payments

pytestmark = pytest.mark.django_db
PAYER = 11


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


def charge(card_id: int, **changes: Any) -> tuple[Any, State]:
    payment_id = uuid4()
    given = {
        "payment_id": payment_id, "purpose": "top-up", "reference": "7", "ledger_account_id": payments.account(),
        "amount_minor": 10_000, "payer_id": PAYER, "card_id": card_id, "description": "", "at": now(),
    } | changes  # fmt: skip
    return payment_id, actions.charge_card(**given)


def to_forget() -> list[int]:
    return [job.args["card_id"] for job in ProcrastinateJob.objects.filter(task_name="forget_card")]


def test_cab_5_a_card_is_saved_only_when_asked_and_its_token_is_sealed(bank: payments.Bank) -> None:
    payments.settled(bank)
    assert queries.cards(PAYER) == ()
    payments.saved_card(bank)
    (card,) = queries.cards(PAYER)
    assert (card.brand, card.last_four, card.is_valid) == ("MIR", "4321", True)
    assert payments.CARD.token not in models.Card.objects.get().token


def test_another_payers_card_is_not_there(bank: payments.Bank) -> None:
    card_id = payments.saved_card(bank)
    with pytest.raises(actions.NoSuchCard):
        payments.start(method="saved card", card_id=card_id, payer_id=12)
    assert charge(card_id, payer_id=12)[1] is State.DECLINED
    assert "charge" not in bank.calls
    assert not actions.forget_card(payer_id=12, card_id=card_id)
    assert len(queries.cards(PAYER)) == 1


def test_a_card_that_ended_is_declined_without_the_bank(bank: payments.Bank) -> None:
    card_id = payments.saved_card(bank, card=replace(payments.CARD, expires_on=date(2026, 1, 31)))
    payment_id, state = charge(card_id)
    assert (state, queries.payment(payment_id).reason) == (State.DECLINED, Reason.EXPIRED_CARD)
    with pytest.raises(actions.CardNotValid):
        payments.start(method="saved card", card_id=card_id)
    assert "charge" not in bank.calls


def test_a_card_is_good_on_its_last_day(bank: payments.Bank) -> None:
    payments.saved_card(bank, card=replace(payments.CARD, expires_on=date(2026, 3, 31)))
    assert queries.cards(PAYER, date(2026, 3, 31))[0].is_valid
    assert not queries.cards(PAYER, date(2026, 4, 1))[0].is_valid


def test_a_forgotten_card_goes_at_once_and_at_the_bank_when_it_listens(bank: payments.Bank) -> None:
    card_id = payments.saved_card(bank)
    assert actions.forget_card(payer_id=PAYER, card_id=card_id)
    assert queries.cards(PAYER) == ()
    assert charge(card_id)[1] is State.DECLINED
    assert to_forget() == [card_id]
    bank.down.add("forget")
    with pytest.raises(NoAnswer):
        cards.forget_at_gateway(card_id)
    bank.down.clear()
    cards.forget_at_gateway(card_id)
    cards.forget_at_gateway(card_id)
    assert bank.forgotten == [payments.CARD.token]
    assert not models.Card.objects.exists()


def test_a_payment_under_way_saves_no_card_of_somebody_forgotten(bank: payments.Bank) -> None:
    payment_id = payments.start(save_card=True).payment_id
    reactions.forget_payer(PAYER)
    bank.pay(payment_id)
    assert payments.ask(payment_id) is State.SETTLED
    assert queries.cards(PAYER) == ()
    # The bank kept it and is told to forget it.
    assert len(to_forget()) == 1


def test_a_deleted_account_leaves_payments_that_are_nobodys(bank: payments.Bank) -> None:
    payments.saved_card(bank)
    late = payments.start(save_card=True).payment_id
    reactions.forget_person(PAYER)
    bank.pay(late)
    assert payments.ask(late) is State.SETTLED
    assert queries.payments_of(payer_id=PAYER) == ()
    assert queries.payment(late).payer_id is None
    assert not models.Card.objects.filter(forgotten_at=None).exists()


def test_a_number_released_and_an_account_deleted_are_answered() -> None:
    assert "abonent.domains.payments.reactions.forget_payer" in REACTIONS[AccountLeft]
    assert "abonent.domains.payments.reactions.forget_person" in REACTIONS[AccountErased]


def test_a_card_renewed_by_its_bank_is_shown_with_its_new_end(bank: payments.Bank) -> None:
    payments.saved_card(bank, card=replace(payments.CARD, expires_on=date(2026, 12, 31)))
    assert cards.to_renew(date(2026, 12, 1)) == [PAYER]
    assert cards.to_renew(date(2026, 10, 1)) == []
    for held in bank.orders.values():
        held.card = replace(payments.CARD, expires_on=date(2031, 12, 31))
    assert cards.renew(payer_id=PAYER, at=now() + timedelta(seconds=1)) == 1
    assert queries.cards(PAYER)[0].expires_on == date(2031, 12, 31)
    bank.orders.clear()
    assert cards.renew(payer_id=PAYER, at=now() + timedelta(seconds=1)) == 1
    assert queries.cards(PAYER) == ()
