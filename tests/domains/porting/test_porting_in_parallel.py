"""Numbers that move, by many at once, on a real PostgreSQL with real commits (CAB-16)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from abonent.domains.billing import products as money
from abonent.domains.customers import actions as customers
from abonent.domains.lines import models as lines_models
from abonent.domains.porting import models, queries
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.bringing import asking as bringing_asking
from abonent.domains.porting.bringing.actions import Refused, TooLate
from abonent.domains.porting.states import State
from abonent.domains.porting.taking import actions as taking
from abonent.domains.porting.taking import asking as taking_asking
from tests.factories import network, numbers, offers, orders
from tests.factories import porting as make
from tests.factories.network import Killed
from tests.factories.porting import AT, NUMBER, OWNER, WINDOW, Central

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 6


@pytest.fixture(autouse=True)
def central(settings: Any) -> Central:
    numbers.open_server(settings)
    network.open_network(settings)
    make.rules()
    return make.open_central(settings)


def together(work: Callable[[int], object]) -> list[object]:
    """Run `work(number)` on every client at the same moment; return what came back."""
    start = Barrier(CLIENTS, timeout=60)

    def client(number: int) -> object:
        try:
            connection.ensure_connection()
            start.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def test_cab_16_two_tabs_bring_a_number_once_and_hold_its_price_once(central: Central) -> None:
    line = orders.rich()
    refs = [bringing.draft(wish=make.wish(line), at=AT) for _ in range(CLIENTS)]
    first = make.send_code(refs[0])
    typed = make.code(first, make.Purpose.PORTING, NUMBER)

    def prove(number: int) -> object:
        try:
            return bringing.prove(challenge_id=first, typed=typed, at=AT).ref
        except Exception as error:  # noqa: BLE001 - whatever the slower ones hear
            return type(error).__name__

    answers = together(prove)
    assert [answer for answer in answers if answer == refs[0]]
    assert models.PortIn.objects.filter(state=State.REQUESTED).count() == 1
    assert money.available(line.contract_id) == 40_000


def test_cab_16_drafts_of_one_number_become_one_request(central: Central) -> None:
    line = orders.rich()
    refs = [bringing.draft(wish=make.wish(line), at=AT) for _ in range(CLIENTS)]

    def request(number: int) -> object:
        try:
            with transaction.atomic():
                money.take_turn(line.contract_id)
                bringing._request(models.PortIn.objects.select_for_update().get(ref=refs[number]), AT)
        except Refused as refused:
            return refused.why
        return "asked"

    assert sorted(map(str, together(request))) == ["asked", *["on the way"] * (CLIENTS - 1)]
    assert money.available(line.contract_id) == 40_000


def test_cab_16_the_port_told_by_many_makes_one_line_and_one_charge(central: Central) -> None:
    line = orders.rich()
    ref = make.accepted(central, line)
    central.say(ref, "ported", at=WINDOW)
    pk = models.PortIn.objects.get(ref=ref).pk
    together(lambda _: bringing_asking.apply(pk=pk, standing=central.states[ref], at=WINDOW))
    assert lines_models.Line.objects.filter(number=NUMBER).count() == 1
    assert money.available(line.contract_id) == 40_000
    with transaction.atomic():
        orders.assert_books_agree()


def test_cab_16_called_off_or_ported_but_the_money_moves_once(central: Central) -> None:
    line = orders.rich()
    ref = make.accepted(central, line)
    central.say(ref, "ported", at=AT)
    pk = models.PortIn.objects.get(ref=ref).pk

    def act(number: int) -> object:
        if number % 2:
            return bringing_asking.apply(pk=pk, standing=central.states[ref], at=AT)
        try:
            bringing.call_off(ref=ref, at=AT)
        except TooLate:
            return "late"
        return "called off"

    together(act)
    make.work(AT)
    assert queries.port_in(ref).state is State.PORTED
    assert money.available(line.contract_id) == 40_000
    with transaction.atomic():
        orders.assert_books_agree()


def test_cab_16_an_order_at_the_moment_of_the_port_is_paid_or_refused_but_never_twice(central: Central) -> None:
    offers.load()
    line = orders.rich(15_000)
    ref = make.accepted(central, line)
    central.say(ref, "ported", at=AT)
    pk = models.PortIn.objects.get(ref=ref).pk
    wishes = [orders.wish(line, "once") for _ in range(CLIENTS)]

    def act(number: int) -> object:
        if number == 0:
            return bringing_asking.apply(pk=pk, standing=central.states[ref], at=AT)
        try:
            return orders.actions.place(wish=wishes[number], at=AT).state
        except orders.actions.Refused as refused:
            return refused.refusal.why

    together(act)
    assert money.available(line.contract_id) >= 0
    assert lines_models.Line.objects.filter(number=NUMBER).count() == 1
    with transaction.atomic():
        orders.assert_books_agree()


def test_cab_16_a_worker_that_is_killed_is_followed_by_one_that_goes_on(central: Central) -> None:
    ref = make.asked(orders.rich())
    pk = models.PortIn.objects.get(ref=ref).pk
    asked = central.bring

    def deadly(request: Any) -> Any:
        asked(request)
        raise Killed

    central.bring = deadly  # type: ignore[method-assign]
    with pytest.raises(Killed):
        bringing_asking.ask(pk=pk, at=AT)
    assert queries.port_in(ref).state is State.REQUESTED
    assert bringing_asking.ask(pk=pk, at=AT) is None, "as long as an answer may still come, nobody else asks"
    central.bring = asked  # type: ignore[method-assign]
    assert bringing_asking.ask(pk=pk, at=AT + timedelta(minutes=1)) is State.CHECKING
    assert [what for what, _, _ in central.heard] == ["bring", "bring"]


def test_cab_16_a_request_told_by_many_is_written_down_once(central: Central) -> None:
    line = orders.rich()
    ref = central.want(line.number)
    together(lambda _: _heard(ref))
    assert models.PortOut.objects.count() == 1


def _heard(ref: Any) -> object:
    try:
        return taking_asking.hear(ref=ref, at=AT)
    except Exception as error:  # noqa: BLE001 - a job that fails is done again
        return type(error).__name__


def test_cab_16_stopped_or_let_go_but_not_both(central: Central) -> None:
    line = orders.rich()
    customers.change_document(party_id=line.party_id, document=OWNER.document)
    ref = central.want(line.number)
    make.hear(ref)
    row = models.PortOut.objects.get(ref=ref)
    by = AT + timedelta(hours=12)

    def act(number: int) -> object:
        if number % 2:
            return taking.decide(pk=row.pk, at=by)
        return taking.stop(stop_ref=row.stop_ref, at=by)

    together(act)
    make.work(by)
    assert queries.port_out(stop_ref=row.stop_ref).state is State.STOPPED
    assert central.states[ref].state == "refused", "the last answer counts, and that is the owner's"
