"""Data and minutes given to another number: proved like money, changed on both sides at once, conserved (CAB-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from abonent.domains.billing import models
from abonent.domains.billing.actions import rerate_late
from abonent.domains.billing.gifts import actions as gifts
from abonent.domains.billing.gifts import queries as gifts_queries
from abonent.domains.billing.gifts import rules as gifts_rules
from abonent.domains.billing.gifts.queries import Gift, NoSuchGift
from abonent.domains.billing.gifts.rules import MEGABYTE, MINUTE, Range, Refusal
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.packages.rules import Source
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers.actions import NotWaiting, TooManyNumbers
from abonent.domains.billing.transfers.states import State
from abonent.domains.catalog import actions as catalog_actions
from abonent.domains.catalog.rules import Allowance, TariffVersion, Terms
from abonent.domains.identity.rules import WrongCode
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines import models as line_models
from abonent.domains.lines.queries import Line
from abonent.domains.usage.rules import Kind
from abonent.foundation.clock import now
from tests.domains.billing.strategies import ZONE
from tests.factories import billing, lines
from tests.factories import families as family
from tests.factories import packages as make
from tests.factories import transfers as money
from tests.factories.billing import Use
from tests.factories.catalog import SMALL
from tests.factories.packages import moment

pytestmark = pytest.mark.django_db
NOW = moment(3, 15)
MB = MEGABYTE


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def big() -> int:
    """A tariff of 1000 megabytes and 100 minutes."""
    allowances = (Allowance("data", 1000 * MB), Allowance("voice", 100 * MINUTE), Allowance("sms", 3))
    return published("big", Terms(allowances, SMALL.terms.prices))


@pytest.fixture
def anna(big: int) -> Line:
    line = lines.line(tariff_version_id=big)
    money.top_up(line, 10_000)
    return line


@pytest.fixture
def maria() -> Line:
    return money.maria()


def data(line: Line, size: int, hours: int) -> Use:
    return Use(line.number, NOW + timedelta(hours=hours), Kind.DATA, peer="", bytes=size)


def all_of(*of: Line) -> int:
    """Return all the data that is left on the lines."""
    return sum(left.left or 0 for line in of for left in make.left(line, "data", now()))


def test_cab_12_what_is_given_goes_over_whole_with_its_fee_and_both_are_told(anna: Line, maria: Line) -> None:
    before = all_of(anna, maria)
    gift = make.given(anna, maria, 300 * MB)
    assert gift.state is State.DONE
    assert all_of(anna, maria) == before
    (own,) = make.left(anna, "data", NOW)
    assert (own.left, own.given) == (700 * MB, 300 * MB)
    (came,) = make.left(maria, "data", NOW, Source.GIFT)
    ends = gifts_rules.ends_at(NOW, gifts_rules.TERMS[0], ZONE)
    assert (came.id, came.left, came.ends_at) == (gift.id, 300 * MB, ends)
    assert money.balances(anna) == [9_000]
    assert models.Charge.objects.get().rule == gifts_rules.FEE_RULE
    assert "подарил вам 300\N{NO-BREAK SPACE}МБ" in money.told(maria.number)
    assert "Вы подарили 300\N{NO-BREAK SPACE}МБ" in money.told(anna.number)
    assert ledger.disagreements() == []


def test_cab_12_the_proof_is_of_this_gift_and_the_same_one_gives_once(anna: Line, maria: Line) -> None:
    account_id = money.account_of(anna)
    one, other = make.asked(anna, maria.number, 200 * MB), make.asked(anna, maria.number, 201 * MB)
    shown = money.code_for(one, anna)
    with pytest.raises(WrongCode):
        gifts.confirm(gift_id=other.id, account_id=account_id, shown=shown, at=NOW)
    done = [gifts.confirm(gift_id=one.id, account_id=account_id, shown=shown, at=NOW) for _ in range(2)]
    assert {gift.state for gift in done} == {State.DONE}
    assert models.GiftPart.objects.count() == 1
    assert money.balances(anna) == [9_000]
    with pytest.raises(NoSuchGift):
        gifts.confirm(gift_id=one.id, account_id=money.account_of(maria), shown=shown, at=NOW)
    assert gifts_queries.seen(one.id, [maria.id], 0).state is State.DONE
    with pytest.raises(NoSuchGift):
        gifts_queries.seen(other.id, [maria.id], 0)


def refused(gift: Gift, giver: Line) -> Refusal:
    done = gifts.confirm(
        gift_id=gift.id, account_id=money.account_of(giver), shown=money.code_for(gift, giver), at=now()
    )
    assert done.state is State.REFUSED
    return Refusal(done.reason)


def test_cab_12_it_is_refused_to_oneself_to_strangers_and_to_the_blocked_alike(anna: Line, maria: Line) -> None:
    assert refused(make.asked(anna, anna.number, 200 * MB), anna) is Refusal.SELF
    line_models.Line.objects.filter(id=maria.id).update(blocked_at=NOW)
    useless = lines.line(tariff_version_id=without_data())
    for number in ("+79009999999", "+79161112233", maria.number, useless.number):
        wish = make.asked(anna, number, 200 * MB)
        assert (wish.line_to_id, wish.name_to) == (None, "")
        assert refused(wish, anna) is Refusal.RECEIVER
    assert money.balances(anna) == [10_000]
    assert models.GiftPart.objects.count() == 0


def test_cab_12_what_came_as_a_gift_goes_no_further_and_what_was_used_is_not_given(anna: Line, maria: Line) -> None:
    """Maria has five megabytes of her own, less than the least gift; what Anna gave her does not add to it."""
    make.given(anna, maria, 600 * MB)
    money.top_up(maria, 5_000)
    assert refused(make.asked(maria, anna.number, 100 * MB), maria) is Refusal.MORE
    billing.use(data(anna, 310 * MB, -1))
    assert refused(make.asked(anna, maria.number, 100 * MB), anna) is Refusal.MORE


def test_cab_12_what_the_family_used_and_nobody_has_counted_yet_is_not_given(anna: Line, maria: Line) -> None:
    son = lines.line()
    family.member(family.group(anna, family.load(), moment(3, 1)), son, moment(3, 1))
    billing.store([data(son, 800 * MB, -1)])
    # What comes late is only marked by the import: it is counted by the rating after it.
    billing.store([data(son, 100 * MB, -2)])
    assert refused(make.asked(anna, maria.number, 300 * MB), anna) is Refusal.UNSETTLED
    assert models.GiftPart.objects.count() == 0
    rerate_late()
    assert refused(make.asked(anna, maria.number, 300 * MB), anna) is Refusal.MORE
    assert make.given(anna, maria, 100 * MB).state is State.DONE


def test_cab_12_only_so_many_a_month_go_out_and_without_money_for_the_fee_none(anna: Line, maria: Line) -> None:
    for _ in range(5):
        assert make.given(anna, maria, 100 * MB).state is State.DONE
    assert refused(make.asked(anna, maria.number, 100 * MB), anna) is Refusal.MONTH
    with time_machine.travel(moment(4, 1), tick=False):
        assert make.given(anna, maria, 100 * MB).state is State.DONE
        money.drain(anna, 3_001)
        assert refused(make.asked(anna, maria.number, 100 * MB), anna) is Refusal.SHORT
    assert money.balances(anna) == [999]


def test_cab_12_a_record_that_comes_after_the_gift_finds_less_and_the_receiver_keeps_hers(
    anna: Line, maria: Line
) -> None:
    """Used before the gift and told of after it: what was given stays given, and what is beyond is charged."""
    make.given(anna, maria, 600 * MB)
    billing.use(data(anna, 500 * MB, -2))
    (own,) = make.left(anna, "data", NOW)
    assert (own.left, own.given) == (0, 600 * MB)
    charged = models.Charge.objects.get(record_id__isnull=False)
    assert charged.included == 400 * MB
    billing.use(data(maria, 100 * MB, 1))
    assert make.left(maria, "data", NOW, Source.GIFT)[0].left == 600 * MB - (1024 * 100 * 1024 - 5 * MB)


def test_cab_12_look_ups_of_gifts_and_of_money_are_counted_together(anna: Line) -> None:
    for number in range(6):
        money.asked(anna, f"+7900999{number:04}")
    for number in range(6, 10):
        make.asked(anna, f"+7900999{number:04}", 200 * MB)
    with pytest.raises(TooManyNumbers):
        make.asked(anna, "+79009990099", 200 * MB)
    with pytest.raises(TooManyNumbers):
        money.asked(anna, "+79009990099")
    assert transfers.expire(now=NOW + timedelta(hours=1)) == 7
    assert gifts.expire(now=NOW + timedelta(hours=1)) == 5


def test_cab_12_a_wish_ends_unconfirmed_after_its_time(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number, 200 * MB)
    shown = money.code_for(wish, anna)
    with pytest.raises(NotWaiting):
        gifts.confirm(gift_id=wish.id, account_id=money.account_of(anna), shown=shown, at=wish.expires_at)
    with pytest.raises(NoSuchGift):
        gifts_queries.asked_by(uuid4(), money.account_of(anna))


def test_cab_12_the_terms_are_dated() -> None:
    now_in_force = gifts_rules.TERMS[0]
    assert now_in_force.ranges["data"] == Range(100 * MB, 10_240 * MB, MB)
    assert gifts_rules.terms_on(now_in_force.valid_from - timedelta(days=1)) is now_in_force
    assert packages_rules.Source.GIFT not in now_in_force.sources


def without_data() -> int:
    """A tariff whose data takes from no package."""
    return published("no-data", Terms((), tuple(replace(price, bucket=None) for price in SMALL.terms.prices)))


def published(code: str, terms: Terms) -> int:
    version = TariffVersion(code, "mobile", "phone", {"ru": "Большой", "en": "Big"}, SMALL.valid_from, 0, terms)
    make.rolling()
    return catalog_actions.publish(version)
