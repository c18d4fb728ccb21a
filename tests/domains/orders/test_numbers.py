"""Another number by its owner's wish: chosen, held, ordered, and what it means for who holds it (CAB-16, ID-18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from abonent.domains.customers.models import Contract
from abonent.domains.identity import freezing
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines import logins, models
from abonent.domains.lines import queries as line_queries
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.erasing import own_numbers
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.network.rules import Noted
from abonent.domains.lines.numbers import actions as kept
from abonent.domains.lines.numbers.actions import Choice, NotFree
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.queries import Line
from abonent.domains.lines.rules_logins import Login, LoginKind
from abonent.domains.messaging import preferences
from abonent.domains.messaging.models import Message
from abonent.domains.messaging.rules_topics import Topic, Wishes
from abonent.domains.orders import actions
from abonent.domains.orders import models as tables
from abonent.domains.orders.numbers import actions as numbers
from abonent.domains.orders.numbers import queries as numbers_queries
from abonent.domains.orders.sims.actions import Refused
from abonent.domains.orders.sims.rules import Why
from abonent.domains.orders.states import State
from abonent.domains.usage.models import Record
from abonent.foundation.values.terms import InvalidTerms
from tests.factories import numbers as make
from tests.factories.billing import Use, store
from tests.factories.network import Switch
from tests.factories.numbers import GOLD, PLAIN, SILVER, changed, order_number, with_sim
from tests.factories.orders import AT, assert_books_agree, rich, state, sums, work

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def terms(switch: Switch) -> None:
    make.rules()


def refused(line: Line, number: str = PLAIN, **known: Any) -> Why:
    before = (sums(line), tables.Order.objects.count())
    with pytest.raises(Refused) as caught:
        order_number(line, number, **known)
    assert (sums(line), tables.Order.objects.count()) == before, "nothing has changed"
    return caught.value.refusal.why


def named(number: str) -> int | None:
    return logins.named(Login(LoginKind.NUMBER, number)).account_id


def test_cab_16_shows_numbers_by_digits_region_and_beauty_with_their_prices() -> None:
    line = rich()

    def found(**wanted: Any) -> list[str]:
        return make.shown(numbers_queries.shelf(line, AT, **wanted).offered)

    assert found() == [PLAIN, SILVER, GOLD, "+79007301111"]
    assert found(digits="33") == [SILVER]
    assert found(digits="852", at_end=True) == [PLAIN]
    assert found(digits="185", at_end=True) == []
    assert found(region="pomorye") == ["+79007301111"]
    assert found(kind="gold") == [GOLD, "+79007301111"]
    assert found(kind="silver") == [SILVER]
    assert found(kind="ordinary") == [PLAIN]
    assert found(past=SILVER) == [GOLD, "+79007301111"]
    offered = numbers_queries.shelf(line, AT).offered
    assert [one.price_minor for one in offered] == [10_000, 20_000, 500_000, 500_000]
    kept.add(numbers=[line.number, PLAIN, "+79007000001"], region="sreda")
    assert found(digits="000") == ["+79007000001"], "neither one that is served nor one twice"


def test_cab_16_a_number_is_held_for_one_only_and_for_some_minutes() -> None:
    one, two = rich(), rich(number="+79000000099")
    numbers.hold(line=one, number=PLAIN, account_id=make.account(one), at=AT)
    with pytest.raises(NotFree):
        numbers.hold(line=two, number=PLAIN, account_id=make.account(two), at=AT + 14 * MINUTE)
    assert PLAIN not in make.shown(numbers_queries.shelf(two, AT).offered)
    assert PLAIN in make.shown(numbers_queries.shelf(one, AT).offered), "its own it still sees"
    numbers.hold(line=one, number=SILVER, account_id=make.account(one), at=AT)
    numbers.hold(line=two, number=PLAIN, account_id=make.account(two), at=AT)
    assert models.FreeNumber.objects.filter(held_for__isnull=False).count() == 2, "each holds one"
    late = AT + 15 * MINUTE
    with pytest.raises(Refused) as caught:
        numbers.place(wish=make.number_wish(one, SILVER, at=late), at=late)
    assert caught.value.refusal.why is Why.NOT_HELD
    numbers.hold(line=one, number=PLAIN, account_id=make.account(one), at=late)


def test_cab_16_the_number_changes_after_the_wait_and_the_account_stays_the_persons(switch: Switch) -> None:
    line = with_sim(rich())
    old, account_id = line.number, make.account(line)
    switch.on[old] = {"roaming"}
    preferences.set_wishes(recipient=old, wishes=Wishes(sms_off=frozenset({Topic.FEES})), at=AT)
    Contract.objects.filter(id=line.contract_id).update(contact_number=old)
    order_id = order_number(line, SILVER)
    assert sums(line) == (50_000, 30_000)
    work(AT + 9 * MINUTE)
    assert (state(order_id), switch.heard) == (State.PENDING, []), "it can be undone"
    work(AT + 10 * MINUTE)
    assert state(order_id) is State.COMPLETED
    assert [(one.line, one.on) for one in switch.did] == [(old, (f"number:{SILVER}",))]
    line = make.now(line)
    assert (line.number, line.numbered_at) == (SILVER, AT + 10 * MINUTE)
    assert (named(SILVER), named(old)) == (account_id, None), "sign-in goes by the new one"
    assert line_queries.reached_by(old) is None
    assert [one.id for one in line_queries.of_account(account_id)] == [line.id]
    assert preferences.wishes_of(SILVER).sms_off == {Topic.FEES}
    assert preferences.wishes_of(old) == Wishes()
    assert Contract.objects.get(id=line.contract_id).contact_number == SILVER
    assert sums(line) == (30_000, 30_000)
    assert Message.objects.get(template="order done").recipient == SILVER
    kinds = SecurityEvent.objects.filter(account_id=account_id).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["number asked", "number changed"]
    assert own_numbers(account_id) == [SILVER, old], "the copy of one's data has both"
    assert_books_agree()


def test_cab_16_the_old_number_rests_for_everybody_but_its_former_holder() -> None:
    line, other = rich(), rich(number="+79000000099")
    old = line.number
    changed(line, PLAIN)
    done = AT + 10 * MINUTE
    line = make.now(line)
    for at, seen in ((done + 30 * DAY - MINUTE, False), (done + 30 * DAY, True)):
        free = kept.free(Choice(other.id), at=at, limit=10)
        assert (old in [one.number for one in free]) is seen
    with pytest.raises(NotFree):
        kept.hold(number=old, line_id=other.id, until=done + DAY, at=done)
    first = kept.free(Choice(line.id), at=done, limit=1)[0]
    assert (first.number, first.rests) == (old, True), "to go back is possible"
    changed(line, old, at=done + DAY)
    assert make.now(line).number == old
    assert models.PastNumber.objects.filter(line_id=line.id).count() == 2


def test_cab_16_usage_of_the_old_number_stays_with_the_line_and_later_one_is_another_matter() -> None:
    line = rich()
    old = line.number
    changed(line, PLAIN)
    done = AT + 10 * MINUTE
    store(
        [
            Use(old, done - MINUTE, record_id="before"),
            Use(old, done + MINUTE, record_id="after"),
            Use(PLAIN, done - MINUTE, record_id="too early"),
            Use(PLAIN, done + MINUTE, record_id="now"),
        ]
    )
    stored = dict(Record.objects.values_list("record_id", "line_id"))
    assert stored == {"before": line.id, "now": line.id}


def test_id_18_what_the_network_tells_of_the_old_number_counts_for_the_time_it_was_the_lines() -> None:
    line = with_sim(rich())
    old = line.number
    changed(line, PLAIN)
    done = AT + 10 * MINUTE
    said = network.note_sim_replaced(number=old, imsi="250990000000777", at=done + MINUTE, key="late")
    assert said is Noted.NO_LINE
    said = network.note_sim_replaced(number=old, imsi="250990000000778", at=done - MINUTE, key="early")
    assert said is Noted.DONE
    assert models.Sim.objects.get(line_id=line.id, until=None).imsi == "250990000000778"
    said = network.note_sim_replaced(number=PLAIN, imsi="250990000000779", at=done + MINUTE, key="new")
    assert said is Noted.DONE


def test_cab_16_what_is_asked_meanwhile_goes_to_the_new_number(switch: Switch) -> None:
    line = rich()
    order_number(line, PLAIN)
    switch.down = True
    work(AT + 10 * MINUTE)
    bars.impose(line_id=line.id, kind=Kind.LIMIT, by="limit", at=AT + 11 * MINUTE)
    switch.down = False
    later = AT + 20 * MINUTE
    while due := provisioning.due(later):
        for pk in due:
            provisioning.send(pk=pk, at=later)
    assert [one.line for one in switch.did] == [line.number, PLAIN]


def test_cab_16_undone_or_refused_everything_is_as_it_was_and_others_can_have_the_number(switch: Switch) -> None:
    line, other = rich(), rich(number="+79000000099")
    order_id = order_number(line, PLAIN)
    with pytest.raises(NotFree):
        kept.hold(number=PLAIN, line_id=other.id, until=AT + DAY, at=AT + DAY)
    actions.undo(order_id=order_id, line_ids=[line.id], at=AT + MINUTE)
    assert sums(line) == (50_000, 50_000)
    switch.refuses = True
    refused_id = changed(other, PLAIN, at=AT + 2 * MINUTE)
    assert state(refused_id) is State.FAILED
    assert (make.now(line).number, make.now(other).number) == (line.number, "+79000000099")
    assert not models.FreeNumber.objects.filter(held_for__isnull=False).exists()
    assert not models.PastNumber.objects.exists()


def test_id_18_it_stops_when_the_owner_says_it_was_not_me_or_the_sim_changes_meanwhile(switch: Switch) -> None:
    for place, stop in enumerate(("freeze", "lost", "sim")):
        line = with_sim(rich(number=f"+7900000005{place}"), f"25099000000005{place}")
        order_id = order_number(line, PLAIN)
        if stop == "freeze":
            freezing.freeze(account_id=make.account(line), event_id=None, at=AT + MINUTE)
        elif stop == "lost":
            bars.report_lost(line_id=line.id, by="self", at=AT + MINUTE)
        else:
            network.note_sim_replaced(number=line.number, imsi="250990000000999", at=AT + MINUTE, key="k")
        work(AT + 10 * MINUTE)
        assert state(order_id) is State.FAILED, stop
        assert sums(line) == (50_000, 50_000)
    assert not [one for one in switch.did if any(feature.startswith("number:") for feature in one.on)]


def test_cab_2_what_stands_in_the_way_is_said(settings: Any) -> None:
    poor = rich(9_999)
    assert refused(poor) is Why.SHORT
    line = rich(number="+79000000098")
    bars.report_lost(line_id=line.id, by="self", at=AT)
    assert refused(make.now(line), SILVER) is Why.BLOCKED
    rich_line = rich(number="+79000000097")
    freezing.freeze(account_id=make.account(rich_line), event_id=None, at=AT)
    with pytest.raises(freezing.Frozen):
        order_number(rich_line, SILVER)
    settings.NETWORK = ""
    assert refused(rich(number="+79000000096"), SILVER) is Why.NO_NETWORK


def test_cab_16_a_line_that_closes_before_gets_nothing_and_the_number_is_free() -> None:
    line = rich()
    order_number(line, PLAIN)
    network.note_terminated(number=line.number, at=AT + MINUTE, key="end")
    work(AT + 10 * MINUTE)
    assert not models.FreeNumber.objects.filter(held_for__isnull=False).exists()


def test_cab_16_terms_are_never_edited_and_bad_ones_refused() -> None:
    assert numbers.publish_rules(valid_from=make.VALID_FROM, terms=make.NUMBERS)
    with pytest.raises(ValueError, match="another day"):
        numbers.publish_rules(valid_from=make.VALID_FROM, terms=replace(make.NUMBERS, price_minor=1))
    first = make.NUMBERS.beauties[0]
    for bad in (
        replace(make.NUMBERS, hold_min=0),
        replace(make.NUMBERS, beauties=(replace(first, masks=("a",)),)),
        replace(make.NUMBERS, beauties=(replace(first, code="ordinary"),)),
        replace(make.NUMBERS, beauties=(first, first)),
    ):
        with pytest.raises(InvalidTerms):
            numbers.publish_rules(valid_from=make.VALID_FROM + DAY, terms=bad)
    assert len(numbers_queries.every_rules()) == 1
