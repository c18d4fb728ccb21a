"""A number comes from another operator: asked, proved, held, accepted, ported, called off, refused (CAB-16)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from abonent.domains.billing import products as money
from abonent.domains.customers import queries as customers
from abonent.domains.identity.rules import WrongCode
from abonent.domains.lines import models as lines_models
from abonent.domains.lines import queries as lines
from abonent.domains.messaging.models import Message
from abonent.domains.porting import models, queries
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.bringing import asking as bringing_asking
from abonent.domains.porting.bringing import sims as bringing_sims
from abonent.domains.porting.bringing.actions import Refused, TooLate
from abonent.domains.porting.rules import Form, Owner, Reason, Why
from abonent.domains.porting.states import State
from abonent.foundation.values import Msisdn
from tests.factories import network, numbers, orders
from tests.factories import porting as make
from tests.factories.numbers import Server
from tests.factories.porting import AT, NUMBER, OWNER, WINDOW, Central

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def central(settings: Any) -> Central:
    make.rules()
    return make.open_central(settings)


@pytest.fixture
def server(settings: Any) -> Server:
    return numbers.open_server(settings)


@pytest.fixture(autouse=True)
def _there(server: Server) -> None:
    """Every test has a server of eSIMs."""


def state(ref: Any) -> State:
    return queries.port_in(ref).state


def test_cab_16_a_number_comes_with_its_tariff_sim_and_price(settings: Any, central: Central) -> None:
    switch = network.open_network(settings)
    line = orders.rich()
    ref = make.asked(line)
    assert state(ref) is State.REQUESTED
    assert money.available(line.contract_id) == 50_000 - 10_000
    make.work()
    assert state(ref) is State.CHECKING
    assert [(what, request) for what, request, _ in central.heard] == [("bring", ref)]
    brought = central.heard[0][2]
    assert (brought.document, brought.family_name, brought.day) == (OWNER.document, "Орлова", date(2026, 3, 20))
    central.say(ref, "accepted")
    make.hear(ref)
    bringing_sims.look_after(at=AT)
    found = queries.port_in(ref)
    assert (found.state, found.operator, found.window_from, found.has_code) == (
        State.ACCEPTED, make.DONOR, WINDOW, True,
    )  # fmt: skip
    assert bringing_sims.show_code(ref=ref, at=AT) == "LPA:1$smdp.test$SECRET0"
    central.say(ref, "ported", at=WINDOW)
    make.hear(ref, WINDOW + timedelta(minutes=5))
    came = lines.served_by_number(NUMBER)
    assert came is not None
    assert (came.contract_id, came.opened_at, came.is_main) == (line.contract_id, WINDOW, False)
    assert lines_models.Sim.objects.get(line_id=came.id).imsi == "999015000000000"
    network.sweep(WINDOW + timedelta(minutes=5))
    assert switch.on[NUMBER] == {"sim:999015000000000"}
    assert money.available(line.contract_id) == 50_000 - 10_000
    orders.assert_books_agree()
    assert [one for one, _ in queries.port_in(ref).steps] == [
        State.REQUESTED, State.CHECKING, State.ACCEPTED, State.PORTED,
    ]  # fmt: skip
    told = Message.objects.filter(recipient=NUMBER, template="port in").values_list("params", flat=True)
    assert sorted(params["state"] for params in told) == ["accepted", "ported", "requested"]
    assert models.PortIn.objects.get(ref=ref).owner == "", "who it is stands with the party"


def test_cab_16_a_newcomer_gets_a_contract_and_owes_the_price(central: Central) -> None:
    ref = make.accepted(central)
    assert lines.served_by_number(NUMBER) is None
    central.say(ref, "ported", at=WINDOW)
    make.hear(ref, WINDOW)
    came = lines.served_by_number(NUMBER)
    assert came is not None
    assert (came.is_main, came.prepaid) == (True, True)
    assert customers.signed([came.contract_id])[0].name == "Орлова Анна Ивановна"
    assert customers.verify(came.party_id, document=OWNER.document) == {"document": True}
    assert money.available(came.contract_id) == -10_000
    orders.assert_books_agree()


@pytest.mark.parametrize(
    ("said", "reason", "ends"),
    [("refused", "debt", State.REFUSED), ("failed", "", State.FAILED), ("cancelled", "", State.CANCELLED)],
)
def test_cab_16_what_does_not_come_costs_nothing(central: Central, said: str, reason: str, ends: State) -> None:
    line = orders.rich()
    ref = make.accepted(central, line)
    bringing_sims.look_after(at=AT)
    central.say(ref, said, reason=reason)
    make.hear(ref)
    assert state(ref) is ends
    assert queries.port_in(ref).reason == (Reason(reason) if reason else Reason.OTHER if said == "failed" else None)
    assert money.available(line.contract_id) == 50_000
    kept = bringing.owner_kept(ref=ref, number=NUMBER, account_id=numbers.account(line))
    assert kept == (None if ends is State.CANCELLED else OWNER), "who may ask anew need not type it again"
    assert bringing.owner_kept(ref=ref, number=NUMBER, account_id=None) is None, "of another's request nothing"
    assert bringing.owner_kept(ref=ref, number="+79009990002", account_id=numbers.account(line)) is None
    with pytest.raises(bringing_sims.NoCode):
        bringing_sims.show_code(ref=ref, at=AT)
    bringing_sims.look_after(at=AT)
    assert numbers.esims.server().withdrawn == [ref]
    again = make.asked(line, at=AT + timedelta(minutes=2))
    assert state(again) is State.REQUESTED, "after a refusal it can be asked for again"
    assert models.PortIn.objects.get(ref=ref).owner == "", "it stands in the new request"


def test_cab_16_who_the_owner_is_is_forgotten_when_nobody_asks_anew(central: Central) -> None:
    line = orders.rich()
    ref, other = make.accepted(central, line), make.accepted(central, number=Msisdn("+79009990002"))
    for one in (ref, other):
        central.say(one, "refused", reason="debt")
        make.hear(one)
    bringing.forget(at=AT + timedelta(days=30))
    assert models.PortIn.objects.exclude(owner="").count() == 2
    bringing.forget_person(account_id=numbers.account(line))
    assert models.PortIn.objects.exclude(owner="").get().ref == other
    bringing.forget(at=AT + timedelta(days=30, minutes=1))
    assert not models.PortIn.objects.exclude(owner="").exists()


def test_cab_16_its_owner_calls_it_off_until_the_cut_off(central: Central) -> None:
    line = orders.rich()
    ref = make.accepted(central, line)
    bringing.call_off(ref=ref, at=WINDOW - timedelta(hours=25))
    bringing.call_off(ref=ref, at=WINDOW - timedelta(hours=25))
    assert state(ref) is State.CANCELLING
    assert money.available(line.contract_id) == 40_000, "released once the central database has heard it"
    central.down = True
    make.work(WINDOW - timedelta(hours=25))
    assert state(ref) is State.CANCELLING
    central.down = False
    make.work(WINDOW - timedelta(hours=24))
    assert state(ref) is State.CANCELLED
    assert money.available(line.contract_id) == 50_000
    late = make.accepted(central, line, at=AT + timedelta(minutes=2))
    with pytest.raises(TooLate):
        bringing.call_off(ref=late, at=WINDOW - timedelta(hours=24))
    assert state(late) is State.ACCEPTED
    assert money.available(line.contract_id) == 40_000


def test_cab_16_a_wish_that_crosses_the_port_loses(central: Central) -> None:
    line = orders.rich()
    ref = make.accepted(central, line)
    bringing.call_off(ref=ref, at=AT)
    central.say(ref, "ported", at=AT)
    make.work(AT)
    assert state(ref) is State.PORTED
    assert lines.served_by_number(NUMBER) is not None
    assert money.available(line.contract_id) == 40_000
    with pytest.raises(TooLate):
        bringing.call_off(ref=ref, at=AT)


def test_cab_16_a_number_comes_though_no_word_of_it_was_heard_before(central: Central) -> None:
    line = orders.rich()
    ref = make.asked(line)
    make.work()
    central.say(ref, "ported", at=WINDOW)
    make.work(WINDOW)
    assert state(ref) is State.PORTED
    assert lines.served_by_number(NUMBER) is not None
    assert money.available(line.contract_id) == 40_000


def test_cab_16_what_never_reached_the_central_database_is_called_off_there_all_the_same(central: Central) -> None:
    central.down = True
    ref = make.asked()
    make.work()
    bringing.call_off(ref=ref, at=AT)
    central.down = False
    make.work()
    assert [what for what, _, _ in central.heard] == ["cancel"]
    assert state(ref) is State.CANCELLED


def test_cab_16_told_twice_and_told_late_change_nothing(central: Central) -> None:
    line = orders.rich()
    ref = make.accepted(central, line)
    for _ in range(2):
        central.say(ref, "ported", at=WINDOW)
        make.hear(ref, WINDOW)
    pk = models.PortIn.objects.get(ref=ref).pk
    for old in ("accepted", "checking", "refused", "ported"):
        central.say(ref, old, reason="debt")
        assert bringing_asking.apply(pk=pk, standing=central.states[ref], at=WINDOW) is State.PORTED
    assert lines_models.Line.objects.filter(number=NUMBER).count() == 1
    assert money.available(line.contract_id) == 40_000
    assert Message.objects.filter(template="port in").count() == 3


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"tariff_code": "no-such"}, Why.NO_TARIFF),
        ({"form": Form.SHOP, "shop": "nowhere"}, Why.NO_SHOP),
        ({"day": date(2026, 3, 17)}, Why.BAD_DAY),
        ({"day": date(2026, 9, 7)}, Why.BAD_DAY),
        ({"owner": Owner("Орлова", " ", "", date(1990, 5, 17), "4509123456")}, Why.BAD_OWNER),
        ({"owner": Owner("Орлова", "Анна", "", date(1990, 5, 17), "12")}, Why.BAD_OWNER),
        ({"price_minor": 1}, Why.CHANGED),
        ({"number": Msisdn("+33612345678")}, Why.UNREACHABLE),
    ],
)
def test_cab_16_what_cannot_be_is_said_before_a_code_is_sent(known: dict[str, Any], why: Why) -> None:
    with pytest.raises(Refused) as refused:
        bringing.draft(wish=make.wish(**known), at=AT)
    assert refused.value.why is why
    assert not models.PortIn.objects.exists()


def test_cab_16_nothing_is_asked_without_a_central_database_or_an_esim_server(settings: Any) -> None:
    settings.ESIM_SERVER = ""
    with pytest.raises(Refused) as refused:
        bringing.draft(wish=make.wish(), at=AT)
    assert refused.value.why is Why.NO_ESIM
    settings.PORTING = ""
    with pytest.raises(Refused) as refused:
        bringing.draft(wish=make.wish(), at=AT)
    assert refused.value.why is Why.NOT_OFFERED


def test_cab_16_a_number_of_ours_and_one_on_its_way_are_not_asked_for(central: Central) -> None:
    ours = orders.rich()
    with pytest.raises(Refused) as refused:
        bringing.draft(wish=make.wish(number=Msisdn(ours.number)), at=AT)
    assert refused.value.why is Why.OURS
    other = bringing.draft(wish=make.wish(), at=AT)
    make.asked()
    with pytest.raises(Refused) as refused:
        bringing.draft(wish=make.wish(), at=AT)
    assert refused.value.why is Why.ON_THE_WAY
    with pytest.raises(Refused) as refused:
        make.prove(other, AT + timedelta(minutes=2))
    assert refused.value.why is Why.ON_THE_WAY
    assert models.PortIn.objects.filter(state=State.REQUESTED).count() == 1


def test_cab_16_without_the_code_or_the_money_nothing_is_asked(central: Central) -> None:
    poor = orders.rich(5_000)
    ref = bringing.draft(wish=make.wish(poor), at=AT)
    challenge = make.send_code(ref)
    with pytest.raises(WrongCode):
        bringing.prove(challenge_id=challenge, typed="000000", at=AT)
    right = make.code(challenge, make.Purpose.PORTING, NUMBER)
    with pytest.raises(Refused) as refused:
        bringing.prove(challenge_id=challenge, typed=right, at=AT)
    assert (refused.value.why, refused.value.missing_minor) == (Why.SHORT, 5_000)
    assert models.PortIn.objects.get().state == State.DRAFT
    assert money.available(poor.contract_id) == 5_000
    make.work()
    assert central.heard == []
    bringing.forget(at=AT + timedelta(days=1))
    assert models.PortIn.objects.exists()
    bringing.forget(at=AT + timedelta(days=1, minutes=1))
    assert not models.PortIn.objects.exists()


def test_cab_16_a_shop_hands_the_card_out_to_the_owner_alone(central: Central) -> None:
    ref = make.accepted(central, form=Form.SHOP, shop=numbers.SHOP)
    pk = models.PortIn.objects.get(ref=ref).pk
    with pytest.raises(Refused):
        bringing_sims.hand_out(port_id=pk, iccid=numbers.CARD, document="4509000000")
    with pytest.raises(bringing_sims.NoCard):
        bringing_sims.hand_out(port_id=pk, iccid="8999901000000009999", document=OWNER.document)
    assert models.PortIn.objects.get(ref=ref).iccid == ""
    bringing_sims.hand_out(port_id=pk, iccid=numbers.CARD, document=OWNER.document)
    with pytest.raises(bringing_sims.NoCard):
        bringing_sims.hand_out(port_id=pk, iccid=numbers.CARD, document=OWNER.document)
    central.say(ref, "ported", at=WINDOW)
    make.hear(ref, WINDOW)
    came = lines.served_by_number(NUMBER)
    assert came
    sim = lines_models.Sim.objects.get(line_id=came.id)
    assert (sim.imsi, bool(sim.puk)) == (numbers.CARD_IMSI, True)
    assert lines_models.SpareCard.objects.get(iccid=numbers.CARD).used_at == WINDOW


def test_cab_16_a_card_of_a_number_that_does_not_come_is_blank_again(central: Central) -> None:
    ref = make.accepted(central, form=Form.SHOP, shop=numbers.SHOP)
    bringing_sims.hand_out(
        port_id=models.PortIn.objects.get(ref=ref).pk, iccid=numbers.CARD, document=OWNER.document
    )  # fmt: skip
    central.say(ref, "failed")
    make.hear(ref)
    assert lines_models.SpareCard.objects.get(iccid=numbers.CARD).taken_for is None


def test_cab_16_staff_put_the_owner_right_and_ask_anew(central: Central) -> None:
    line = orders.rich()
    ref = make.accepted(central, line)
    central.say(ref, "refused", reason="other owner")
    make.hear(ref)
    pk = models.PortIn.objects.get(ref=ref).pk
    assert [one.ref for one in queries.port_ins(open_only=True)] == [ref]
    again = bringing.correct(port_id=pk, owner=OWNER, by="agent:1", at=AT + timedelta(days=5))
    assert state(again) is State.REQUESTED
    found = queries.port_in(again)
    assert found.day == date(2026, 3, 23), "the day that was wished is too near by now"
    assert money.available(line.contract_id) == 40_000
    assert [one.ref for one in queries.port_ins(open_only=True)] == [again]
    with pytest.raises(queries.NoSuchPort):
        bringing.correct(port_id=models.PortIn.objects.get(ref=again).pk, owner=OWNER, by="agent:1", at=AT)


def test_cab_16_a_number_of_ours_comes_home(central: Central) -> None:
    lines_models.AwayNumber.objects.create(number=NUMBER, operator="Вега", region="sreda", since=AT)
    with pytest.raises(numbers.kept.NotFree):
        numbers.kept.take_out(numbers=[NUMBER])
    ref = make.accepted(central)
    central.say(ref, "ported", at=WINDOW)
    make.hear(ref, WINDOW)
    assert lines.served_by_number(NUMBER) is not None
    assert not lines_models.AwayNumber.objects.exists()
