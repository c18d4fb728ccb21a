"""When fees fall due and what parts of periods cost: plain calendars, and what holds whatever is drawn."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.fees import rules
from abonent.domains.billing.fees.money import Settled, Tariffed, marks_after, settle
from abonent.domains.billing.fees.rules import Fee, FeeLine, Mark
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.rules import FeeTerms
from tests.factories.fees import BY_DAYS, DAILY, DAILY_WAITS, IN_PARTS, WAITS, WAITS_BY_DAYS, WHOLE_MONTH, version

MOSCOW = ZoneInfo("Europe/Moscow")
# A zone for each of the country's eleven times, and two that move their clocks.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
        "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka", "Europe/Berlin",
        "America/Havana",
    )
]  # fmt: skip
FAR = datetime(2031, 1, 1, tzinfo=UTC)
terms_drawn = st.sampled_from([WHOLE_MONTH, BY_DAYS, DAILY])
moments = st.integers(0, 165 * 24 * 60).map(
    lambda minutes: datetime(2023, 12, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)


def line(day: int, opened_at: datetime, closed_at: datetime | None = None) -> FeeLine:
    return FeeLine(1, 1, day, opened_at, closed_at, True)


def all_due(
    some: FeeLine, assigned: list[Assigned], until: datetime, zone: ZoneInfo, mark: Mark | None = None
) -> list[Fee]:
    return rules.due(some, mark, assigned, until, zone)[0]


@given(fee=st.integers(0, 10**9), days=st.integers(28, 31), cuts=st.lists(st.integers(0, 31), max_size=6))
def test_ops_4_parts_of_a_period_add_up_to_its_fee(fee: int, days: int, cuts: list[int]) -> None:
    borders = sorted({0, days, *(cut for cut in cuts if cut < days)})
    parts = [rules.share(fee, days, a, b) for a, b in pairwise(borders)]
    assert sum(parts) == fee
    each = {rules.share(fee, days, day, day + 1) for day in range(days)}
    assert max(each) - min(each) <= 1


@pytest.mark.parametrize(
    ("opened", "expected"),
    [(date(2026, 1, 31), 28), (date(2024, 2, 29), 28), (date(2026, 1, 28), 28), (date(2026, 1, 1), 1)],
)  # fmt: skip
def test_who_opens_on_the_29th_to_31st_has_periods_from_the_28th(opened: date, expected: int) -> None:
    assert rules.period_day(opened) == expected


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("day", [1, 15, 28])
def test_ops_4_days_of_four_years_are_each_paid_once_in_every_time_zone(zone: ZoneInfo, day: int) -> None:
    opened = datetime(2023, 1, 31, 23, 59, tzinfo=zone)
    until = datetime(2027, 2, 28, 12, tzinfo=zone)
    for terms in (WHOLE_MONTH, BY_DAYS, DAILY):
        fees = all_due(line(day, opened), [Assigned(version(terms), opened, None)], until, zone)
        assert fees[0].first == date(2023, 1, 31)
        assert fees[0].at == opened
        for one, following in pairwise(fees):
            assert one.end == following.first
            assert following.at == datetime.combine(following.first, time.min, zone).astimezone(UTC)
            assert following.at.astimezone(zone).date() == following.first
        assert fees[-1].end > date(2027, 2, 28)


def test_ops_4_a_leap_february_costs_as_much_as_a_short_one() -> None:
    opened = datetime(2024, 1, 1, tzinfo=MOSCOW)
    fees = all_due(line(1, opened), [Assigned(version(BY_DAYS, 65_000), opened, None)], FAR, MOSCOW)
    assert {fee.amount_minor for fee in fees} == {65_000}
    assert {fee.first.month: fee.days for fee in fees[:12]}[2] == 29
    assert next(fee.days for fee in fees if fee.first == date(2025, 2, 1)) == 28


def test_ops_4_opening_within_a_period_costs_its_days() -> None:
    opened = datetime(2026, 1, 15, 18, tzinfo=MOSCOW)
    until = datetime(2026, 2, 10, tzinfo=MOSCOW)
    assigned = [Assigned(version(BY_DAYS, 31_000), opened, None)]
    [first, second] = all_due(line(10, opened), assigned, until, MOSCOW)
    assert (first.amount_minor, first.days, first.period_days, first.at) == (26_000, 26, 31, opened)
    assert (second.amount_minor, second.days, second.rule) == (31_000, 28, "fee-part")


def test_a_daily_fee_is_not_asked_for_on_the_day_after_the_closing() -> None:
    opened = datetime(2026, 1, 15, 18, tzinfo=MOSCOW)
    for closed, days in ((datetime(2026, 1, 18, tzinfo=MOSCOW), 3), (datetime(2026, 1, 18, 0, 0, 1, tzinfo=MOSCOW), 4)):
        fees = all_due(line(10, opened, closed), [Assigned(version(DAILY, 2_000), opened, None)], FAR, MOSCOW)
        assert [fee.amount_minor for fee in fees] == [2_000] * days


def test_ops_4_a_change_gives_the_unused_days_back_and_the_new_tariff_pays_for_them() -> None:
    opened, changed = datetime(2026, 1, 10, 9, tzinfo=MOSCOW), datetime(2026, 1, 20, 15, tzinfo=MOSCOW)
    some, before, after = line(10, opened), version(BY_DAYS, 31_000, 1), version(BY_DAYS, 62_000, 2)
    [paid], mark = rules.due(some, None, [Assigned(before, opened, None)], opened, MOSCOW)
    assert paid.amount_minor == 31_000
    assigned = [Assigned(before, opened, changed), Assigned(after, changed, None)]
    assert mark
    assert rules.given_back(some, mark, assigned, changed - timedelta(seconds=1), MOSCOW) == (None, mark)
    back, mark = rules.given_back(some, mark, assigned, changed, MOSCOW)
    assert back
    assert (back.first, back.end, back.amount_minor, back.at) == (
        date(2026, 1, 21),
        date(2026, 2, 10),
        -20_000,
        changed,
    )
    [new], _ = rules.due(some, mark, assigned, datetime(2026, 1, 21, tzinfo=MOSCOW), MOSCOW)
    assert (new.first, new.amount_minor, new.version.id) == (date(2026, 1, 21), 40_000, 2)


@given(
    day=st.integers(1, 28), zone=st.sampled_from(ZONES), opened=moments,
    spans=st.lists(moments, max_size=3, unique=True), terms=st.lists(terms_drawn, min_size=4, max_size=4),
    closing=st.none() | moments, looks=st.lists(moments, max_size=8), data=st.data(),
)  # fmt: skip
def test_ops_4_what_a_line_pays_in_the_end_depends_not_on_when_it_was_asked_for(
    day: int, zone: ZoneInfo, opened: datetime, spans: list[datetime], terms: list[FeeTerms], closing: datetime | None,
    looks: list[datetime], data: st.DataObject,
) -> None:  # fmt: skip
    """Runs at any moments, each knowing only the changes that had happened, end as a reckoning day by day."""
    changes = sorted(moment for moment in spans if moment > opened)
    closed = closing if closing and closing > opened else None
    versions = [version(one, data.draw(st.integers(1, 10**6)), number + 1) for number, one in enumerate(terms)]
    borders = [opened, *changes]
    whole = [
        Assigned(versions[n], since, borders[n + 1] if n + 1 < len(borders) else None)
        for n, since in enumerate(borders)
    ]
    end = datetime(2024, 7, 1, tzinfo=UTC)
    paid: list[Fee] = []
    mark: Mark | None = None
    for look in [*sorted(looks), end]:
        known = [
            Assigned(
                one.version, one.valid_from, one.valid_until if one.valid_until and one.valid_until <= look else None
            )
            for one in whole
            if one.valid_from <= look
        ]
        some = line(day, opened, closed if closed and closed <= look else None)
        if mark:
            back, mark = rules.given_back(some, mark, known, look, zone)
            paid += [back] if back else []
        fallen, mark = rules.due(some, mark, known, look, zone)
        paid += fallen
    assert sum(fee.amount_minor for fee in paid) == sum(by_the_day(day, zone, whole, closed, end).values())
    assert len({(fee.first, fee.turn, fee.rule == "fee-return") for fee in paid}) == len(paid)


def by_the_day(
    day: int, zone: ZoneInfo, assigned: list[Assigned], closed: datetime | None, end: datetime
) -> dict[date, int]:
    """Return what each local day costs, told without periods of several days: the plain reckoning."""
    costs: dict[date, int] = {}
    opened = assigned[0].valid_from
    today, free_until = opened.astimezone(zone).date(), date.min
    while (at := max(rules.midnight(today, zone), opened)) <= end and (closed is None or at < closed):
        start = (
            today.replace(day=day) if today.day >= day else (today.replace(day=1) - timedelta(days=1)).replace(day=day)
        )
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=day)
        if today >= free_until:
            [version_] = [one.version for one in assigned if at in one]
            length, number, fee = (following - start).days, (today - start).days, version_.fee_minor
            if version_.terms.fee == DAILY:
                costs[today] = fee
            elif version_.terms.fee == BY_DAYS:
                costs[today] = (fee * (number + 1)) // length - (fee * number) // length
            else:
                costs[today], free_until = fee, following
        today += timedelta(days=1)
    # The last period is paid to its end, should the line go on.
    if closed is None and assigned[-1].version.terms.fee == BY_DAYS and today >= free_until:
        while today < following:
            number, fee = (today - start).days, assigned[-1].version.fee_minor
            costs[today] = (fee * (number + 1)) // length - (fee * number) // length
            today += timedelta(days=1)
    return costs


@given(
    zone=st.sampled_from(ZONES[:11]), day=st.integers(1, 28), opened=moments, fee=st.integers(1, 50_000),
    terms=st.sampled_from([WAITS, WAITS_BY_DAYS, IN_PARTS, DAILY_WAITS]),
    happens=st.lists(st.tuples(moments, st.integers(0, 60_000)), max_size=12),
)  # fmt: skip
def test_ops_4_without_money_nothing_is_taken_and_no_day_is_paid_twice(
    zone: ZoneInfo, day: int, opened: datetime, fee: int, terms: FeeTerms, happens: list[tuple[datetime, int]]
) -> None:
    """Money comes and runs look at any moments; the balance never falls below nothing, days never meet."""
    some = line(day, opened)
    assigned = [Assigned(version(terms, fee), opened, None)]
    balance, mark, waiting, paid = 0, None, {}, []
    for at, money in sorted(happens):
        if at < opened:
            continue
        balance += money
        fees, following = rules.due(some, mark, assigned, at, zone)
        settled = Settled()
        left = settle(balance, fees, waiting, {1: Tariffed(some, assigned, 0)}, at, zone, settled)
        assert left == balance - sum(one.amount_minor for one in settled.charged) >= 0
        balance, waiting = left, settled.waiting
        mark = marks_after({1: following} if following else {}, settled).get(1, mark)
        paid += settled.charged
    ordered = sorted(paid, key=lambda one: one.first)
    assert all(one.end <= following.first for one, following in pairwise(ordered))
    assert all(one.amount_minor <= fee for one in paid)
