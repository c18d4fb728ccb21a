"""Subscriptions in one second (CAB-11): two callbacks, a stop and a fee, two codes, with real commits."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction

from abonent.domains.billing.content import actions as content
from abonent.domains.billing.content import queries as content_queries
from abonent.domains.billing.products import Short
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions import consent as subscriptions_consent
from abonent.domains.orders.subscriptions.rules import State, Why
from tests.domains.orders.test_subscriptions import DAY
from tests.domains.orders.test_tariffs_in_parallel import together
from tests.factories import subscriptions as make
from tests.factories.orders import AT, assert_books_agree, rich

pytestmark = pytest.mark.django_db(transaction=True)


def test_cab_11_callbacks_at_once_make_one_request_one_code_one_fee() -> None:
    make.publish()
    line = rich()
    one, other = make.wish(line), make.wish(line)

    def ask(wish: subscriptions_asking.Wish) -> str:
        try:
            return str(subscriptions_asking.ask(wish=wish, at=AT).id)
        except subscriptions_asking.Refused as refused:
            return refused.why

    answers = together(*(lambda wish=wish: ask(wish) for wish in (one, other, one, other)))
    row = models.Subscription.objects.get()
    assert set(answers) == {str(row.id), "already"}
    assert make.messages(line) == ["subscription asked"]
    code = make.code(row.id)

    def agree() -> str:
        try:
            subscriptions_consent.agree(subscription_id=row.id, typed=code, by="page", at=AT)
        except subscriptions_consent.Gone:
            return "gone"
        return "begun"

    assert sorted(together(agree, agree, agree)) == ["begun", "gone", "gone"]
    assert make.charges(line) == [("partner-fee", 500)]


def test_cab_11_a_stop_and_a_fee_of_one_second_leave_nothing_paid_that_does_not_work() -> None:
    make.publish()
    line = rich()
    one = make.begun(line, "films")
    at = AT + 7 * DAY

    def stop() -> State:
        done = subscriptions.stop(subscription_id=one.id, line_ids=[line.id], why=Why.OWNER, by="owner", at=at)
        return done.state

    def charge() -> State:
        return subscriptions.charge(subscription_id=one.id, at=at)

    together(stop, charge, charge, stop)
    found = make.now(one.id)
    assert found.state is State.ENDED
    # Either it was never charged again, or six of the seven days came back.
    assert (found.paid_minor, found.back_minor) in ((7_000, 0), (8_000, 6_000))
    assert make.balance(line) == 50_000 - found.paid_minor
    with transaction.atomic():
        assert_books_agree()


def test_cab_11_moves_and_fees_at_once_never_bring_the_content_account_below_nothing() -> None:
    make.publish(make.OTHER)
    line = rich(10_000)
    content.switch(contract_id=line.contract_id, on=True, at=AT)
    content.move(move_id=uuid4(), contract_id=line.contract_id, line_id=line.id, amount_minor=7_000, at=AT)
    asked = [make.ask(line, "films", provider=provider) for provider in (make.STARS, make.OTHER)]

    def back() -> str:
        try:
            content.move(move_id=uuid4(), contract_id=line.contract_id, line_id=line.id, amount_minor=-7_000, at=AT)
        except Short:
            return "short"
        return "moved"

    moved, *_ = together(back, *(lambda one=one: make.agree(one) for one in asked))
    standing = content_queries.standing(line.contract_id)
    paid = sum(make.now(one).paid_minor for one in asked)
    assert (standing.balance_minor, standing.main_minor + paid) == (0, 10_000)
    assert paid == (0 if moved == "moved" else 7_000)
    with transaction.atomic():
        assert_books_agree()
