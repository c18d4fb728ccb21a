"""A number blocked by its owner's wish: ordered, begun, paid, ended, undone, refused (CAB-13, CAB-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from abonent.domains.billing.actions import charge_fees
from abonent.domains.billing.fees.forecast import forecast
from abonent.domains.billing.pauses import queries as pauses_queries
from abonent.domains.catalog.rules import FeeTerms
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.messaging.models import Message
from abonent.domains.orders import actions, models
from abonent.domains.orders.actions import Changed, DifferentOrder
from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.blocks import queries as blocks_queries
from abonent.domains.orders.blocks.actions import WrongDay
from abonent.domains.orders.blocks.queries import NotOffered
from abonent.domains.orders.blocks.rules import Terms, Why, check
from abonent.domains.orders.states import State
from abonent.foundation.values.terms import InvalidTerms
from tests.factories import blocks as make_blocks
from tests.factories import orders as make
from tests.factories import promised
from tests.factories.blocks import now, place, wish
from tests.factories.fees import BY_DAYS, DAILY, WAITS_BY_DAYS, WHOLE_MONTH
from tests.factories.network import Switch
from tests.factories.orders import AT, assert_books_agree, sums
from tests.factories.tariffs import fees_of, paid, served, tariff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch")]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Midnights in Moscow; the line's periods begin on the 10th, of 31 days in March.
MARCH_20 = datetime(2026, 3, 19, 21, tzinfo=UTC)
MARCH_25 = datetime(2026, 3, 24, 21, tzinfo=UTC)
APRIL_10 = datetime(2026, 4, 9, 21, tzinfo=UTC)


def test_cab_13_at_once_the_fee_rests_from_tomorrow_until_the_day_on_which_it_works_again(switch: Switch) -> None:
    make_blocks.rules()
    line = served(tariff("old", 31_000))
    order = place(line, None, date(2026, 3, 25))
    assert sums(line) == (469_000, 464_000), "the price is held, not moved"
    make.work()
    assert (make.state(order), switch.on[line.number]) == (State.COMPLETED, {"bar-all"})
    assert (list(now(line).bars), now(line).bar_ends_at) == (["voluntary"], MARCH_25)
    assert sums(line)[0] == 469_000 - 5_000
    charge_fees(until=AT + DAY)
    assert sums(line)[0] == 469_000 - 5_000 + 30_000, "30 of 31 days come back when the first of them has begun"
    charge_fees(until=MARCH_25 - MINUTE)
    # The 11th to 20th are free, four days cost.
    assert sums(line)[0] == 494_000 - 4 * 300
    coming = forecast(contract_id=line.contract_id, now=MARCH_25 - DAY).coming[0]
    assert (coming.first, coming.amount_minor) == (date(2026, 3, 25), 16_000)
    assert blocks.warn_due(at=MARCH_25 - DAY) == 1
    assert blocks.warn_due(at=MARCH_25 - DAY + MINUTE) == 0
    assert blocks.end_due(at=MARCH_25 - MINUTE) == 0
    assert blocks.end_due(at=MARCH_25 + MINUTE) == 1
    make.work(MARCH_25 + MINUTE)
    charge_fees(until=MARCH_25 + MINUTE)
    assert (switch.on[line.number], list(now(line).bars)) == (set(), [])
    assert paid(line) == 5_000 + 1_000 + 4 * 300 + 16_000
    charge_fees(until=APRIL_10)
    assert fees_of(line)[-1][1:3] == (31_000, "fee-part")
    told = Message.objects.filter(template__in=["order done", "block ends", "block ended"])
    assert sorted(told.values_list("template", flat=True)) == ["block ended", "block ends", "order done"]
    assert_books_agree()


@pytest.mark.parametrize(
    ("fee", "spent"),
    [(BY_DAYS, 10_000 + 16_000), (WHOLE_MONTH, 31_000), (DAILY, 10 * 31_000 + 16 * 31_000)],
    ids=["by-days", "whole", "daily"],
)
@pytest.mark.parametrize("first", ["fees", "order"])
def test_cab_13_from_a_day_on_the_same_whoever_comes_first(fee: FeeTerms, spent: int, first: str) -> None:
    make_blocks.rules(once_minor=0, free_days=40)
    line = served(tariff("old", 31_000, fee), 2_000_000)
    order = place(line, date(2026, 3, 20), date(2026, 3, 25))
    make.work()
    assert make.state(order) is State.PENDING
    charge_fees(until=MARCH_20 - MINUTE)
    for step in ("fees", "order") if first == "fees" else ("order", "fees"):
        if step == "fees":
            charge_fees(until=MARCH_20 + MINUTE)
        else:
            make.work(MARCH_20 + MINUTE)
    assert [str(one.first) for one in pauses_queries.of_line(line.id)] == ["2026-03-20"]
    blocks.end_due(at=MARCH_25)
    charge_fees(until=APRIL_10 - MINUTE)
    assert paid(line) == spent, fees_of(line)
    assert_books_agree()


@pytest.mark.parametrize("first", ["fees", "order"])
def test_cab_13_a_month_that_begins_blocked_is_paid_by_the_days_left(first: str) -> None:
    """The run of fees took the whole month before the network had done it: that comes back."""
    make_blocks.rules(once_minor=0, free_days=40)
    line = served(tariff("old", 30_000, WHOLE_MONTH))
    place(line, date(2026, 4, 10), date(2026, 4, 25))
    for step in ("fees", "order") if first == "fees" else ("order", "fees"):
        if step == "fees":
            charge_fees(until=APRIL_10)
        else:
            make.work(APRIL_10 + MINUTE)
    charge_fees(until=APRIL_10 + 10 * DAY)
    assert paid(line) == 30_000
    blocks.end_due(at=APRIL_10 + 15 * DAY)
    charge_fees(until=APRIL_10 + 29 * DAY)
    assert paid(line) == 30_000 + 15_000
    assert_books_agree()


def test_cab_13_fees_of_services_rest_as_well() -> None:
    make_blocks.rules(once_minor=0, free_days=40)
    line = served(tariff("old", 0), 100_000)
    make.done(line, "monthly")
    before = sums(line)[0]
    place(now(line), None, date(2026, 3, 25))
    make.work()
    for days in range(10):
        charge_fees(until=AT + days * DAY)
    rested = sums(line)[0]
    assert rested > before, "days that are paid come back"
    blocks.lift(line=now(line), by="self", at=MARCH_20)
    charge_fees(until=MARCH_20 + DAY)
    assert before < sums(line)[0] < rested
    assert_books_agree()


def test_cab_13_the_owner_ends_it_at_once_or_on_an_earlier_day(switch: Switch) -> None:
    make_blocks.rules(once_minor=0)
    line = served(tariff("old", 31_000))
    place(line, None, None)
    make.work()
    assert now(line).bar_ends_at == datetime(2026, 4, 19, 21, tzinfo=UTC), "forty days at most"
    for wrong in (date(2026, 3, 10), date(2026, 4, 21), date(2025, 1, 1)):
        with pytest.raises(WrongDay):
            blocks.lift_on(line=now(line), day=wrong, at=AT)
    blocks.lift_on(line=now(line), day=date(2026, 3, 25), at=AT)
    assert now(line).bar_ends_at == MARCH_25
    assert blocks.lift(line=now(line), by="self", at=MARCH_20 + MINUTE)
    assert not blocks.lift(line=now(line), by="self", at=MARCH_20 + 2 * MINUTE)
    make.work(MARCH_20 + MINUTE)
    assert switch.on[line.number] == set()
    charge_fees(until=MARCH_20 + DAY)
    assert paid(line) == 1_000 + 20_000, "the day on which it was lifted rests, too"
    assert_books_agree()


def test_cab_13_it_is_undone_until_it_begins_and_gives_everything_free(switch: Switch) -> None:
    make_blocks.rules()
    line = served(tariff("old", 31_000))
    order = place(line, date(2026, 3, 20), date(2026, 3, 25))
    make.work()
    assert actions.undo(order_id=order, line_ids=[line.id], at=AT + MINUTE).state is State.CANCELLED
    assert sums(line) == (469_000, 469_000)
    switch.down = True
    order = place(line, None, date(2026, 3, 25))
    make.fulfilment.take_up(order_id=order, at=AT)
    assert list(now(line).bars) == ["voluntary"]
    actions.undo(order_id=order, line_ids=[line.id], at=AT + MINUTE)
    assert (list(now(line).bars), sums(line)) == ([], (469_000, 469_000))
    switch.down = False
    make.work(AT + 2 * MINUTE)
    assert switch.on.get(line.number, set()) == set()


def test_cab_13_what_the_network_refuses_bars_and_costs_nothing(switch: Switch) -> None:
    make_blocks.rules()
    line = served(tariff("old", 31_000))
    switch.refuses = True
    order = place(line, None, date(2026, 3, 25))
    make.work()
    assert (make.state(order), list(now(line).bars), sums(line)) == (State.FAILED, [], (469_000, 469_000))
    assert not pauses_queries.of_line(line.id)
    assert Message.objects.filter(template="order failed").count() == 1


def test_cab_13_a_worker_that_comes_when_it_is_over_blocks_and_charges_nothing(switch: Switch) -> None:
    make_blocks.rules()
    line = served(tariff("old", 31_000))
    order = place(line, date(2026, 3, 20), date(2026, 3, 25))
    make.work(MARCH_25)
    assert (make.state(order), sums(line), switch.heard) == (State.FAILED, (469_000, 469_000), [])


def test_cab_13_whose_fee_waits_pays_it_first() -> None:
    make_blocks.rules(once_minor=0)
    line = served(tariff("waits", 31_000, WAITS_BY_DAYS), 30_000)
    refusal = blocks_queries.standing(line, None, None, AT).refusal
    assert refusal is not None
    assert (refusal.why, refusal.missing_minor) == (Why.OWED, 1_000)


def test_cab_13_what_was_lifted_before_the_network_had_done_it_has_no_days(switch: Switch) -> None:
    make_blocks.rules(once_minor=0)
    line = served(tariff("old", 31_000))
    switch.down = True
    place(line, None, date(2026, 3, 25))
    make.work()
    blocks.lift(line=now(line), by="self", at=AT + MINUTE)
    switch.down = False
    for minutes in (10, 20, 30):
        make.work(AT + minutes * MINUTE)
    charge_fees(until=AT + DAY)
    assert switch.on[line.number] == set()
    assert paid(line) == 31_000
    assert_books_agree()


REFUSED = [
    ({}, date(2026, 3, 10), date(2026, 3, 25), Why.PAST),
    ({}, date(2026, 6, 9), date(2026, 6, 20), Why.TOO_FAR),
    ({}, None, date(2026, 3, 13), Why.TOO_SHORT),
    ({}, None, date(2026, 4, 21), Why.TOO_LONG),
    ({"day_minor": None}, None, date(2026, 3, 25), Why.QUOTA),
    ({"once_minor": 500_000}, None, date(2026, 3, 25), Why.SHORT),
]


@pytest.mark.parametrize(("terms", "first", "end", "why"), REFUSED, ids=[row[3] for row in REFUSED])
def test_cab_13_is_refused_with_a_reason(terms: dict[str, object], first: date | None, end: date, why: Why) -> None:
    make_blocks.rules(**terms)
    line = served(tariff("old", 31_000))
    standing = blocks_queries.standing(line, first, end, AT)
    assert standing.refusal is not None
    assert standing.refusal.why is why
    with pytest.raises(blocks.Refused) as told:
        place(line, first, end)
    assert told.value.refusal == standing.refusal
    assert (models.Order.objects.count(), sums(line)) == (0, (469_000, 469_000))


def test_cab_13_is_refused_for_what_stands_in_the_way_and_offered_again_after_a_while() -> None:
    line = served(tariff("old", 31_000), 40_000)
    with pytest.raises(NotOffered):
        blocks_queries.standing(line, None, None, AT)
    make_blocks.rules(once_minor=0)

    def why(at: datetime = AT) -> Why | None:
        refusal = blocks_queries.standing(now(line), None, None, at).refusal
        return refusal.why if refusal else None

    promised.spend(line, 10_000)
    refusal = blocks_queries.standing(line, None, None, AT).refusal
    assert refusal is not None
    assert (refusal.why, refusal.missing_minor) == (Why.OWED, 1_000), "the way out names the sum"
    promised.pay(line, 1_000, at=AT)
    bars.report_lost(line_id=line.id, by="self", at=AT)
    assert why() is Why.SILENT
    bars.found_again(line_id=line.id, by="self", at=AT)
    order = place(now(line), date(2026, 3, 20), date(2026, 3, 25))
    refusal = blocks_queries.standing(now(line), None, None, AT).refusal
    assert refusal is not None
    assert (refusal.why, refusal.order_id) == (Why.ON_THE_WAY, order)
    make.work(MARCH_20)
    assert why(MARCH_20) is Why.ALREADY
    blocks.end_due(at=MARCH_25)
    refusal = blocks_queries.standing(now(line), None, None, MARCH_25).refusal
    assert refusal is not None
    assert (refusal.why, refusal.day) == (Why.COOL_DOWN, date(2026, 4, 1))
    assert why(datetime(2026, 3, 31, 9, tzinfo=UTC)) is None
    left = blocks_queries.standing(now(line), None, None, datetime(2026, 3, 31, 9, tzinfo=UTC)).free_left
    assert left == 5, "five of the ten days of the year are used"


def test_cab_13_the_same_form_is_one_order_and_other_terms_are_asked_about_anew() -> None:
    make_blocks.rules()
    line, other = served(tariff("old", 31_000)), served(tariff("old", 31_000))
    shown = wish(line, None, date(2026, 3, 25))
    for changed in (replace(shown, total_minor=1), replace(shown, rules_id=2**40)):
        with pytest.raises(Changed):
            blocks.place(wish=changed, at=AT)
    first = blocks.place(wish=shown, at=AT)
    assert blocks.place(wish=shown, at=AT + MINUTE) == first
    with pytest.raises(DifferentOrder):
        blocks.place(wish=replace(shown, line=other), at=AT)
    with pytest.raises(blocks.Refused):
        blocks.place(wish=replace(shown, order_id=uuid4()), at=AT)
    make.work()
    [bar] = bars_queries.standing(line.id)
    assert (bar.kind, bar.reference, bar.by) == (Kind.VOLUNTARY, first.id, "self")


@pytest.mark.parametrize(
    "broken", [{"shortest_days": 0}, {"longest_days": 2}, {"once_minor": -1}, {"day_minor": -1}, {"free_days": -1}]
)
def test_cab_13_terms_that_nobody_could_have_are_not_published(broken: dict[str, int]) -> None:
    with pytest.raises(InvalidTerms):
        check(replace(make_blocks.TERMS, **broken))
    document = make_blocks.TERMS.to_json()
    assert Terms.from_json(document) == make_blocks.TERMS
    for wrong in (document | {"more": 1}, document | {"free_days": "10"}, document | {"free_days": None}):
        with pytest.raises(InvalidTerms):
            Terms.from_json(wrong)
    make_blocks.rules()
    make_blocks.rules()
    with pytest.raises(ValueError, match="another day"):
        make_blocks.rules(free_days=11)


def test_fix_2_each_kind_of_lines_rests_on_its_own_terms() -> None:
    make_blocks.rules()
    longer = replace(make_blocks.TERMS, free_days=60, longest_days=180)
    internet = served(tariff("wire", 30_000, BY_DAYS), service="internet")
    with pytest.raises(NotOffered):
        blocks_queries.standing(internet, None, None, AT)
    blocks.publish_rules(valid_from=make_blocks.VALID_FROM, terms=longer, service="internet")
    assert blocks_queries.standing(internet, None, None, AT).rules.terms == longer
    assert {rules.of for rules in blocks_queries.every_rules()} == {"internet", "mobile"}
    with pytest.raises(ValueError, match="kinds"):
        blocks.publish_rules(valid_from=make_blocks.VALID_FROM, terms=longer, service="pigeon")
