"""What is foretold where something is ordered for a day to come is what is charged (CAB-1, CAB-10, CAB-11, CAB-13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.domains.billing import queries
from abonent.domains.billing.actions import charge_fees
from abonent.domains.billing.fees import planned as fees_planned
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.forecast import forecast
from abonent.domains.billing.fees.planned import Stage
from abonent.domains.billing.fees.rules import FeeLine, midnight
from abonent.domains.billing.rules import Assigned
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions, queries_planned
from abonent.domains.orders.rules import Action
from tests.factories import blocks, offers
from tests.factories import orders as make
from tests.factories.catalog import SMALL
from tests.factories.fees import BY_DAYS, DAILY, WHOLE_MONTH
from tests.factories.orders import AT
from tests.factories.tariffs import place, served, tariff

DAY = timedelta(days=1)
MSK = ZoneInfo("Europe/Moscow")
TERMS = {"by days": BY_DAYS, "daily": DAILY, "whole": WHOLE_MONTH}
db = [pytest.mark.django_db, pytest.mark.usefixtures("switch")]


def told(line: Line, at: datetime = AT):
    planned = queries_planned.of_contract(line.contract_id, at)
    return forecast(contract_id=line.contract_id, now=at, planned=planned)


def live(line: Line, until: date, at: datetime = AT) -> int:
    """Let workers and fees have their way to the end of the day; return the balance."""
    moment = at
    end = midnight(until + DAY, MSK) - timedelta(seconds=1)
    while moment < end:
        make.work(moment)
        charge_fees(until=moment)
        moment = min(midnight((moment.astimezone(MSK) + DAY).date(), MSK) + timedelta(minutes=1), end)
    make.work(end)
    charge_fees(until=end)
    return queries.balance(line.contract_id)


def assert_true(line: Line) -> None:
    """Assert that the days turn out as they are foretold."""
    found = told(line)
    soon = [one for one in found.coming if one.first <= found.until]
    expected = soon[-1].balance_after_minor if soon else found.balance_minor
    assert found.balance_minor - sum(one.amount_minor for one in soon) == expected
    assert live(line, found.until) == expected


class TestOnTheBooks:
    """With every table and worker there is."""

    pytestmark = db

    @pytest.mark.parametrize("days", [3, 11, 31])
    @pytest.mark.parametrize(
        ("old", "new"), [("by days", "by days"), ("daily", "by days"), ("by days", "daily"), ("whole", "daily")]
    )
    def test_cab_10_a_planned_change_of_the_tariff(self, old: str, new: str, days: int) -> None:
        line = served(tariff("old", 31_000 if old != "daily" else 1_000, TERMS[old]))
        cheap = {"daily": 700, "by days": 15_500}[new]
        place(line, tariff("new", cheap, TERMS[new], price_minor=5_000), midnight(date(2026, 3, 10) + days * DAY, MSK))
        assert_true(line)

    @pytest.mark.parametrize(("first", "end"), [(13, 20), (5, 16), (25, 31)])
    @pytest.mark.parametrize("terms", TERMS)
    def test_cab_13_a_planned_block(self, terms: str, first: int, end: int) -> None:
        blocks.rules(free_days=2)
        line = served(tariff("old", 31_000 if terms != "daily" else 1_000, TERMS[terms]))
        begins = date(2026, 3, 10) + first * DAY
        blocks.place(line, begins, begins + (end - first) * DAY)
        assert_true(line)

    @pytest.mark.parametrize("code", ["monthly", "daily", "once"])
    def test_cab_11_a_planned_service(self, code: str) -> None:
        offers.load()
        line = served(tariff("old", 31_000))
        make.place(line, code, effective_at=datetime(2026, 4, 9, 21, tzinfo=UTC))
        assert_true(line)

    def test_cab_11_a_service_that_will_end(self) -> None:
        offers.load()
        line = served(tariff("old", 31_000))
        make.place(line, "daily")
        make.work()
        make.place(line, "daily", Action.DISCONNECT, effective_at=datetime(2026, 4, 9, 21, tzinfo=UTC))
        assert_true(line)

    def test_cab_13_a_block_and_a_new_tariff_and_a_service_one_after_the_other(self) -> None:
        offers.load()
        blocks.rules(free_days=2)
        line = served(tariff("old", 31_000))
        make.place(line, "monthly")
        make.work()
        place(line, tariff("new", 15_500, price_minor=5_000), midnight(date(2026, 3, 14), MSK))
        blocks.place(line, date(2026, 3, 20), date(2026, 3, 27))
        assert_true(line)

    def test_cab_10_what_is_undone_is_foretold_no_more(self) -> None:
        line = served(tariff("old", 31_000))
        before = told(line)
        order_id = place(line, tariff("new", 15_500, price_minor=5_000), midnight(date(2026, 3, 20), MSK))
        assert [one.kind for one in told(line).coming].count("order") == 1
        assert told(line) != before
        actions.undo(order_id=order_id, line_ids=[line.id], at=AT)
        assert told(line) == before


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from(["by days", "daily"]), st.sampled_from(["by days", "daily"]), st.integers(1, 70),
    st.integers(0, 100_000), st.integers(0, 100_000),
)  # fmt: skip
def test_cab_10_each_day_is_paid_once_by_the_tariff_of_that_day(
    old: str, new: str, after: int, one: int, other: int
) -> None:
    """Property: fees by days, before and after a planned change, cover every day once and at that day's price."""
    versions = [
        replace(SMALL, id=place_, fee_minor=fee, terms=replace(SMALL.terms, fee=TERMS[terms]))
        for place_, terms, fee in ((1, old, one), (2, new, other))
    ]
    line = FeeLine(1, 1, 10, AT, None, True)
    since = midnight(date(2026, 3, 10) + after * DAY, MSK)
    stages = [Stage(since, line, [Assigned(versions[0], AT, since), Assigned(versions[1], since, None)])]
    until = midnight(date(2026, 6, 9), MSK)
    fees = list(fees_planned.due(Stage(AT, line, [Assigned(versions[0], AT, None)]), None, stages, until, MSK))
    paid: dict[tuple[int, date], int] = {}
    for fee in fees:
        sign = -1 if fee.rule == fees_rules.RETURN else 1
        for n in range(fee.days):
            key = (fee.version.id or 0, fee.first + n * DAY)
            paid[key] = paid.get(key, 0) + sign
    counted = {key: times for key, times in paid.items() if times}
    last = max(day for _, day in counted)
    days = [date(2026, 3, 10) + n * DAY for n in range((last - date(2026, 3, 10)).days + 1)]
    assert counted == {(1 if midnight(day, MSK) < since else 2, day): 1 for day in days}
