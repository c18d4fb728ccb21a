"""CAB-19, CAB-2: what costs money is refused at the limit, with the reason and the way out; what is free never is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine

from abonent.domains.billing.family_pays import actions as family_pays
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.promised import actions as promised
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised.rules import Choice, Offer, Refusal, Why
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers.rules import Refusal as NotSent
from abonent.domains.billing.transfers.states import State
from abonent.domains.messaging.texts import sms as texts
from abonent.foundation.clock import now
from tests.factories import limits as make
from tests.factories import promised as promise
from tests.factories import transfers as send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_the_middle_of_a_month() -> Iterator[None]:
    with time_machine.travel("2026-11-20T09:00:00Z"):
        yield


def test_cab_19_a_transfer_beyond_the_limit_is_refused_and_one_within_goes() -> None:
    anna, maria = make.limited(send.rich(), 310_00, block=True), send.maria()
    refused = send.sent(anna, maria, 306_00)
    assert (refused.state, refused.reason) == (State.REFUSED, "limit"), "the fee counts as well"
    done = send.sent(anna, maria, 300_00)
    assert done.state is State.DONE
    again = send.asked(anna, maria.number, 100_00)
    _, reason = transfers.why_not(again, account_id=send.account_of(anna), at=now())
    assert reason
    assert (reason.refusal, reason.most_minor) == (NotSent.LIMIT, 310_00 - 300_00 - done.fee_minor)


def test_cab_19_only_telling_refuses_nothing() -> None:
    anna, maria = make.limited(send.rich(), 100_00), send.maria()
    assert send.sent(anna, maria, 300_00).state is State.DONE


def test_cab_19_a_limit_that_is_reached_between_page_and_code_is_heeded() -> None:
    anna, maria = make.limited(send.rich(), 400_00, block=True), send.maria()
    wish = send.asked(anna, maria.number, 300_00)
    shown = send.code_for(wish, anna)
    make.spend(anna, 200_00)
    before = send.balances(anna, maria)
    refused = transfers.confirm(transfer_id=wish.id, account_id=send.account_of(anna), shown=shown, at=now())
    assert (refused.state, refused.reason) == (State.REFUSED, "limit")
    assert send.balances(anna, maria) == before


def test_cab_19_what_came_by_mistake_goes_back_whatever_the_limit_says() -> None:
    anna, maria = send.rich(), make.limited(send.maria(), 10_00, block=True)
    given = send.sent(anna, maria, 300_00)
    transfers.ask_back(transfer_id=given.id, contract_ids=[anna.contract_id], at=now())
    back_id = transfers.give_back(transfer_id=given.id, account_id=send.account_of(maria), line=maria, at=now())
    wish = transfers.queries.asked_by(back_id, send.account_of(maria))
    assert transfers.why_not(wish, account_id=send.account_of(maria), at=now())[1] is None


def test_cab_19_paying_for_the_family_stops_at_the_limit_and_says_so_once() -> None:
    anna, maria = make.limited(send.rich(500_000), 500_00, block=True), send.maria()
    pay = send.agreed(anna, maria, 1_000_00)
    assert send.balances(maria) == [300_00]
    send.drain(maria, 300_00)
    for _ in range(3):
        assert family_pays.cover(pay_id=pay.id, at=now()) is None
    assert send.balances(maria) == [0]
    assert send.told(anna.number).count("лимит расходов на месяц исчерпан") == 1
    limits.raise_for_month(
        line_id=anna.id, version=1, month=date(2026, 11, 1), to_minor=900_00, at=now()
    )  # fmt: skip
    assert family_pays.cover(pay_id=pay.id, at=now())
    assert send.balances(maria) == [300_00]


@pytest.mark.parametrize(("left_minor", "sums"), [(9_99, []), (10_00, [100_00]), (20_00, [100_00, 200_00])])
def test_cab_19_a_promised_payment_is_offered_when_its_fee_fits(left_minor: int, sums: list[int]) -> None:
    promise.rules()
    line = promise.regular(at=now())
    make.spend(line, 50_00)
    make.limited(line, 50_00 + left_minor, block=True)
    decision = promised_queries.standing(line, now()).decision
    if sums:
        assert isinstance(decision, Offer)
        assert [choice.amount_minor for choice in decision.choices] == sums
    else:
        assert decision == Refusal(Why.LIMIT)
        with pytest.raises(promised.NotOffered):
            promise.take(line, at=now())


def test_cab_19_a_promised_payment_without_a_fee_is_never_refused_for_a_limit() -> None:
    promise.rules(replace(promise.TERMS, choices=(Choice(10_000, 0, 3), Choice(20_000, 2_000, 5))))
    line = make.limited(promise.regular(at=now()), 10_00, block=True)
    make.spend(line, 10_00)
    decision = promised_queries.standing(line, now()).decision
    assert isinstance(decision, Offer)
    assert [(choice.amount_minor, choice.fee_minor) for choice in decision.choices] == [(10_000, 0)]
    promise.take(line, at=now(), promise_id=uuid4())


def test_cab_19_a_new_month_allows_it_again_by_itself() -> None:
    anna, maria = make.limited(send.rich(), 10_00, block=True), send.maria()
    make.spend(anna, 10_00)
    with time_machine.travel(now() + timedelta(days=11)):
        wish = send.asked(anna, maria.number, 100_00)
        reason = transfers.why_not(wish, account_id=send.account_of(anna), at=now())[1]
        assert reason
        assert reason.most_minor == 10_00, "the whole limit is left, and 100 roubles are more"
        make.limited(anna, 500_00, block=True)
        assert transfers.why_not(wish, account_id=send.account_of(anna), at=now())[1] is None


@pytest.mark.parametrize("language", ["ru", "en"])
def test_cab_19_the_message_to_who_pays_is_written_in_both_languages(language: str) -> None:
    text = texts.render("family limit", {"other": "+7 900 ···-00-02", "number": "+79000000001"}, None, language)
    assert "/limits/" in text
    assert "%(" not in text
