"""Packages are bought by orders, begin when these are done, and are bought again until somebody says no (CAB-12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from abonent.domains.billing import models
from abonent.domains.billing import products as money
from abonent.domains.billing.packages import actions as packages
from abonent.domains.billing.packages.actions import NoSuchPackage
from abonent.domains.billing.packages.rules import Source
from abonent.domains.catalog.offers import actions as offers
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import Catalogue
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions, queries, renewals
from abonent.domains.orders import models as order_models
from abonent.domains.orders.actions import Changed, Refused, TooLate
from abonent.domains.orders.rules import Refusal, Why
from abonent.domains.orders.states import State
from abonent.domains.usage.rules import Kind
from tests.domains.billing.strategies import ZONE
from tests.factories import billing, catalog, limits, lines, network, transfers
from tests.factories import orders as make
from tests.factories import packages as bought
from tests.factories.billing import Use
from tests.factories.catalog import MIB
from tests.factories.network import Switch
from tests.factories.orders import AT

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
BLOCK = 100 * 1024


@pytest.fixture(autouse=True)
def switch(settings: object) -> Switch:
    bought.load()
    return network.open_network(settings)


@pytest.fixture
def line() -> Line:
    return make.rich(tariff_version_id=catalog.small())


def there(line: Line) -> int:
    """Return what the line's contract can spend."""
    return money.available(line.contract_id)


def data(line: Line, size: int, at: datetime) -> Use:
    return Use(line.number, at, Kind.DATA, peer="internet", duration_s=60, bytes=size)


def refusal_of(line: Line, code: str, **known: object) -> Refusal:
    with pytest.raises(Refused) as refused:
        make.place(line, code, **known)  # type: ignore[arg-type]
    return refused.value.refusal


def test_cab_12_a_package_is_held_paid_and_there_with_its_receipt_and_its_sms(line: Line) -> None:
    order_id = make.place(line, "more-data")
    assert there(line) == 40_000
    assert bought.left(line, "data", AT, Source.PACKAGE) == []
    make.work()
    order = make.order(order_id)
    assert (order.state, order.taken_minor, order.is_package) == (State.COMPLETED, 10_000, True)
    (left,) = bought.left(line, "data", AT, Source.PACKAGE)
    assert (left.id, left.amount, left.left, left.renews) == (order_id, 2 * MIB, 2 * MIB, False)
    assert left.ends_at.astimezone(ZONE).isoformat() == "2026-04-10T00:00:00+03:00"
    charge = models.Charge.objects.get(line_id=line.id, rule="service-once")
    assert (charge.amount_minor, charge.peer, charge.category) == (10_000, "more-data", "service")
    assert "10.04" not in (said := transfers.told(line.number))
    assert "09.04.2026" in said
    assert "100,00" in said


def test_cab_12_usage_takes_from_it_and_late_usage_is_put_right(line: Line) -> None:
    """Beyond five megabytes of the tariff a block of 100 KB costs 15 kopecks."""
    make.done(line, "more-data")
    billing.use(data(line, 60 * BLOCK, AT + 2 * SECOND))
    beyond = 60 * BLOCK - 5 * MIB
    assert [left.left for left in bought.left(line, "data", AT)] == [0, 2 * MIB - beyond]
    assert make.sums(line) == (40_000, 40_000), "nothing but the package was paid"
    billing.use(data(line, 20 * BLOCK, AT + SECOND))
    assert [left.left for left in bought.left(line, "data", AT)] == [0, 0]
    charged = models.Charge.objects.get(record_id__isnull=False)
    assert charged.included == 7 * MIB - 20 * BLOCK
    assert charged.amount_minor == 15 * -(-(80 * BLOCK - 7 * MIB) // BLOCK)
    billing.use(data(line, 10 * BLOCK, AT - timedelta(hours=30)))
    assert bought.taken()[0][3] == 2 * MIB, "what was used before it began, in the same period, cannot take from it"


def test_cab_12_the_same_package_may_be_bought_again_and_what_it_costs_is_what_was_shown(line: Line) -> None:
    make.done(line, "more-minutes")
    make.done(line, "more-minutes", at=AT + SECOND)
    assert [left.left for left in bought.left(line, "voice", AT + 2 * SECOND)] == [600, 300, 300]
    with pytest.raises(Changed):
        make.place(line, "more-minutes", total_minor=9_999)
    assert there(line) == 30_000


def test_cab_2_a_package_is_refused_for_a_reason_and_nothing_is_held(line: Line) -> None:
    poor, endless = make.rich(9_999, tariff_version_id=catalog.small()), make.rich(tariff_version_id=catalog.large())
    assert refusal_of(poor, "more-data") == Refusal(Why.SHORT, missing_minor=1)
    assert refusal_of(endless, "more-data").why is Why.UNLIMITED
    useless = make.rich(tariff_version_id=catalog.of_the_demo("dom-100"))
    assert refusal_of(useless, "more-messages").why is Why.NO_USE
    assert refusal_of(line, "in-the-north").why is Why.REGION
    assert {one.code for one in queries.packages(line, AT)} == {
        "more-data", "more-minutes", "more-messages", "night", "each-month",
    }  # fmt: skip
    assert {one.code for one in queries.packages(endless, AT)} == {"more-minutes", "more-messages"}
    assert not any(one.package for one in queries.shop(line, AT).available)
    make.place(line, "more-data", effective_at=AT + timedelta(days=1))
    assert refusal_of(line, "more-data").why is Why.ON_THE_WAY
    assert [there(one) for one in (poor, endless, line)] == [9_999, 50_000, 40_000]


def test_cab_12_one_that_begins_later_is_undone_until_then_and_begins_on_time(line: Line) -> None:
    later = AT + timedelta(days=1)
    first = make.place(line, "more-data", effective_at=later)
    make.work()
    assert actions.undo(order_id=first, line_ids=[line.id], at=AT).state is State.CANCELLED
    assert there(line) == 50_000
    second = make.place(line, "more-data", effective_at=later)
    make.work(later + timedelta(minutes=5))
    (left,) = bought.left(line, "data", later + timedelta(minutes=6), Source.PACKAGE)
    assert left.id == second
    assert models.PackageBucket.objects.get().valid_from == later, "however late somebody looked after it"
    with pytest.raises(TooLate):
        actions.undo(order_id=second, line_ids=[line.id], at=later + timedelta(minutes=6))


def test_cab_12_a_package_that_renews_is_ordered_again_before_its_end_and_goes_on_without_a_gap(line: Line) -> None:
    first = make.done(line, "each-month").id
    ends = models.PackageBucket.objects.get(id=first).valid_until
    renewals.renew_due(at=ends - timedelta(hours=4))
    assert order_models.Order.objects.count() == 1
    for _ in range(2):
        renewals.renew_due(at=ends - timedelta(hours=2))
    again = order_models.Order.objects.exclude(id=first).get()
    assert (again.channel, again.effective_at, there(line)) == ("renewal", ends, 30_000)
    make.work(ends + timedelta(minutes=3))
    follows = models.PackageBucket.objects.get(id=again.id)
    assert (follows.valid_from, follows.valid_until - ends) == (ends, timedelta(days=30))
    assert make.order(again.id).taken_minor == 10_000


def test_cab_12_it_ends_when_its_owner_says_so_when_money_lacks_and_when_its_terms_are_others(line: Line) -> None:
    stopped = make.done(line, "each-month").id
    ends = models.PackageBucket.objects.get(id=stopped).valid_until
    with pytest.raises(NoSuchPackage):
        packages.stop(bucket_id=stopped, line_ids=[lines.line().id], at=AT)
    with pytest.raises(NoSuchPackage):
        packages.stop(bucket_id=uuid4(), line_ids=[line.id], at=AT)
    for _ in range(2):
        packages.stop(bucket_id=stopped, line_ids=[line.id], at=AT)
    poor = make.rich(10_000, tariff_version_id=catalog.small())
    spent = make.done(poor, "each-month").id
    assert renewals.renew_due(at=ends - timedelta(hours=1)) == 1
    row = models.PackageBucket.objects.get(id=spent)
    assert (row.stopped_why, row.renewal_order_id) == (Why.SHORT, None)
    assert "не удалось купить снова" in transfers.told(poor.number)
    assert models.PackageBucket.objects.get(id=stopped).renewal_order_id is None


def test_cab_12_two_of_a_kind_are_both_bought_again_one_after_the_other(line: Line) -> None:
    first, second = (make.done(line, "each-month", at=AT + day * SECOND).id for day in (0, 1))
    ends = models.PackageBucket.objects.get(id=first).valid_until
    for _ in range(2):
        renewals.renew_due(at=ends - timedelta(hours=1))
    assert models.PackageBucket.objects.get(id=second).stopped_at is None, "the other is on its way: it has its turn"
    make.work(ends)
    renewals.renew_due(at=ends + SECOND)
    make.work(ends + SECOND)
    assert models.PackageBucket.objects.filter(renewal_order_id=None).count() == 2
    assert [left.amount for left in bought.left(line, "data", ends + 2 * SECOND, Source.PACKAGE)] == [3 * MIB, 3 * MIB]
    assert there(line) == 10_000


def test_cab_12_what_is_sold_no_more_is_not_renewed(line: Line) -> None:
    order_id = make.done(line, "each-month").id
    ends = models.PackageBucket.objects.get(id=order_id).valid_until
    known = offers_queries.catalogue()
    version = next(one for one in known.versions if one.code == "each-month")
    ended = replace(version, valid_until=AT.date() + timedelta(days=2))
    offers.load(Catalogue(known.categories, (ended,)), today=AT.date())
    renewals.renew_due(at=ends - timedelta(hours=1))
    assert models.PackageBucket.objects.get(id=order_id).stopped_why == Why.NOT_SOLD
    assert there(line) == 40_000


def test_cab_12_the_spending_limit_holds_a_package_back(line: Line) -> None:
    limits.limited(line, 5_000, block=True, at=AT)
    assert refusal_of(line, "more-data").why is Why.LIMIT
