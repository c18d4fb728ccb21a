"""Orders for services: placed, held, done, paid, undone, failed; whatever breaks in between (CAB-11, CAB-2)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from abonent.domains.billing.actions import charge_fees
from abonent.domains.billing.fees.forecast import forecast
from abonent.domains.catalog.offers import actions as catalog
from abonent.domains.catalog.offers.rules import Catalogue
from abonent.domains.customers import models as customers
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.texts import sms as texts
from abonent.domains.orders import actions, models, queries
from abonent.domains.orders.actions import Changed, DifferentOrder, Refused
from abonent.domains.orders.queries import NoSuchOrder
from abonent.domains.orders.rules import Action, Why
from abonent.domains.orders.states import State
from tests.factories import limits, offers
from tests.factories import orders as make
from tests.factories.network import Switch
from tests.factories.orders import AT, assert_books_agree, charges, has, sums

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch")]
MINUTE = timedelta(minutes=1)


def refused(line: Line, code: str, action: Action = Action.CONNECT, **known: Any) -> actions.Refused:
    with pytest.raises(Refused) as told:
        make.place(line, code, action, **known)
    return told.value


def test_cab_19_what_does_not_fit_into_the_spending_limit_is_refused_until_the_next_month(switch: Switch) -> None:
    line = limits.limited(make.rich(), 15_000, block=True, at=AT)
    first = make.place(line, "monthly")
    told = refused(line, "once").refusal
    assert (told.why, told.left_minor) == (Why.LIMIT, 3_000), "what is held by an order counts as paid"
    assert make.order(first).state is State.ACKNOWLEDGED
    assert models.Order.objects.count() == 1
    assert sums(line) == (50_000, 38_000)


def test_cab_11_connects_and_takes_exactly_what_was_shown(switch: Switch) -> None:
    line = make.rich()
    wish = make.wish(line, "monthly")
    assert wish.total_minor == 12_000, "connected on the first day of the period: all of it"
    order = actions.place(wish=wish, at=AT)
    assert (order.state, sums(line)) == (State.ACKNOWLEDGED, (50_000, 38_000)), "held, not moved"
    assert has(line) == set()
    make.work()
    assert has(line) == {"monthly"}
    assert switch.on[line.number] == {"monthly"}
    assert sums(line) == (38_000, 38_000)
    assert charges(line) == [("fee-part", 9_000, "monthly"), ("service-once", 3_000, "monthly")]
    assert make.order(order.id).taken_minor == 12_000
    trace = queries.trace(order_id=order.id, line_ids=[line.id])
    assert [state for state, _ in trace.steps] == [
        State.ACKNOWLEDGED, State.PENDING, State.IN_PROGRESS, State.COMPLETED,
    ]  # fmt: skip
    assert len(trace.asked) == 1
    assert_books_agree()


def test_cab_11_the_run_goes_on_from_what_was_paid_and_takes_no_day_twice() -> None:
    line = make.rich(200_000)
    make.done(line, "monthly", at=AT + timedelta(days=10))
    first = charges(line)[0][1]
    assert first == 9_000 * 31 // 31 - 9_000 * 10 // 31
    for days in range(10, 75):
        charge_fees(until=AT + timedelta(days=days))
    taken = [amount for rule, amount, _ in charges(line) if rule == "fee-part"]
    assert taken == [first, 9_000, 9_000]


def test_cab_11_what_is_not_used_comes_back_with_the_next_run() -> None:
    line = make.rich()
    make.done(line, "monthly")
    before = sums(line)[0]
    make.done(line, "monthly", Action.DISCONNECT, at=AT + timedelta(days=15))
    assert has(line) == set()
    charge_fees(until=AT + timedelta(days=15, minutes=1))
    assert sums(line)[0] - before == 9_000 - 9_000 * 16 // 31
    charge_fees(until=AT + timedelta(days=60))
    assert charges(line)[-1][0] == "fee-return"


def test_cab_11_off_and_on_again_on_one_day_pays_that_day_once() -> None:
    line = make.rich()
    make.done(line, "daily")
    paid = sums(line)[0]
    for hours in (1, 2):
        make.done(line, "daily", Action.DISCONNECT, at=AT + timedelta(hours=hours, minutes=1))
        charge_fees(until=AT + timedelta(hours=hours, minutes=2))
        order = make.done(line, "daily", at=AT + timedelta(hours=hours, minutes=30))
        assert order.total_minor == 0
    assert sums(line)[0] == paid == 50_000 - 350
    charge_fees(until=AT + timedelta(days=2))
    assert sums(line)[0] == 50_000 - 3 * 350


PARAMS = {
    "service": "Turbo", "number": "+79000000001", "sum": "12000", "next": "9000", "per": "month", "missing": "100",
    "order": "o", "action": "connect",
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "more", "says"),
    [
        ("order done", {}, "«Turbo» подключена на +79000000001. Списано: 120,00 ₽. Дальше 90,00 ₽ в месяц."),
        ("order done", {"per": "day", "sum": "0"}, "подключена на +79000000001. Дальше 90,00 ₽ в день."),
        ("order done", {"action": "disconnect", "sum": "0"}, "«Turbo» отключена на +79000000001. Подробности: "),
        ("order failed", {}, "«Turbo» не удалось подключить на +79000000001. Деньги не списаны."),
        ("order failed", {"action": "disconnect"}, "не удалось отключить"),
        ("service waits", {}, "не хватает 1,00 ₽"),
        ("service paid", {}, "снова работает"),
    ],
)
def test_cab_11_the_texts_say_what_was_done_and_what_comes(template: str, more: dict[str, str], says: str) -> None:
    text = texts.render(template, PARAMS | more, None, "ru").replace("\N{NO-BREAK SPACE}", " ")
    assert says in text, text
    assert not re.search("[А-Яа-яЁё]", texts.render(template, PARAMS | more, None, "en"))


def test_cab_11_the_forecast_knows_services() -> None:
    line = make.rich(200_000)
    make.done(line, "monthly")
    make.done(line, "daily")
    coming = [one for one in forecast(contract_id=line.contract_id, now=AT).coming if one.service]
    assert {(one.service, one.amount_minor) for one in coming} == {("monthly", 9_000), ("daily", 350 * 30)}


@pytest.mark.parametrize(
    ("code", "balance", "why", "missing"),
    [
        ("monthly", 11_999, Why.SHORT, 1), ("once", 0, Why.SHORT, 5_000), ("once", -700, Why.SHORT, 5_000),
        ("above", 50_000, Why.NEEDS, 0), ("northern", 50_000, Why.REGION, 0), ("ended", 50_000, Why.NOT_SOLD, 0),
        ("home", 50_000, Why.NOT_FOR_LINE, 0),
    ],
)  # fmt: skip
def test_cab_2_a_refusal_says_why_and_holds_nothing(code: str, balance: int, why: Why, missing: int) -> None:
    line = make.rich(balance)
    told = refused(line, code)
    assert (told.refusal.why, told.refusal.missing_minor) == (why, missing)
    assert not models.Order.objects.exists()
    assert sums(line) == (balance, balance)


def test_cab_2_what_is_free_is_connected_at_any_balance() -> None:
    line = make.rich(-5_000)
    assert make.done(line, "free").state is State.COMPLETED


def test_cab_2_who_pays_by_bill_needs_no_balance() -> None:
    line = make.rich(0)
    customers.Contract.objects.filter(pk=line.contract_id).update(payment="postpaid")
    line = lines.served_by_number(line.number) or line
    make.done(line, "monthly")
    assert sums(line)[0] == -12_000


def test_cab_11_conflicts_and_requirements_name_what_to_do_first() -> None:
    line = make.rich()
    make.done(line, "loud")
    assert refused(line, "quiet").refusal.codes == ("loud",)
    assert refused(line, "above").refusal.codes == ("base",)
    make.done(line, "base")
    make.done(line, "above")
    assert refused(line, "base", Action.DISCONNECT).refusal.codes == ("above",)
    make.done(line, "loud", Action.DISCONNECT)
    assert make.done(line, "quiet").state is State.COMPLETED


def test_cab_11_the_same_form_is_one_order_and_another_with_its_id_none() -> None:
    line = make.rich()
    wish = make.wish(line, "monthly")
    first = actions.place(wish=wish, at=AT)
    assert actions.place(wish=wish, at=AT + MINUTE) == first
    with pytest.raises(DifferentOrder):
        make.place(line, "free", order_id=first.id)
    assert sums(line) == (50_000, 38_000)
    make.work()
    assert actions.place(wish=wish, at=AT + MINUTE).state is State.COMPLETED
    assert sums(line) == (38_000, 38_000)


@pytest.mark.parametrize("change", [{"total_minor": 1}, {"offer_version_id": 2**40}])
def test_cab_2_another_price_than_the_one_shown_is_not_taken(change: dict[str, int]) -> None:
    line = make.rich()
    with pytest.raises(Changed):
        make.place(line, "monthly", **change)
    assert sums(line) == (50_000, 50_000)


def test_cab_11_a_new_price_is_shown_before_it_is_taken() -> None:
    line = make.rich()
    ends = AT.date() + timedelta(days=1)
    known = {"once_minor": 3_000, "fee_minor": 9_000}
    catalog.load(
        Catalogue(
            offers.CATEGORIES,
            (offers.offer("monthly", **known, valid_until=ends),
             offers.offer("monthly", once_minor=3_000, fee_minor=10_000, valid_from=ends)),
        ),
        today=AT.date(),
    )  # fmt: skip
    old = queries.standing(line, "monthly", AT).version
    tomorrow = AT + timedelta(days=1)
    told = refused(line, "monthly", at=tomorrow, offer_version_id=old.id)
    assert told.refusal.why is Why.NOT_SOLD
    assert queries.standing(line, "monthly", tomorrow).version.fee_minor == 10_000


def test_cab_11_what_begins_later_is_held_now_undone_until_then_and_done_on_its_day() -> None:
    line = make.rich()
    later = AT + timedelta(days=31)
    undone = make.place(line, "monthly", effective_at=later)
    make.work()
    assert (make.state(undone), sums(line)) == (State.PENDING, (50_000, 38_000))
    assert actions.undo(order_id=undone, line_ids=[line.id], at=AT + MINUTE).state is State.CANCELLED
    assert actions.undo(order_id=undone, line_ids=[line.id], at=AT + MINUTE).state is State.CANCELLED
    assert sums(line) == (50_000, 50_000)
    order = make.place(line, "monthly", at=AT + MINUTE, effective_at=later)
    make.work(later - MINUTE)
    assert make.state(order) is State.PENDING
    make.work(later)
    assert (make.state(order), sums(line)) == (State.COMPLETED, (38_000, 38_000))


def test_cab_11_an_order_of_somebody_else_is_not_there() -> None:
    line, other = make.rich(), make.rich()
    order = make.place(line, "free")
    for call in (
        lambda: actions.undo(order_id=order, line_ids=[other.id], at=AT),
        lambda: queries.trace(order_id=order, line_ids=[other.id]),
        lambda: queries.trace(order_id=uuid4(), line_ids=[line.id]),
    ):
        with pytest.raises(NoSuchOrder):
            call()
