"""Subscriptions of content providers (CAB-11): consent, fees, the content account, pauses, ends, bans."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from abonent.domains.billing import acts
from abonent.domains.billing.content import actions as content
from abonent.domains.billing.content import queries as content_queries
from abonent.domains.billing.products import Short
from abonent.domains.billing.statement import explanation as statement_explanation
from abonent.domains.identity import freezing
from abonent.domains.lines import actions as lines_actions
from abonent.domains.lines import models as tables
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.messaging.texts import sms as texts
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions import consent as subscriptions_consent
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.asking import DifferentRequest, Refused
from abonent.domains.orders.subscriptions.consent import Gone, WrongCode
from abonent.domains.orders.subscriptions.rules import TERMS, State, Why
from tests.factories import promised
from tests.factories import subscriptions as make
from tests.factories.orders import AT, assert_books_agree, rich

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
T = TERMS[0]


@pytest.fixture
def line() -> Line:
    make.publish(make.OTHER)
    return rich(100_000)


def stop(line: Line, one: queries.Subscription, at=AT) -> queries.Subscription:
    return subscriptions.stop(subscription_id=one.id, line_ids=[line.id], why=Why.OWNER, by="owner", at=at)


def test_cab_11_nothing_is_begun_by_a_provider_alone_and_the_sms_says_all(line: Line) -> None:
    asked = make.ask(line)
    assert make.now(asked).state is State.ASKED
    assert (make.balance(line), make.charges(line)) == (100_000, [])
    sms = Message.objects.get(template="subscription asked")
    code = make.code(asked)
    text = texts.render(sms.template, sms.params, code, "ru")
    for said in ("Гороскоп · Звёзды", "5,00", "в день", "с НДС", f"ДА {code}", "3339", f"/subscribe/{asked}/",
                 "СТОП на 3300"):  # fmt: skip
        assert said in text.replace("\N{NO-BREAK SPACE}", " "), text
    assert subscriptions_consent.code_to_deliver(str(asked), AT) == code
    assert code not in str(sms.params)


def test_cab_11_the_code_begins_it_and_the_evidence_is_kept(line: Line) -> None:
    one = make.begun(line)
    assert (one.state, one.agreed_at, one.agreed_by, one.channel) == (State.ACTIVE, AT, "page", "callback")
    assert "Гороскоп · Звёзды" in one.told
    assert "••••••" in one.told
    assert make.code(one.id) not in one.told
    assert (make.balance(line), make.charges(line)) == (99_500, [("partner-fee", 500)])
    assert (one.first_day, one.end_day) == (date(2026, 3, 10), date(2026, 3, 11))
    assert make.messages(line) == ["subscription asked", "subscription began"]
    with pytest.raises(Gone):
        make.agree(one.id)
    assert_books_agree()


def test_cab_11_a_code_of_another_price_or_provider_is_wrong_and_three_wrong_ones_end_the_request(line: Line) -> None:
    asked, other = make.ask(line), make.ask(line, provider=make.OTHER)
    assert make.code(asked) != make.code(other)
    row = models.Subscription.objects.get(id=asked)
    before = make.code(asked)
    row.price_minor += 1
    row.save()
    assert make.code(asked) != before
    for left in (2, 1, 0):
        with pytest.raises(WrongCode) as wrong:
            subscriptions_consent.agree(subscription_id=asked, typed=make.code(other), by="page", at=AT)
        assert wrong.value.left == left
    with pytest.raises(Gone):
        make.agree(asked)
    assert make.now(asked).state is State.EXPIRED
    assert make.charges(line) == []


def test_cab_11_a_request_that_nobody_answers_expires(line: Line) -> None:
    asked = make.ask(line)
    with pytest.raises(Gone):
        make.agree(asked, at=AT + T.consent_life)
    assert subscriptions_consent.code_to_deliver(str(asked), AT + T.consent_life) is None
    assert subscriptions_consent.expire(at=AT + T.consent_life - timedelta(seconds=1)) == 0
    assert subscriptions_consent.expire(at=AT + T.consent_life) == 1
    assert make.now(asked).state is State.EXPIRED


def test_cab_11_one_id_of_a_provider_is_one_request_and_not_another(line: Line) -> None:
    wish = make.wish(line)
    first, again = subscriptions_asking.ask(wish=wish, at=AT), subscriptions_asking.ask(wish=wish, at=AT)
    assert first.id == again.id
    assert make.messages(line) == ["subscription asked"]
    for other in (replace(wish, service="films", price_minor=7_000, per="week"), replace(wish, number=rich().number)):
        with pytest.raises(DifferentRequest):
            subscriptions_asking.ask(wish=other, at=AT)
    assert models.Subscription.objects.count() == 1


def test_cab_11_a_number_is_asked_a_few_times_a_day_and_never_twice_for_one_service(line: Line) -> None:
    make.ask(line)
    with pytest.raises(Refused) as refused:
        make.ask(line)
    assert refused.value.why is Why.ALREADY
    make.ask(line, "films")
    with pytest.raises(Refused) as refused:
        make.ask(line, "music")
    assert refused.value.why is Why.TOO_MANY
    with pytest.raises(Refused) as refused:
        subscriptions_asking.ask(wish=make.wish(line, number="+79009999999"), at=AT)
    assert refused.value.why is Why.NOT_SERVED
    assert models.Subscription.objects.count() == 2


def test_cab_11_while_the_cabinet_is_protected_the_right_code_begins_nothing(line: Line) -> None:
    asked, account_id = make.ask(line), lines_actions.open_line(line_id=line.id, language="ru", at=AT)
    freezing.freeze(account_id=account_id, event_id=None, at=AT, by="agent:1")
    for _ in range(4):
        with pytest.raises(Refused) as refused:
            make.agree(asked)
        assert refused.value.why is Why.PROTECTED
    assert (make.now(asked).state, make.now(asked).tries_left, make.charges(line)) == (State.ASKED, 3, [])
    freezing.thaw(account_id=account_id, at=AT, by="agent:1")
    assert make.agree(asked).state is State.ACTIVE


@pytest.mark.parametrize("what", ["sim", "forwarding"])
def test_cab_11_for_a_day_after_a_new_sim_or_forwarding_the_right_code_begins_nothing(line: Line, what: str) -> None:
    tables.Sim.objects.create(line_id=line.id, imsi="250990000000042", since=line.opened_at)
    changed = AT - timedelta(hours=23, minutes=30)
    if what == "sim":
        network.note_sim_replaced(number=line.number, imsi="250990000000077", at=changed, key="sim")
    else:
        network.note_forwarding(number=line.number, condition="all", target="+79000000002", at=changed, key="far")
    asked = make.ask(line)
    with pytest.raises(Refused) as refused:
        make.agree(asked)
    assert refused.value.why is Why.HELD
    assert (make.now(asked).state, make.charges(line), make.messages(line)) == (
        State.ASKED, [], ["subscription asked"],
    )  # fmt: skip
    assert make.agree(asked, at=AT + timedelta(minutes=30)).state is State.ACTIVE


def test_cab_11_fees_come_each_day_and_days_that_were_missed_cost_nothing(line: Line) -> None:
    one = make.begun(line)
    assert subscriptions.charge_due(at=AT + timedelta(hours=11)) == 0
    for _ in range(2):
        subscriptions.charge_due(at=AT + DAY)
    assert make.charges(line) == [("partner-fee", 500)] * 2
    # The worker slept for three days.
    subscriptions.charge_due(at=AT + 5 * DAY)
    assert (make.now(one.id).paid_times, make.now(one.id).paid_minor) == (3, 1_500)
    assert_books_agree()


def test_cab_11_without_money_it_is_paused_tried_again_and_ends_in_the_end(line: Line) -> None:
    one = make.begun(line)
    promised.spend(line, make.balance(line))
    at = AT + DAY
    for wait in T.retries:
        subscriptions.charge_due(at=at)
        found = make.now(one.id)
        assert (found.state, found.why, found.try_at) == (State.PAUSED, Why.NO_MONEY, at + wait)
        at += wait
    subscriptions.charge_due(at=at)
    assert (make.now(one.id).state, make.now(one.id).why) == (State.ENDED, Why.NO_MONEY)
    assert make.balance(line) == 0
    assert make.messages(line)[2:] == ["subscription paused", "subscription ended"]
    subscriptions.charge_due(at=at + 9 * DAY)
    assert make.charges(line) == [("partner-fee", 500)]


def test_cab_11_money_that_came_has_it_go_on_from_that_day_and_too_little_uses_no_try_up(line: Line) -> None:
    one = make.begun(line)
    promised.spend(line, make.balance(line))
    subscriptions.charge_due(at=AT + DAY)
    before = make.now(one.id)
    promised.pay(line, 100, at=AT + DAY)
    subscriptions.charge_paused(contract_ids=[line.contract_id], at=AT + DAY)
    assert make.now(one.id) == before
    promised.pay(line, 1_000, at=AT + 3 * DAY)
    later = AT + 3 * DAY
    subscriptions.charge_paused(contract_ids=[line.contract_id], at=later)
    after = make.now(one.id)
    assert (after.state, after.first_day, after.why) == (State.ACTIVE, date(2026, 3, 13), None)
    assert make.charges(line) == [("partner-fee", 500)] * 2
    assert make.messages(line)[-1] == "subscription goes on"


def test_cab_11_a_blocked_number_pays_nothing(line: Line) -> None:
    one = make.begun(line)
    bars.impose(line_id=line.id, kind=Kind.VOLUNTARY, by="self", at=AT)
    subscriptions.charge_due(at=AT + DAY)
    assert (make.now(one.id).state, make.now(one.id).why) == (State.PAUSED, Why.BLOCKED)
    bars.lift(line_id=line.id, kind=Kind.VOLUNTARY, by="self", at=AT + DAY)
    subscriptions.charge_due(at=AT + 2 * DAY)
    assert make.now(one.id).state is State.ACTIVE
    assert make.charges(line) == [("partner-fee", 500)] * 2


def test_cab_11_a_stop_gives_whole_unused_days_of_a_week_back_and_a_day_works_to_its_end(line: Line) -> None:
    week, day = make.begun(line, "films"), make.begun(line)
    ended = stop(line, week, AT + 2 * DAY)
    # Three of seven days were begun.
    assert (ended.state, ended.back_minor, ended.works_until) == (State.ENDED, 4_000, date(2026, 3, 13))
    assert stop(line, week, AT + 3 * DAY) == ended
    assert stop(line, day).back_minor == 0
    assert make.charges(line) == [("partner-fee", 7_000), ("partner-fee", 500), ("partner-return", -4_000)]
    assert make.balance(line) == 100_000 - 7_000 - 500 + 4_000
    with pytest.raises(Refused):
        make.ask(line, at=AT)
    assert_books_agree()


def test_cab_11_the_content_account_pays_alone_and_the_main_balance_is_not_touched(line: Line) -> None:
    content.switch(contract_id=line.contract_id, on=True, at=AT)
    one = make.begun(line, "films")
    assert (one.state, one.why) == (State.PAUSED, Why.NO_MONEY)
    form = uuid4()
    for _ in range(2):
        content.move(move_id=form, contract_id=line.contract_id, line_id=line.id, amount_minor=7_500, at=AT)
    subscriptions.charge_paused(contract_ids=[line.contract_id], at=AT)
    standing = content_queries.standing(line.contract_id)
    assert (standing.balance_minor, standing.main_minor, make.balance(line)) == (500, 92_500, 92_500)
    [fee] = queries.fees(one.id)
    assert fee.from_content
    stop(line, one)
    standing = content_queries.standing(line.contract_id)
    assert (standing.balance_minor, standing.main_minor) == (6_500, 92_500)
    # The rows that say why agree with the ledger.
    assert acts.balance_at(line.contract_id, AT - 30 * DAY) == 0
    assert_books_agree()


def test_cab_11_the_content_account_never_gives_more_than_it_has(line: Line) -> None:
    content.switch(contract_id=line.contract_id, on=True, at=AT)
    move = {"contract_id": line.contract_id, "line_id": line.id, "at": AT}
    with pytest.raises(Short) as short:
        content.move(move_id=uuid4(), amount_minor=100_001, **move)
    assert short.value.missing_minor == 1
    content.move(move_id=uuid4(), amount_minor=1_000, **move)
    with pytest.raises(Short) as short:
        content.move(move_id=uuid4(), amount_minor=-1_001, **move)
    assert short.value.missing_minor == 1
    for wrong in (0, 1_500_001):
        with pytest.raises(content.BadSum):
            content.move(move_id=uuid4(), amount_minor=wrong, **move)
    content.move(move_id=uuid4(), amount_minor=-1_000, **move)
    content.switch(contract_id=line.contract_id, on=False, at=AT)
    make.begun(line)
    assert make.balance(line) == 99_500


def test_cab_11_a_fee_is_explained_with_provider_period_and_account(line: Line) -> None:
    make.begun(line, "films")
    [fee] = content_queries.fees(models.Subscription.objects.get().id)
    found = statement_explanation.explanation(charge_id=fee.id, line_ids=[line.id])
    assert found.partner == fee
    assert (fee.provider, fee.per, fee.first, fee.end) == ("stars", "week", date(2026, 3, 10), date(2026, 3, 17))
    assert (found.tariff, found.kind, found.rule) == ({}, "partner", "partner-fee")


def test_cab_11_a_ban_refuses_what_comes_and_what_waits_and_shows_it(line: Line) -> None:
    waits, goes_on = make.ask(line), make.begun(line, "films")
    assert subscriptions.ban(line_id=line.id, by="owner", at=AT)
    assert not subscriptions.ban(line_id=line.id, by="owner", at=AT)
    assert (make.now(waits).state, make.now(waits).why) == (State.REFUSED, Why.BANNED)
    wish = make.wish(line, "music", provider=make.OTHER)
    refused = [subscriptions_asking.ask(wish=wish, at=AT) for _ in range(2)]
    assert {(one.state, one.why) for one in refused} == {(State.REFUSED, Why.BANNED)}
    assert make.messages(line).count("subscription refused") == 1
    assert len(queries.overview(line.id).those(State.REFUSED)) == 2
    assert make.now(goes_on.id).state is State.ACTIVE
    with pytest.raises(Gone):
        make.agree(waits)
    assert subscriptions.lift_ban(line_id=line.id, by="owner", at=AT)
    assert make.now(make.ask(line, provider=make.OTHER)).state is State.ASKED


def test_cab_11_stop_all_ends_everything_once_and_answers_a_repeat_alike(line: Line) -> None:
    made = {make.begun(line, "films").id, make.begun(line).id, make.ask(line, provider=make.OTHER)}
    form = uuid4()

    def all_() -> list[queries.Subscription]:
        return subscriptions.stop_all(line_id=line.id, form_id=form, why=Why.OWNER, by="owner", at=AT)

    first = all_()
    assert {one.id for one in first} == made
    assert {one.state for one in first} == {State.ENDED, State.DECLINED}
    later = make.ask(line, "music", provider=make.OTHER)
    assert all_() == first
    assert make.now(later).state is State.ASKED


def test_cab_11_a_suspended_provider_begins_and_charges_nothing_until_it_may_again(line: Line) -> None:
    one = make.begun(line)
    subscriptions.suspend(provider="stars", at=AT)
    assert make.now(make.ask(line, "films")).why is Why.SUSPENDED
    subscriptions.charge_due(at=AT + DAY)
    assert (make.now(one.id).state, make.now(one.id).why) == (State.PAUSED, Why.SUSPENDED)
    subscriptions.resume(provider="stars", at=AT + 2 * DAY)
    subscriptions.charge_due(at=AT + 2 * DAY)
    assert make.now(one.id).state is State.ACTIVE
    assert len(make.charges(line)) == 2


def test_cab_11_another_s_subscription_is_not_there(line: Line) -> None:
    one, other = make.begun(line), rich()
    for act in (
        lambda: queries.subscription(one.id, [other.id]),
        lambda: stop(other, one),
        lambda: subscriptions_consent.decline(subscription_id=one.id, line_ids=[other.id], at=AT),
        lambda: subscriptions.dispute(subscription_id=one.id, line_ids=[other.id], at=AT),
    ):
        with pytest.raises(queries.NoSuchSubscription):
            act()
    assert make.now(one.id).state is State.ACTIVE
