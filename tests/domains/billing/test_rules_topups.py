"""Limits of top-ups, and when a decline is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from abonent.domains.billing.topups import rules as rules_topups
from abonent.domains.billing.topups.rules import Limits, Refused, Today

LIMITS = Limits(least_minor=10_00, most_minor=15_000_00, day_minor=20_000_00, day_count=3, day_numbers=2)
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def refusal(amount_minor: int, number: str = "", today: Today | None = None) -> tuple[str, int] | None:
    try:
        rules_topups.check(amount_minor, number, today or Today(), LIMITS)
    except Refused as refused:
        return refused.reason, refused.limit
    return None


@pytest.mark.parametrize(
    ("amount_minor", "number", "today", "expected"),
    [
        (10_00, "", Today(), None),
        (9_99, "", Today(), ("too_little", 10_00)),
        (15_000_00, "", Today(), None),
        (15_000_01, "", Today(), ("too_much", 15_000_00)),
        (15_000_00, "", Today(5_000_00, 1), None),
        (15_000_00, "", Today(5_000_01, 1), ("day_sum", 14_999_99)),
        (10_00, "", Today(25_000_00, 2), ("day_sum", 0)),
        (10_00, "", Today(10_00, 3), ("day_count", 3)),
        (10_00, "+79000000003", Today(20_00, 2, ("+79000000001",)), None),
        (10_00, "+79000000003", Today(20_00, 2, ("+79000000001", "+79000000002")), ("day_numbers", 2)),
        (10_00, "+79000000002", Today(20_00, 2, ("+79000000001", "+79000000002")), None),
        (10_00, "", Today(20_00, 2, ("+79000000001", "+79000000002", "+79000000003")), None),
    ],
)
def test_cab_6_limits_a_sum_a_day_and_the_numbers_of_others(
    amount_minor: int, number: str, today: Today, expected: tuple[str, int] | None
) -> None:
    assert refusal(amount_minor, number, today) == expected


@pytest.mark.parametrize(
    ("reason", "minutes", "told"),
    [("insufficient funds", 1, False), ("insufficient funds", 6, True), ("time is up", 60, False)],
)
def test_cab_6_tells_of_a_decline_only_who_does_not_see_it(reason: str, minutes: int, told: bool) -> None:
    assert rules_topups.is_told_of_decline(reason, began_at=AT - timedelta(minutes=minutes), at=AT) is told
