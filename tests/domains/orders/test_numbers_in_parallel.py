"""One number wanted by many at once, with real commits: two people never get the same (CAB-16)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from abonent.domains.billing import products as money
from abonent.domains.lines import models
from abonent.domains.lines.network import actions as network_events
from abonent.domains.lines.network.rules import Noted
from abonent.domains.lines.numbers import actions as kept
from abonent.domains.lines.numbers.actions import NotFree
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models as tables
from abonent.domains.orders.numbers import actions as numbers
from abonent.domains.orders.sims import actions as sims
from abonent.domains.orders.sims.rules import Form
from abonent.domains.orders.states import State
from tests.domains.orders.test_tariffs_in_parallel import together
from tests.factories import network, offers
from tests.factories import numbers as make
from tests.factories.network import Switch
from tests.factories.numbers import PLAIN, SILVER, number_wish, sim_wish
from tests.factories.orders import AT, assert_books_agree, rich, sums, work

pytestmark = pytest.mark.django_db(transaction=True)
WANT = 6
WAIT = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    make.rules()
    make.open_server(settings)
    return network.open_network(settings)


def people() -> list[Line]:
    found = [rich(number=f"+7900000010{place}") for place in range(WANT)]
    for line in found:
        make.account(line)
    return found


def quiet(act: Callable[[], object], got: list[object]) -> Callable[[], None]:
    """Return an act that notes what it got, and takes a refusal for an answer."""

    def run() -> None:
        try:
            got.append(act())
        except (NotFree, sims.Refused):
            return

    return run


def hold(line: Line, number: str) -> Callable[[], object]:
    def run() -> object:
        numbers.hold(line=line, number=number, account_id=make.account(line), at=AT)
        return line.id

    return run


def test_cab_16_of_many_who_want_one_number_one_holds_it() -> None:
    got: list[object] = []
    together(*(quiet(hold(line, PLAIN), got) for line in people()))
    assert len(got) == 1
    assert models.FreeNumber.objects.get(number=PLAIN).held_for_id == got[0]


def test_cab_16_two_tabs_of_one_line_hold_one_number_and_order_one() -> None:
    line, got = people()[0], []
    together(*(quiet(hold(line, number), got) for number in (PLAIN, SILVER, PLAIN, SILVER)))
    held = models.FreeNumber.objects.get(held_for=line.id)
    got = []
    wishes = [number_wish(line, held.number) for _ in range(3)]
    together(*(quiet(lambda wish=wish: numbers.place(wish=wish, at=AT).id, got) for wish in wishes * 2))
    assert len(set(got)) == 1, "one of three forms; sent twice it is the same order"
    work(make.NUMBERS.held_until(AT))
    assert tables.Order.objects.get().state == State.COMPLETED
    assert sums(line)[0] == 50_000 - make.NUMBERS.price_of(held.number)
    with transaction.atomic():
        assert_books_agree()


def test_cab_16_one_card_serves_one_line() -> None:
    got: list[object] = []
    lines = people()
    wishes = [sim_wish(line, Form.CARD) for line in lines]
    together(*(quiet(lambda wish=wish: sims.place(wish=wish, at=AT).id, got) for wish in wishes))
    assert len(got) == 1
    together(*(lambda: work(AT) for _ in range(3)))
    assert models.Sim.objects.filter(imsi=make.CARD_IMSI, until=None).count() == 1


def test_cab_16_two_who_change_their_minds_about_each_others_number_do_not_wait_for_ever() -> None:
    one, other = people()[:2]
    late = make.NUMBERS.held_until(AT)
    for _ in range(6):
        kept.let_go(line_id=one.id)
        kept.let_go(line_id=other.id)
        kept.hold(number=PLAIN, line_id=one.id, until=late, at=AT)
        kept.hold(number=SILVER, line_id=other.id, until=late, at=AT)
        wants = ((one, SILVER), (other, PLAIN))
        together(
            *(lambda line=line, number=number: kept.hold(number=number, line_id=line.id, until=late + WAIT, at=late)
              for line, number in wants)
        )  # fmt: skip
        held = dict(models.FreeNumber.objects.exclude(held_for=None).values_list("number", "held_for"))
        assert held == {SILVER: one.id, PLAIN: other.id}


def waiting(how_many: int) -> None:
    """Wait until so many wait for each other's locks."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                """select pg_stat_clear_snapshot(), count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'"""
            )
            if cursor.fetchone()[1] == how_many:
                return
        time.sleep(0.02)
    raise AssertionError(f"not {how_many} wait")


def test_cab_16_who_orders_a_number_while_the_network_gives_theirs_away_does_not_wait_for_ever() -> None:
    line = people()[0]
    numbers.hold(line=line, number=PLAIN, account_id=make.account(line), at=AT)
    wish, late = number_wish(line, PLAIN), AT + WAIT

    def alone(act: Callable[[], object]) -> object:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            money.take_turn(line.contract_id)
            # It has the account, and waits for its turn.
            placed = pool.submit(alone, lambda: numbers.place(wish=wish, at=AT).id)
            waiting(1)
            gone = pool.submit(alone, lambda: network_events.note_released(number=line.number, at=late, key="gone"))
            waiting(2)
        assert (placed.result(), gone.result()) == (wish.order_id, Noted.DONE)
    assert models.Line.objects.get(id=line.id).closed_at == late
