"""What a change of the tariff costs: nothing but what the fees' rules say, whenever it comes (CAB-10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.rules import FeeLine, Mark
from abonent.domains.billing.rules import Assigned
from abonent.domains.billing.tariffs_rules import quote, replaced, settled_too_far, starts_with_a_period
from abonent.domains.catalog.rules import FeeTerms
from tests.factories.fees import BY_DAYS, DAILY, IN_PARTS, WAITS_BY_DAYS, WHOLE_MONTH, version

ZONE = ZoneInfo("Europe/Moscow")
OPENED = datetime(2026, 1, 10, 9, tzinfo=UTC)
LINE = FeeLine(1, 1, 10, OPENED, None, prepaid=True)
TERMS = st.sampled_from([BY_DAYS, WAITS_BY_DAYS, IN_PARTS, DAILY])
FEES = st.integers(0, 100_000)
MINUTES = st.integers(1, 80 * 24 * 60)


def midnight_after(moment: datetime) -> datetime:
    return fees_rules.midnight(fees_rules.first_day_from(moment, ZONE), ZONE)


def charged_after(minutes: int, terms: FeeTerms, fee: int) -> tuple[datetime, list[Assigned], Mark | None]:
    """Return a moment, the tariffs until then, and how far fees are settled by then."""
    now = OPENED + timedelta(minutes=minutes)
    assigned = [Assigned(version(terms, fee), OPENED, None)]
    _, mark = fees_rules.due(LINE, None, assigned, now, ZONE)
    return now, assigned, mark


@given(old=TERMS, new=TERMS, old_fee=FEES, new_fee=FEES, minutes=MINUTES, ahead=st.integers(0, 90), whole=st.booleans())
def test_cab_10_what_is_charged_with_a_change_is_what_it_would_be_had_it_always_been_known(
    old: FeeTerms, new: FeeTerms, old_fee: int, new_fee: int, minutes: int, ahead: int, *, whole: bool
) -> None:
    now, assigned, mark = charged_after(minutes, old, old_fee)
    since = now if not ahead else midnight_after(now + timedelta(days=ahead - 1))
    if whole and ahead:
        # At the beginning of a period.
        since = fees_rules.midnight(fees_rules.period_days(10, fees_rules.month_of(10, since.date()))[1], ZONE)
    other = version(new, new_fee, version_id=2)
    found = quote(LINE, mark, assigned, other, since, at_once=not ahead, zone=ZONE)
    # The same, had everybody known from the first day on.
    end = fees_rules.midnight(found.end, ZONE)
    oracle, _ = fees_rules.due(LINE, None, replaced(assigned, other, since), end - timedelta(seconds=1), ZONE)
    before, _ = fees_rules.due(LINE, None, assigned, since - timedelta(microseconds=1), ZONE)
    paid = sum(fee.amount_minor for fee in before) - found.back_minor + found.first_minor
    assert paid == sum(fee.amount_minor for fee in oracle)
    assert found.first == oracle[-1].first
    assert found.total_minor == found.first_minor - found.back_minor


@given(fee=FEES, new_fee=FEES, day=st.integers(0, 30))
def test_cab_10_two_equal_fees_meet_without_a_kopeck_lost(fee: int, new_fee: int, day: int) -> None:
    now, assigned, mark = charged_after(day * 24 * 60 + 1, BY_DAYS, fee)
    found = quote(LINE, mark, assigned, version(BY_DAYS, fee, 2), now, at_once=True, zone=ZONE)
    assert found.back_minor == found.first_minor or found.back_minor == 0
    dearer = quote(LINE, mark, assigned, version(BY_DAYS, fee + new_fee, 2), now, at_once=True, zone=ZONE)
    assert dearer.first_minor >= found.first_minor


def test_cab_10_a_month_paid_whole_covers_its_period_and_nothing_of_it_comes_back() -> None:
    now, assigned, mark = charged_after(5 * 24 * 60, WHOLE_MONTH, 30_000)
    found = quote(LINE, mark, assigned, version(BY_DAYS, 20_000, 2), now, at_once=True, zone=ZONE)
    assert (found.back_minor, found.soon, f"{found.first}", found.first_minor) == (0, False, "2026-02-10", 20_000)
    assert found.needed_minor == 0


@pytest.mark.parametrize(
    ("old", "new", "starts"),
    [
        (version(WHOLE_MONTH, 30_000), version(BY_DAYS, 30_001), True),
        (version(WHOLE_MONTH, 30_000), version(BY_DAYS, 30_000), False),
        (version(WHOLE_MONTH, 30_000), version(DAILY, 1_001), True),
        (version(BY_DAYS, 30_000), version(BY_DAYS, 90_000), False),
        (version(DAILY, 100), version(WHOLE_MONTH, 90_000), False),
    ],
)
def test_cab_10_a_dearer_tariff_than_a_month_paid_whole_begins_with_a_period(old, new, starts) -> None:  # type: ignore[no-untyped-def]
    assert starts_with_a_period(old, new) is starts


@pytest.mark.parametrize(
    ("terms", "fee", "since", "expected"),
    [
        (WHOLE_MONTH, 30_000, datetime(2026, 2, 9, 21, tzinfo=UTC), "2026-02-10"),
        (WHOLE_MONTH, 0, datetime(2026, 2, 9, 21, tzinfo=UTC), "2026-02-10"),
        (WHOLE_MONTH, 30_000, datetime(2026, 2, 9, 21, 0, 1, tzinfo=UTC), "None"),
        (DAILY, 400, datetime(2026, 2, 9, 21, tzinfo=UTC), "2026-02-10"),
        (DAILY, 400, datetime(2026, 2, 10, 9, tzinfo=UTC), "None"),
        (BY_DAYS, 30_000, datetime(2026, 2, 9, 21, tzinfo=UTC), "None"),
    ],
)
def test_cab_10_what_the_old_tariff_asked_for_too_late_is_found(
    terms: FeeTerms, fee: int, since: datetime, expected: str
) -> None:
    assigned = [Assigned(version(terms, fee), OPENED, None)]
    _, mark = fees_rules.due(LINE, None, assigned, datetime(2026, 2, 10, 9, tzinfo=UTC), ZONE)
    assert str(settled_too_far(LINE, mark, assigned[0].version, since, ZONE)) == expected
