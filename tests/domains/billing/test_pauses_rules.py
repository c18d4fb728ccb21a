"""Fees while a number is blocked by its owner's wish: right to the kopeck, whoever comes first (CAB-13, OPS-4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.rules import BLOCK_DAY, FeeLine, Mark
from abonent.domains.billing.pauses import rules as pauses_rules
from abonent.domains.billing.pauses.rules import Pause
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.rules import FeeTerms
from tests.factories.fees import BY_DAYS, DAILY, WHOLE_MONTH, version

MOSCOW = ZoneInfo("Europe/Moscow")
OPENED = datetime(2026, 1, 10, 6, tzinfo=UTC)
FIRST = date(2026, 1, 10)
DAY = timedelta(days=1)
DAYS = 200
FEE, PRICE = 31_001, 700


def charged(
    terms: FeeTerms,
    day: int,
    pauses: list[Pause],
    runs: list[int],
    until: date = FIRST + timedelta(days=DAYS),
    *,
    surprised: bool = False,
) -> dict[str, int]:
    """Return what is charged by rule when runs come on those days, each of which knows of the blocks that began.

    `surprised`: on the day of a block, one comes that does not know of it yet.
    """
    line = FeeLine(1, 1, day, OPENED, None, prepaid=True)
    assigned = [Assigned(version(terms, FEE), OPENED, None)]
    mark: Mark | None = None
    sums: dict[str, int] = {}
    beginnings = [(pause.first - FIRST).days for pause in pauses] if surprised else []
    for run, knows in sorted(
        {*((one, True) for one in (*runs, (until - FIRST).days)), *((one, False) for one in beginnings)}
    ):
        today = FIRST + run * DAY
        known = [pause for pause in pauses if pause.first < today or (knows and pause.first == today)]
        cut = pauses_rules.cut(assigned, known, day, MOSCOW)
        at = fees_rules.midnight(today, MOSCOW) + timedelta(hours=10)
        back = None
        if mark is not None:
            back, mark = fees_rules.given_back(line, mark, cut, at, MOSCOW)
        fees, mark = fees_rules.due(line, mark, cut, at, MOSCOW)
        for fee in [*([back] if back else []), *fees]:
            sums[fee.rule] = sums.get(fee.rule, 0) + fee.amount_minor
    return sums


def owed(terms: FeeTerms, day: int, pauses: list[Pause]) -> int:
    """Return what all the days cost, worked out day by day and period by period."""
    blocked = {pause.first + n * DAY for pause in pauses for n in range((pause.end - pause.first).days)}
    total, one = 0, FIRST
    while one <= FIRST + DAYS * DAY:
        start, end = fees_rules.period_days(day, fees_rules.month_of(day, one))
        served = [d for d in (start + n * DAY for n in range((end - start).days)) if d >= one and d not in blocked]
        length = (end - start).days
        if terms.per == "day":
            total += FEE * sum(d <= FIRST + DAYS * DAY for d in served)
        elif terms.by_days or one in blocked:
            for d in served:
                if terms.by_days or d <= FIRST + DAYS * DAY:
                    total += fees_rules.share(FEE, length, (d - start).days, (d - start).days + 1)
        else:
            total += FEE
        one = end
    return total


def paying(terms: FeeTerms, day: int, pauses: list[Pause]) -> int:
    """Return how many days of the blocks cost: of a month that is paid whole none does, nor of those that are free."""
    blocked = {pause.first + n * DAY for pause in pauses for n in range((pause.end - pause.first).days)}

    def rests(one: date) -> bool:
        start, _ = fees_rules.period_days(day, fees_rules.month_of(day, one))
        return terms.per == "day" or terms.by_days or max(start, FIRST) in blocked

    return sum(
        rests(one) and any(max(pause.first, pause.free_until) <= one < pause.end for pause in pauses) for one in blocked
    )


@st.composite
def blocks(draw: st.DrawFn) -> list[Pause]:
    """Draw one or two blocks, the second after the first; all of them end before the last period begins."""
    first = FIRST + draw(st.integers(1, 40)) * DAY
    found = []
    for _ in range(draw(st.integers(1, 2))):
        end = first + draw(st.integers(0, 45)) * DAY
        free = first + draw(st.integers(0, 50)) * DAY
        found.append(Pause(first, end, free, PRICE))
        first = end + draw(st.integers(0, 20)) * DAY
    return found


@given(blocks(), st.sampled_from([BY_DAYS, DAILY, WHOLE_MONTH]), st.sampled_from([1, 10, 28]),
       st.lists(st.integers(0, DAYS), max_size=12), st.booleans())  # fmt: skip
def test_cab_13_each_day_is_paid_once_or_rests_whenever_fees_are_charged(
    pauses: list[Pause], terms: FeeTerms, day: int, runs: list[int], surprised: bool
) -> None:
    """The days of blocks cost their own price, and all other days what they cost without any.

    What was taken before anybody knew of the block comes back: of days by these rules, of the rest when it begins.
    """
    surprised = surprised and terms.by_days
    sums = charged(terms, day, pauses, runs, surprised=surprised)
    assert sums.get(BLOCK_DAY, 0) == PRICE * paying(terms, day, pauses)
    assert sum(sums.values()) - sums.get(BLOCK_DAY, 0) == owed(terms, day, pauses)


@given(blocks(), st.sampled_from([BY_DAYS, DAILY, WHOLE_MONTH]), st.sampled_from([1, 10, 28]))
def test_cab_13_what_was_shown_before_is_what_is_charged(pauses: list[Pause], terms: FeeTerms, day: int) -> None:
    assume(pauses[0].first < pauses[0].end)
    pause, line = pauses[0], FeeLine(1, 1, day, OPENED, None, prepaid=True)
    assigned = [Assigned(version(terms, FEE), OPENED, None)]
    shown = pauses_rules.quote(line, None, assigned, [], pause, MOSCOW)
    sums = charged(terms, day, [pause], list(range(DAYS)))
    assert shown.back_minor == -sums.get("fee-return", 0)
    assert shown.after >= pause.end
    assert shown.after_minor > 0
    assert not shown.kept or terms is WHOLE_MONTH
    assert shown.paid_days * PRICE == sums.get(BLOCK_DAY, 0)


@pytest.mark.parametrize(
    ("terms", "first", "end", "last", "paid"),
    [
        # A period has 31 days from January the 10th, 28 from February's.
        (BY_DAYS, date(2026, 1, 20), date(2026, 1, 30), date(2026, 2, 9), FEE - 10_000),
        (WHOLE_MONTH, date(2026, 1, 20), date(2026, 1, 30), date(2026, 2, 9), FEE),
        (WHOLE_MONTH, date(2026, 1, 20), date(2026, 2, 10), date(2026, 3, 9), FEE + FEE),
        (WHOLE_MONTH, date(2026, 1, 20), date(2026, 2, 24), date(2026, 3, 9), FEE + 15_501),
        (DAILY, date(2026, 1, 20), date(2026, 1, 30), date(2026, 2, 9), FEE * 21),
    ],
)
def test_cab_13_known_sums(terms: FeeTerms, first: date, end: date, last: date, paid: int) -> None:
    pause = Pause(first, end, end, PRICE)
    sums = charged(terms, 10, [pause], list(range((last - FIRST).days + 1)), until=last)
    assert sum(sums.values()) == paid


@pytest.mark.parametrize(
    ("terms", "due_on", "end", "said"),
    [
        (BY_DAYS, date(2026, 2, 10), date(2026, 1, 31), (date(2026, 1, 31), FEE - 21_000)),
        (WHOLE_MONTH, date(2026, 2, 10), date(2026, 1, 31), None),
        (WHOLE_MONTH, date(2026, 2, 10), date(2026, 2, 10), None),
        (WHOLE_MONTH, date(2026, 2, 10), date(2026, 2, 24), (date(2026, 2, 24), 15_501)),
        (DAILY, date(2026, 1, 21), date(2026, 1, 31), (date(2026, 1, 31), FEE)),
    ],
)
def test_cab_13_the_next_fee_that_home_tells_of_is_that_after_the_block(
    terms: FeeTerms, due_on: date, end: date, said: tuple[date, int] | None
) -> None:
    found = pauses_rules.first_fee_after(version(terms, FEE), due_on, end, 10, MOSCOW)
    assert found == (said and (fees_rules.midnight(said[0], MOSCOW), said[1]))
