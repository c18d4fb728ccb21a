"""Buckets of a line: what ends when, what is taken first, what goes on, and what may be given (CAB-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domains.billing import rules
from abonent.domains.billing.gifts import rules as gifts_rules
from abonent.domains.billing.gifts.rules import MEGABYTE, Giver, Refusal
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.packages.rules import Held, LeftOver, Order, Source, Taking
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.packages_rules import Hours, Package
from abonent.domains.catalog.rules import Allowance, InvalidTerms, RollOver, Terms, check
from abonent.foundation.values import Period
from tests.domains.billing.strategies import ZONE
from tests.factories.catalog import MIB, SMALL
from tests.factories.packages import ROLLING

START, END = datetime(2026, 3, 9, 21, tzinfo=UTC), datetime(2026, 4, 9, 21, tzinfo=UTC)
PERIOD = Period(START, END)
NOW = START + timedelta(days=3)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("begins", "days", "ends"),
    [
        ("2026-01-31 15:00", 30, "2026-03-03 00:00"),
        ("2028-01-31 15:00", 30, "2028-03-02 00:00"),  # a leap year has one day more
        ("2028-02-28 23:59", 1, "2028-03-01 00:00"),
        ("2026-12-31 23:59", 1, "2027-01-02 00:00"),
        ("2026-03-01 00:00", 30, "2026-03-31 00:00"),  # the day that begins then counts whole
        ("2026-03-01 00:01", 30, "2026-04-01 00:00"),  # one that has begun is a gift
        ("2026-06-30 12:00", 366, "2027-07-02 00:00"),
    ],
)
def test_cab_12_a_package_ends_with_a_local_day(begins: str, days: int, ends: str) -> None:
    assert Package("data", 1, days).ends_at(local(begins), ZONE) == local(ends)


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [(Hours(1, 7), (1, 6), (0, 7, 23)), (Hours(23, 7), (23, 0, 6), (7, 12, 22)), (Hours(0, 1), (0,), (1, 23))],
)
def test_cab_12_hours_may_go_over_midnight(hours: Hours, inside: Sequence[int], outside: Sequence[int]) -> None:
    assert all(hour in hours for hour in inside)
    assert not any(hour in hours for hour in outside)


def held(
    amount: int | None, *, days: tuple[float, float] = (0, 30), source: Source = Source.PACKAGE, **known: object
) -> Held:
    since, until = (START + timedelta(days=day) for day in days)
    return Held(uuid4(), "data", amount, since, until, source, **known)  # type: ignore[arg-type]


def taking(*buckets: Held, given: int = 0, used: dict[UUID, int] | None = None) -> Taking:
    own = replace(held(0, days=(0, 31), source=Source.TARIFF), given=given, valid_until=END)
    return Taking(buckets, used or {}, own, 0, PERIOD, ZONE)


def test_cab_12_what_ends_soonest_is_used_first_and_what_has_no_limit_before_all() -> None:
    soon, late, night = held(10, days=(0, 5)), held(10, days=(0, 60)), held(None, hours=Hours(1, 7))
    one = taking(late, soon, night)
    noon, at_night = local("2026-03-12 12:00"), local("2026-03-12 03:00")
    assert (one.take(at_night, 1_000, 10), one.taken) == (1_000, {night.id: 1_000})
    assert one.take(noon, 25, 10) == 25
    assert (one.taken[soon.id], one.tariff_used, one.taken[late.id]) == (10, 10, 5)
    assert one.take(noon, 9, 10) == 5
    assert one.tariff_used == 14, "what nothing covers falls to the tariff, as without packages"


def test_cab_12_usage_is_its_own_from_the_moment_it_begins() -> None:
    """A session that begins before a package ends is taken from it to its end; one that begins at its end is not."""
    ends = held(100, days=(0, 1))
    one = taking(ends)
    assert one.take(START + timedelta(days=1, microseconds=-1), 60, 0) == 60
    assert one.take(START + timedelta(days=1), 10, 0) == 0
    assert one.take(START + timedelta(days=-1), 10, 0) == 0


def test_cab_12_the_order_of_use_is_dated() -> None:
    tariff, package = held(5, days=(0, 31), source=Source.TARIFF), held(5, days=(0, 31))
    turned = Order(date(2026, 4, 1), (Source.PACKAGE, Source.TARIFF, Source.GIFT, Source.ROLL_OVER))
    orders = (*packages_rules.ORDERS, turned)
    assert packages_rules.order_on(date(2026, 3, 31), orders) == packages_rules.ORDERS[0]
    assert packages_rules.order_on(date(2026, 4, 1), orders) is turned
    assert packages_rules.in_order([package, tariff], PERIOD, ZONE) == [tariff, package]


buckets = st.lists(
    st.builds(
        held,
        st.one_of(st.none(), st.integers(0, 500)),
        days=st.tuples(st.integers(-20, 20), st.integers(21, 60)),
        source=st.sampled_from([Source.PACKAGE, Source.GIFT, Source.ROLL_OVER]),
        given=st.just(0),
        hours=st.sampled_from([None, None, Hours(1, 7), Hours(22, 3)]),
    ),
    max_size=4,
)
usage = st.lists(
    st.tuples(st.integers(0, 30 * 24), st.integers(0, 300), st.sampled_from([0, 100, 400, None])), max_size=20
)


@settings(max_examples=150)
@given(buckets, usage, st.integers(0, 100))
def test_cab_12_used_and_left_are_always_what_was_given_and_nothing_is_taken_twice(
    of: list[Held], records: list[tuple[int, int, int | None]], given: int
) -> None:
    one = taking(*of, given=given)
    covered = 0
    for hour, amount, allowance in sorted(records, key=lambda record: record[0]):
        at = START + timedelta(hours=hour)
        took = one.take(at, amount, allowance)
        assert 0 <= took <= amount
        assert sum(part for _, part in one.parts) == took
        covered += took
    for bucket in of:
        left = packages_rules.left_of(bucket, one.used.get(bucket.id, 0), NOW)
        assert left.left is None or left.left + one.used.get(bucket.id, 0) == bucket.amount
    total = sum(amount for _, amount, _ in records)
    assert covered <= total
    assert sum(one.taken.values()) + one.tariff_used == total, "all that is used falls somewhere, and once"


def rolled(used: int, bucket: str = "voice", assigned: Sequence[Assigned] | None = None) -> Held | None:
    always = [Assigned(replace(ROLLING, id=1), START - timedelta(days=400), None)]
    return packages_rules.rolled(7, assigned or always, bucket, used, PERIOD, day=10, zone=ZONE)


@pytest.mark.parametrize(
    ("used", "goes_on"), [(0, 300), (299, 300), (300, 300), (301, 299), (599, 1), (600, 0), (5_000, 0)]
)
def test_cab_12_what_is_left_goes_on_up_to_its_cap(used: int, goes_on: int) -> None:
    found = rolled(used)
    assert (found.amount if found else 0) == goes_on


def test_cab_12_it_goes_on_for_as_many_periods_as_the_tariff_says_and_keeps_its_id() -> None:
    voice, data = rolled(500), rolled(MIB, "data")
    assert voice
    assert data
    assert (voice.valid_from, voice.valid_until) == (END, rules.period_of(10, END, ZONE).end)
    assert data.valid_until == rules.period_of(10, voice.valid_until, ZONE).end
    assert voice.id == packages_rules.rolled_bucket_id(7, "voice", START)
    assert voice == rolled(500)
    assert rolled(0, "sms") is None


@pytest.mark.parametrize(
    ("changes", "goes_on"),
    [
        ([], True),
        ([(END + timedelta(days=5), SMALL)], True),  # until then
        ([(END, SMALL)], False),
        ([(START + timedelta(days=5), SMALL)], False),
        ([(END, ROLLING), (END + timedelta(days=40), SMALL)], True),  # a new version of the same tariff
    ],
)
def test_cab_12_what_is_left_is_lost_with_the_tariff(changes: list[tuple[datetime, object]], goes_on: bool) -> None:
    borders = [(START - timedelta(days=90), ROLLING), *changes]
    ends = [at for at, _ in borders[1:]] + [None]
    assigned = [Assigned(replace(version, id=1), at, end) for (at, version), end in zip(borders, ends, strict=True)]  # type: ignore[type-var]
    found = rolled(0, "voice", assigned)
    assert (found is not None) == goes_on
    if found is not None:
        last = next((at for at, version in borders if version is SMALL), None)
        assert found.valid_until == min(rules.period_of(10, END, ZONE).end, last or found.valid_until)


@pytest.mark.parametrize(
    "allowance",
    [
        Allowance("voice", None, roll_over=RollOver(1, 10)),
        Allowance("voice", 10, roll_over=RollOver(0, 10)),
        Allowance("voice", 10, roll_over=RollOver(4, 10)),
        Allowance("voice", 10, roll_over=RollOver(1, 0)),
    ],
)
def test_cab_12_terms_by_which_nothing_can_go_on_are_refused(allowance: Allowance) -> None:
    terms = Terms((allowance,), SMALL.terms.prices)
    with pytest.raises(InvalidTerms, match="rolls over"):
        check(terms)
    assert Terms.from_json(ROLLING.terms.to_json()) == ROLLING.terms


def test_cab_1_a_total_leaves_out_what_holds_at_some_hours_or_later() -> None:
    at = {"ends_at": END, "id": uuid4()}
    found = [
        LeftOver("data", 100, 0, then_kbps=64, **at),  # type: ignore[arg-type]
        LeftOver("data", 50, 20, source=Source.PACKAGE, given=10, **at),  # type: ignore[arg-type]
        LeftOver("data", None, None, source=Source.PACKAGE, hours=Hours(1, 7), **at),  # type: ignore[arg-type]
        LeftOver("data", 500, 500, source=Source.PACKAGE, starts_at=END, **at),  # type: ignore[arg-type]
    ]
    total = packages_rules.total(found, "data")
    assert total == packages_rules.Total("data", 140, 20, 64)
    assert found[0].slowed
    assert packages_rules.total([*found, LeftOver("data", None, None, END)], "data") == packages_rules.Total(
        "data", None, None
    )
    assert packages_rules.total(found, "sms") is None


GB = 1024 * MEGABYTE
MINE = (
    LeftOver("data", 5 * GB, 2 * GB, END, id=uuid4()),
    LeftOver("data", GB, GB, END - timedelta(days=9), Source.PACKAGE, id=uuid4()),
    LeftOver("data", 9 * GB, 9 * GB, END, Source.GIFT, id=uuid4()),
    LeftOver("data", 9 * GB, 9 * GB, END, Source.ROLL_OVER, id=uuid4()),
    LeftOver("data", 9 * GB, 9 * GB, END, Source.PACKAGE, starts_at=END, id=uuid4()),
    LeftOver("voice", 6_000, 6_000, END, id=uuid4()),
    LeftOver("sms", 50, 50, END, id=uuid4()),
)
GIVER = Giver(1, blocked=False, left=MINE, gifts_this_month=0, available_minor=5_000, prepaid=True)
TERMS = gifts_rules.TERMS[0]


@pytest.mark.parametrize(
    ("changed", "asked", "refusal"),
    [
        ({}, {}, None),
        ({}, {"amount": 3 * GB}, None),
        ({}, {"amount": 3 * GB + MEGABYTE}, Refusal.MORE),
        ({"blocked": True}, {"receiver_line_id": None}, Refusal.BLOCKED),
        ({}, {"bucket": "sms", "amount": 10}, Refusal.KIND),
        ({}, {"receiver_line_id": 1}, Refusal.SELF),
        ({}, {"receiver_line_id": None}, Refusal.RECEIVER),
        ({}, {"amount": 99 * MEGABYTE}, Refusal.SMALL),
        ({}, {"amount": 11 * GB}, Refusal.LARGE),
        ({}, {"bucket": "voice", "amount": 9 * 60}, Refusal.SMALL),
        ({"gifts_this_month": 4}, {}, None),
        ({"gifts_this_month": 5}, {}, Refusal.MONTH),
        ({"unsettled": True}, {}, Refusal.UNSETTLED),
        ({"limit_left_minor": 999}, {}, Refusal.LIMIT),
        ({"available_minor": 999}, {}, Refusal.SHORT),
        ({"available_minor": -1, "prepaid": False}, {}, None),
    ],
)
def test_cab_12_a_gift_is_refused_for_one_reason(
    changed: dict[str, object], asked: dict[str, object], refusal: Refusal | None
) -> None:
    wish = {"receiver_line_id": 2, "bucket": "data", "amount": GB, "fee_minor": TERMS.fee_minor, "terms": TERMS} | asked
    found = gifts_rules.refused(giver=replace(GIVER, **changed), **wish)  # type: ignore[arg-type]
    assert (found.refusal if found else None) is refusal


def test_cab_12_a_gift_takes_what_ends_soonest_and_never_what_came_as_one() -> None:
    parts = gifts_rules.parts(MINE, "data", 2 * GB, TERMS)
    assert [(part.source, part.amount) for part in parts] == [(Source.PACKAGE, GB), (Source.TARIFF, GB)]
    assert gifts_rules.giveable(MINE, "data", TERMS) == 3 * GB
    with pytest.raises(ValueError, match="less than that"):
        gifts_rules.parts(MINE, "data", 4 * GB, TERMS)


def test_cab_12_the_same_form_is_the_same_gift_and_another_content_another() -> None:
    form = uuid4()
    asked = {"account_id": 1, "line_id": 2, "number": "+79000000001", "bucket": "data", "amount": GB}
    ids = {gifts_rules.gift_id(form, **(asked | change)) for change in ({}, {}, {"amount": 1}, {"bucket": "voice"})}  # type: ignore[arg-type]
    assert len(ids) == 3
