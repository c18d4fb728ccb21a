"""Orders for services: placed, held, done, paid, undone, failed; whatever breaks in between (CAB-11, CAB-2)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from abonent.domains.billing import fees_messages
from abonent.domains.billing import products as money
from abonent.domains.billing import queries as balances
from abonent.domains.billing.actions import charge_fees
from abonent.domains.billing.fees import charge_waiting
from abonent.domains.billing.fees_forecast import forecast
from abonent.domains.catalog import offers as catalog
from abonent.domains.catalog.offers_rules import Catalogue
from abonent.domains.customers import models as customers
from abonent.domains.identity import models as identity
from abonent.domains.ledger.verifying import look
from abonent.domains.lines import models as served
from abonent.domains.lines import products, products_queries, provisioning_queries
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import texts
from abonent.domains.messaging.models import Message
from abonent.domains.orders import actions, fulfilment, models, queries
from abonent.domains.orders.actions import Changed, DifferentOrder, Refused, TooLate
from abonent.domains.orders.queries import NoSuchOrder
from abonent.domains.orders.rules import Action, Why
from abonent.domains.orders.states import State
from tests.factories import billing, network, offers, promised
from tests.factories import identity as people
from tests.factories import orders as make
from tests.factories.network import Killed, Switch
from tests.factories.orders import AT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


def has(line: Line) -> set[str]:
    return {one.offer_code for one in products_queries.of_line(line.id)}


def sums(line: Line) -> tuple[int, int]:
    """Return the balance, and what of it can be spent."""
    return balances.balance(line.contract_id), money.available(line.contract_id)


def assert_books_agree() -> None:
    with connection.cursor() as cursor:
        assert look(cursor, now=AT + timedelta(days=1)).findings == ()


def charges(line: Line) -> list[tuple[Any, ...]]:
    return billing.rows(
        f"""select rule, amount_minor, peer from billing_charge
             where line_id = {line.id} and category = 'service' order by booked_at, rule"""
    )


def refused(line: Line, code: str, action: Action = Action.CONNECT, **known: Any) -> actions.Refused:
    with pytest.raises(Refused) as told:
        make.place(line, code, action, **known)
    return told.value


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


def announced(reaction: str) -> list[dict[str, Any]]:
    """Return the events that wait for an answer of that function."""
    return [
        json.loads(args)["event"]
        for (args,) in billing.rows(
            """select args::text from procrastinate_jobs
                where task_name = 'react' and args ->> 'reaction' = %s order by id""",
            [reaction],
        )
    ]


def test_cab_11_a_day_without_money_switches_it_off_until_there_is_some(switch: Switch) -> None:
    line = make.rich(400)
    make.done(line, "daily")
    product = products_queries.of_line(line.id)[0]
    tomorrow = AT + timedelta(days=1)
    charge_fees(until=tomorrow)
    assert sums(line) == (50, 50)
    assert announced("abonent.domains.lines.reactions.pause_products") == [{"product_ids": [product.id]}]
    assert fees_messages.tell(at=tomorrow) == 1
    assert Message.objects.get(template="service waits").params["missing"] == "300"
    for _ in range(2):
        products.pause(product_ids=[product.id], at=tomorrow)
    network.sweep(tomorrow)
    assert switch.on[line.number] == set()
    promised.pay(line, 1_000, at=tomorrow)
    assert charge_waiting(contract_ids=[line.contract_id], at=tomorrow + MINUTE) == 1
    assert sums(line) == (700, 700)
    assert announced("abonent.domains.lines.reactions.resume_products") == [{"product_ids": [product.id]}]
    assert fees_messages.tell(at=tomorrow + MINUTE) == 1
    assert fees_messages.tell(at=tomorrow + MINUTE) == 0
    for _ in range(2):
        products.resume(product_ids=[product.id], at=tomorrow + MINUTE)
    network.sweep(tomorrow + MINUTE)
    assert switch.on[line.number] == {"daily"}
    assert len(switch.did) == 3


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


def test_cab_11_what_the_network_was_asked_for_is_not_undone_what_it_was_not_is(switch: Switch) -> None:
    line = make.rich()
    switch.down = True
    first, second = make.place(line, "free"), make.place(line, "once")
    fulfilment.take_up(order_id=first, at=AT)
    make.work()
    fulfilment.note_asked(order_id=first, at=AT)
    assert (make.state(first), make.state(second)) == (State.IN_PROGRESS, State.PENDING)
    with pytest.raises(TooLate):
        actions.undo(order_id=first, line_ids=[line.id], at=AT)
    assert actions.undo(order_id=second, line_ids=[line.id], at=AT).state is State.CANCELLED
    switch.down = False
    make.work(AT + 5 * MINUTE)
    assert has(line) == {"free"}
    assert sums(line) == (50_000, 50_000)


def test_cab_11_asked_but_not_yet_told_so_is_too_late_as_well(switch: Switch) -> None:
    line = make.rich()
    order = make.place(line, "once")
    fulfilment.take_up(order_id=order, at=AT)
    network.sweep(AT)
    assert make.state(order) is State.PENDING
    with pytest.raises(TooLate):
        actions.undo(order_id=order, line_ids=[line.id], at=AT)
    fulfilment.settle(order_id=order, at=AT)
    assert make.state(order) is State.COMPLETED


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


def test_cab_11_a_refusal_of_the_network_releases_the_money_and_is_told(switch: Switch) -> None:
    line = make.rich()
    switch.refuses = True
    order = make.done(line, "monthly")
    assert (order.state, order.reason, sums(line)) == (State.FAILED, "no free resources", (50_000, 50_000))
    assert has(line) == set()
    assert charges(line) == []
    assert [message.template for message in Message.objects.all()] == ["order failed"]
    switch.refuses = False
    assert make.done(line, "monthly").state is State.COMPLETED


def test_cab_11_completion_is_told_and_stands_in_the_owners_history() -> None:
    line = make.rich()
    people.browser(line)
    make.done(line, "daily")
    message = Message.objects.get(template="order done")
    assert message.params["sum"] == "350"
    event = identity.SecurityEvent.objects.get(kind="order done")
    assert event.detail["service"] == "daily"


def test_cab_11_the_network_has_no_part_in_some() -> None:
    line = make.rich()
    order = make.place(line, "paper")
    fulfilment.take_up(order_id=order, at=AT)
    assert make.state(order) is State.COMPLETED
    assert provisioning_queries.asked_for(order) == []


def test_cab_11_a_line_that_is_gone_gets_its_money_back() -> None:
    line = make.rich()
    scheduled = make.place(line, "monthly", effective_at=AT + timedelta(days=5))
    running = make.place(line, "once")
    fulfilment.take_up(order_id=running, at=AT)
    served.Line.objects.filter(id=line.id).update(closed_at=AT + MINUTE)
    fulfilment.give_up(line_id=line.id, at=AT + MINUTE)
    make.work(AT + MINUTE)
    assert (make.state(scheduled), make.state(running)) == (State.FAILED, State.FAILED)
    assert sums(line) == (50_000, 50_000)


def test_cab_11_connected_in_another_period_than_shown_takes_no_more_than_shown(switch: Switch) -> None:
    """Shown for the last day of a period; the network comes back on the next: the run takes the new period's fee."""
    line = make.rich()
    evening = datetime(2026, 4, 9, 20, 50, tzinfo=UTC)
    switch.down = True
    order = make.place(line, "monthly", at=evening)
    assert make.order(order).fee_minor < 400
    make.work(evening)
    switch.down = False
    make.work(evening + timedelta(hours=1))
    assert make.order(order).taken_minor == 3_000
    assert sums(line) == (47_000, 47_000), "released, and the fee is left to the run"
    charge_fees(until=evening + timedelta(hours=2))
    assert sums(line) == (38_000, 38_000)


def test_cab_11_an_hour_without_the_network_loses_and_doubles_nothing(switch: Switch) -> None:
    several = [make.rich() for _ in range(4)]
    switch.down = True
    orders: list[UUID] = []
    for minute in range(0, 60, 10):
        at = AT + timedelta(minutes=minute)
        code = ("free", "once", "monthly", "daily", "base", "loud")[minute // 10]
        orders += [make.place(line, code, at=at) for line in several]
        make.work(at)
    assert {make.state(order) for order in orders} <= {State.PENDING, State.IN_PROGRESS}
    switch.down = False
    switch.lost = 7
    for minute in range(60, 100):
        make.work(AT + timedelta(minutes=minute))
    assert {make.state(order) for order in orders} == {State.COMPLETED}
    assert len(switch.did) == len(orders)
    for line in several:
        assert switch.on[line.number] == {"free", "once", "monthly", "daily", "base", "loud"} == has(line)
        assert sums(line) == (50_000 - 5_000 - 12_000 - 350,) * 2
    assert Message.objects.filter(template="order done").count() == len(orders)
    assert_books_agree()


BREAKS: dict[str, Callable[[Switch], None]] = {
    "asked and not answered": lambda switch: setattr(switch, "lost", 1),
    "killed after the network did it": lambda switch: setattr(switch, "deadly", 1),
    "not done at once": lambda switch: setattr(switch, "later", 2),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_cab_11_a_worker_that_dies_between_two_steps_is_replaced(broken: str, switch: Switch) -> None:
    """Each step is tried by workers that die right after it, and once more by the next ones."""
    line = make.rich()
    order = make.place(line, "monthly")
    BREAKS[broken](switch)
    for minute in range(6):
        at = AT + timedelta(minutes=minute)
        for step in (fulfilment.take_up, fulfilment.take_up, fulfilment.settle, fulfilment.note_asked):
            step(order_id=order, at=at)
        try:
            network.sweep(at)
        except Killed:
            continue
        for _ in range(2):
            fulfilment.advance(order_id=order, at=at)
    assert make.state(order) is State.COMPLETED
    assert len(switch.did) == 1
    assert sums(line) == (38_000, 38_000)
    assert models.Step.objects.filter(order_id=order).count() == 4
    assert Message.objects.filter(template="order done").count() == 1
