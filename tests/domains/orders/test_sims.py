"""Another SIM by its owner's wish: as a code, on a card in hand, on one that waits in a shop (CAB-16, ID-18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from abonent.domains.identity import freezing
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines import models, sims
from abonent.domains.lines import queries as line_queries
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.ports import Fetched, Profile
from abonent.domains.lines.queries import Line
from abonent.domains.lines.rules import HoldReason
from abonent.domains.messaging.models import Message
from abonent.domains.orders import actions, reactions
from abonent.domains.orders import models as tables
from abonent.domains.orders.actions import Changed, DifferentOrder
from abonent.domains.orders.queries import NoSuchOrder
from abonent.domains.orders.sims import actions as ordering
from abonent.domains.orders.sims import esims as sims_esims
from abonent.domains.orders.sims.rules import Form, Why
from abonent.domains.orders.states import State
from tests.factories import numbers as make
from tests.factories.network import Switch
from tests.factories.numbers import CARD, CARD_IMSI, Server, order_sim, sim_wish, with_sim, work
from tests.factories.orders import AT, assert_books_agree, rich, state, sums

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def server(switch: Switch, settings: Any) -> Server:
    make.rules()
    return make.open_server(settings)


def imsi(line: Line) -> str:
    return models.Sim.objects.get(line_id=line.id, until=None).imsi


def journal(line: Line) -> list[str]:
    return list(
        SecurityEvent.objects.filter(account_id=make.account(line)).order_by("id").values_list("kind", flat=True)
    )


def refused(line: Line, form: Form = Form.ESIM, **known: Any) -> Why:
    before = (sums(line), tables.Order.objects.count())
    with pytest.raises(ordering.Refused) as caught:
        order_sim(line, form, **known)
    assert (sums(line), tables.Order.objects.count()) == before, "nothing has changed"
    return caught.value.refusal.why


def test_cab_16_an_esim_serves_the_number_when_it_is_installed_and_not_before(switch: Switch, server: Server) -> None:
    line = with_sim(rich())
    order_id = order_sim(line)
    assert sums(line) == (50_000, 40_100), "held, not taken"
    work(AT)
    assert (state(order_id), switch.heard, imsi(line)) == (State.PENDING, [], "250990000000042"), "the old SIM works"
    code = ordering.show_code(order_id=order_id, line_ids=[line.id], account_id=make.account(line), at=AT)
    assert code == "LPA:1$smdp.test$SECRET0"
    assert code not in str(tables.SimChange.objects.values().get()), "it is kept sealed"
    server.states[order_id] = Fetched.INSTALLED
    work(AT + MINUTE)
    assert state(order_id) is State.COMPLETED
    assert [one.on for one in switch.did] == [("sim:999015000000000",)]
    assert imsi(line) == "999015000000000"
    assert sums(line) == (40_100, 40_100)
    hold = line_queries.hold_of(line.id, AT + 2 * MINUTE)
    assert hold is not None
    assert hold.reason is HoldReason.SIM, "codes by SMS prove nothing by themselves for a day"
    assert journal(line) == ["sim asked", "esim shown", "sim replaced"]
    assert Message.objects.filter(template="order done", params__action="sim").count() == 1
    with pytest.raises(ordering.NoCode):
        ordering.show_code(order_id=order_id, line_ids=[line.id], account_id=make.account(line), at=AT)
    assert tables.SimChange.objects.get().matching == ""
    assert_books_agree()


def test_cab_16_until_then_it_is_undone_and_the_code_opens_nothing(server: Server) -> None:
    line = with_sim(rich())
    order_id = order_sim(line)
    work(AT)
    actions.undo(order_id=order_id, line_ids=[line.id], at=AT + MINUTE)
    work(AT + MINUTE)
    work(AT + 2 * MINUTE)
    assert server.withdrawn == [order_id], "once"
    assert sums(line) == (50_000, 50_000)
    with pytest.raises(ordering.NoCode):
        ordering.show_code(order_id=order_id, line_ids=[line.id], account_id=make.account(line), at=AT)
    assert state(order_sim(line, at=AT + 3 * MINUTE)) is State.ACKNOWLEDGED, "another may be ordered"


def test_cab_16_a_code_that_nobody_fetched_in_time_costs_nothing(server: Server) -> None:
    line = with_sim(rich())
    order_id = order_sim(line)
    work(AT)
    work(AT + 14 * DAY - MINUTE)
    assert state(order_id) is State.PENDING
    work(AT + 14 * DAY)
    assert (state(order_id), tables.Order.objects.get().reason) == (State.FAILED, "not fetched")
    assert sums(line) == (50_000, 50_000)
    assert Message.objects.filter(template="order failed", params__action="sim").count() == 1
    work(AT + 14 * DAY)
    assert server.withdrawn == [order_id]


def test_cab_16_a_server_that_does_not_answer_is_asked_again_for_the_same(server: Server) -> None:
    line = with_sim(rich())
    server.down = True
    order_id = order_sim(line)
    work(AT)
    assert tables.SimChange.objects.get().iccid == ""
    with pytest.raises(ordering.NoCode):
        ordering.show_code(order_id=order_id, line_ids=[line.id], account_id=make.account(line), at=AT)
    server.down = False
    for _ in range(2):
        assert sims_esims.prepare(order_id=order_id)
    assert len(server.profiles) == 1
    server.down = True
    work(AT + MINUTE)
    assert state(order_id) is State.PENDING, "no answer is no answer"
    server.down, server.states[order_id] = False, Fetched.GONE
    work(AT + 2 * MINUTE)
    assert state(order_id) is State.FAILED


def test_cab_16_a_card_in_hand_serves_at_once_with_its_puk(switch: Switch) -> None:
    line = with_sim(rich(0))
    order_id = order_sim(line, Form.CARD)
    other = with_sim(rich(number="+79000000099"), "250990000000043")
    assert refused(other, Form.CARD) is Why.NO_CARD, "it is taken"
    work(AT)
    assert state(order_id) is State.COMPLETED
    assert imsi(line) == CARD_IMSI
    assert sims.show_puk(line=make.now(line), account_id=make.account(line), at=AT) == "12345678"
    assert not sims.is_spare(CARD)
    assert refused(other, Form.CARD) is Why.NO_CARD, "it is used"


def test_cab_16_a_refusal_of_the_network_leaves_the_old_sim_and_the_card_blank(switch: Switch) -> None:
    line = with_sim(rich())
    switch.refuses = True
    order_id = order_sim(line, Form.CARD)
    work(AT)
    assert (state(order_id), imsi(line)) == (State.FAILED, "250990000000042")
    assert sims.is_spare(CARD)
    assert journal(line) == ["sim asked"]


def test_ops_2_a_card_waits_in_the_shop_until_staff_hand_it_out(switch: Switch) -> None:
    line = with_sim(rich())
    order_id = order_sim(line, Form.SHOP)
    work(AT)
    assert (state(order_id), switch.heard) == (State.PENDING, [])
    network.note_sim_replaced(number=line.number, imsi="250990000000777", at=AT + DAY, key="shop 1")
    for _ in range(2):
        reactions.end_waiting_for_card(line.id)
    assert state(order_id) is State.COMPLETED
    assert sums(line) == (35_000, 35_000)
    assert switch.heard == [], "the shop had the network do it"
    later = order_sim(with_sim(rich(number="+79000000098"), "250990000000044"), Form.SHOP)
    work(AT + 7 * DAY)
    assert state(later) is State.FAILED, "nobody came"


def test_id_18_no_sim_for_a_protected_cabinet_nor_for_a_lost_phone_without_a_proof_since() -> None:
    line = with_sim(rich())
    account_id = make.account(line)
    bars.report_lost(line_id=line.id, by="self", at=AT)
    line = make.now(line)
    assert refused(line, proved_at=AT - MINUTE) is Why.LOST, "the proof may be from that phone"
    order_id = order_sim(line, Form.CARD, at=AT + 2 * MINUTE)
    work(AT + 2 * MINUTE)
    assert state(order_id) is State.COMPLETED
    assert Kind.LOST not in make.now(line).bars, "the lost card is out"
    freezing.freeze(account_id=account_id, event_id=None, at=AT + 3 * MINUTE)
    with pytest.raises(freezing.Frozen):
        order_sim(make.now(line), at=AT + 4 * MINUTE)


def test_id_18_what_was_ordered_stops_when_its_owner_says_it_was_not_me(switch: Switch, server: Server) -> None:
    line = with_sim(rich())
    order_id = order_sim(line)
    work(AT)
    asked = SecurityEvent.objects.get(kind="sim asked")
    freezing.freeze(account_id=make.account(line), event_id=asked.pk, at=AT + MINUTE)
    with pytest.raises(freezing.Frozen):
        ordering.show_code(order_id=order_id, line_ids=[line.id], account_id=make.account(line), at=AT + MINUTE)
    server.states[order_id] = Fetched.INSTALLED
    work(AT + 2 * MINUTE)
    assert (state(order_id), tables.Order.objects.get().reason) == (State.FAILED, "cabinet protected")
    assert (switch.heard, sums(line)) == ([], (50_000, 50_000))
    lost = with_sim(rich(number="+79000000098"), "250990000000044")
    other = order_sim(lost, at=AT)
    work(AT)
    bars.report_lost(line_id=lost.id, by="self", at=AT + MINUTE)
    work(AT + 2 * MINUTE)
    assert state(other) is State.FAILED, "who ordered it may have the phone that is lost"


def test_id_18_a_phone_that_is_lost_after_the_order_stays_lost_though_the_network_does_it(switch: Switch) -> None:
    line = with_sim(rich())
    order_id = order_sim(line, Form.CARD)
    switch.down = True
    work(AT)
    bars.report_lost(line_id=line.id, by="self", at=AT + MINUTE)
    switch.down = False
    work(AT + 5 * MINUTE)
    assert state(order_id) is State.COMPLETED, "the network was asked before"
    assert Kind.LOST in make.now(line).bars, "who ordered it may have the phone that is lost"


def test_id_18_an_esim_that_waits_comes_to_nothing_when_another_sim_came_first(switch: Switch, server: Server) -> None:
    line = with_sim(rich())
    order_id = order_sim(line)
    work(AT)
    network.note_sim_replaced(number=line.number, imsi="250990000000777", at=AT + MINUTE, key="shop 1")
    server.states[order_id] = Fetched.INSTALLED
    work(AT + 2 * MINUTE)
    assert (state(order_id), tables.Order.objects.get().reason) == (State.FAILED, "sim replaced")
    assert (imsi(line), switch.heard, sums(line)) == ("250990000000777", [], (50_000, 50_000))


def test_cab_16_a_profile_whose_answer_was_lost_is_withdrawn_with_its_order(server: Server) -> None:
    line = with_sim(rich())
    order_id = order_sim(line)
    server.prepare(order_id)
    actions.undo(order_id=order_id, line_ids=[line.id], at=AT + MINUTE)
    work(AT + MINUTE)
    work(AT + 2 * MINUTE)
    assert server.withdrawn == [order_id], "once"


def test_cab_16_one_answer_without_sense_holds_up_no_other(server: Server) -> None:
    one, other = order_sim(with_sim(rich())), order_sim(with_sim(rich(number="+79000000098"), "250990000000044"))
    server.profiles[one] = Profile("8", "9", "smdp\0", "SECRET")
    with pytest.raises(ExceptionGroup):
        sims_esims.look_after(at=AT)
    assert tables.SimChange.objects.get(order_id=other).iccid


def test_cab_2_what_stands_in_the_way_is_said_and_nothing_is_held(settings: Any) -> None:
    assert refused(with_sim(rich(9_800))) is Why.SHORT
    line = with_sim(rich(number="+79000000098"), "250990000000044")
    assert refused(line, Form.SHOP, shop="no such") is Why.NO_SHOP
    assert refused(line, Form.CARD, iccid=CARD[:-1] + "0") is Why.NO_CARD
    with pytest.raises(Changed):
        order_sim(line, total_minor=1)
    settings.ESIM_SERVER = ""
    assert refused(line) is Why.NO_ESIM
    wish = sim_wish(line, Form.CARD)
    assert ordering.place(wish=wish, at=AT).id == ordering.place(wish=wish, at=AT).id, "one form is one order"
    with pytest.raises(DifferentOrder):
        ordering.place(wish=sim_wish(line, Form.SHOP, order_id=wish.order_id), at=AT)
    assert refused(line, Form.SHOP) is Why.ON_THE_WAY
    settings.NETWORK = ""
    assert refused(line, Form.SHOP) is Why.NO_NETWORK


def test_id_18_a_code_is_its_owners_alone() -> None:
    line, stranger = with_sim(rich()), rich(number="+79000000098")
    order_id = order_sim(line)
    work(AT)
    for wanted, line_id in ((order_id, stranger.id), (uuid4(), line.id)):
        with pytest.raises(NoSuchOrder):
            ordering.show_code(order_id=wanted, line_ids=[line_id], account_id=make.account(stranger), at=AT)
    assert "esim shown" not in journal(line)
