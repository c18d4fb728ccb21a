"""What the pages read: balance, left-overs, expenses, operations, the next fee."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from abonent.domains.billing import actions, queries
from abonent.domains.billing.queries import Expense, LeftOver, NextFee, Operation
from abonent.domains.usage.rules import Kind
from abonent.foundation.values import Period
from tests.factories import billing, catalog, customers, lines
from tests.factories.billing import Use, march
from tests.factories.catalog import MIB

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Europe/Moscow")
NOW = march(21)
MARCH = Period.of_days(date(2026, 3, 1), date(2026, 3, 31), ZONE)
ENDS = Period.of_days(date(2026, 4, 10), date(2026, 4, 10), ZONE).start


def test_cab_1_a_new_line_has_everything_left_and_nothing_spent() -> None:
    line = lines.line()
    seen = queries.overview(line, NOW)
    assert seen.balance_minor == 0
    assert seen.tariff.names == catalog.SMALL.names
    assert seen.left_overs == (
        LeftOver("voice", 600, 600, ENDS), LeftOver("data", 5 * MIB, 5 * MIB, ENDS), LeftOver("sms", 3, 3, ENDS),
    )  # fmt: skip
    assert seen.next_fee == NextFee(ENDS, 30_000, 30_000)
    assert (seen.expenses.period, seen.expenses.total_minor, seen.expenses.items) == (MARCH, 0, ())
    assert (seen.expenses_before_minor, seen.operations, seen.as_of) == (0, (), NOW)


def test_cab_1_the_overview_tells_what_was_used_spent_and_paid() -> None:
    line = lines.line()
    actions.top_up(payment_id=uuid4(), contract_id=line.contract_id, amount_minor=100_000, at=march(1), method="card")
    actions.charge_fees(until=NOW)
    billing.use(
        Use(line.number, march(15), duration_s=700),
        Use(line.number, march(16), zone="cis", peer="+77011234567"),
        Use(line.number, march(17), Kind.SMS, duration_s=0),
    )
    seen = queries.overview(line, NOW)
    assert seen.balance_minor == 100_000 - 3 * 30_000 - 360 - 5900
    assert [left.left for left in seen.left_overs] == [0, 5 * MIB, 2]
    assert seen.next_fee == NextFee(ENDS, 30_000, 30_000 - seen.balance_minor)
    assert seen.expenses.items == (Expense("fee", 30_000, 1), Expense("roaming", 5900, 1), Expense("calls", 360, 1))
    assert seen.expenses.total_minor == 36_260
    assert seen.expenses_before_minor == 30_000
    assert [(o.at, o.kind, o.amount_minor) for o in seen.operations][:3] == [
        (march(16), "roaming", -5900),
        (march(15), "calls", -360),
        (march(9, 21), "fee", -30_000),
    ]
    assert seen.operations[0] == Operation(
        seen.operations[0].id, march(16), "roaming", -5900, rule="roaming-out", peer="+77011234567", quantity=60
    )
    assert seen.operations[3] == Operation(seen.operations[3].id, march(1), "payment", 100_000, method="card")


def test_cab_1_the_overview_takes_four_queries_however_much_there_is(
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    line = lines.line()
    billing.use(*(Use(line.number, march(12, hour), zone="cis") for hour in range(12)))
    actions.charge_fees(until=NOW)
    with django_assert_max_num_queries(4):
        assert len(queries.overview(line, NOW).operations) == 6


def test_what_is_without_limit_stays_so() -> None:
    line = lines.line(tariff_version_id=catalog.large())
    billing.use(Use(line.number, march(15), Kind.DATA, peer="", bytes=10**12))
    left_overs = queries.overview(line, NOW).left_overs
    assert left_overs == (LeftOver("voice", 1000, 1000, ENDS), LeftOver("data", None, None, ENDS))
    assert billing.rows("select used, least_amount from billing_bucket") == [(-(-(10**12) // 102_400) * 102_400, None)]


def test_the_next_fee_lacks_nothing_when_the_balance_suffices() -> None:
    line = lines.line()
    actions.top_up(payment_id=uuid4(), contract_id=line.contract_id, amount_minor=30_000, at=march(1), method="card")
    assert queries.overview(line, NOW).next_fee == NextFee(ENDS, 30_000, 0)


def test_a_contract_that_pays_its_bill_afterwards_never_lacks_anything() -> None:
    line = lines.line(contract_id=customers.contract(payment="postpaid"))
    assert queries.overview(line, NOW).next_fee == NextFee(ENDS, 30_000, 0)


def test_cab_3_expenses_are_those_of_the_line_and_the_period_alone() -> None:
    line, other = lines.line(), lines.line()
    billing.use(
        Use(line.number, MARCH.start, zone="cis"),
        Use(line.number, MARCH.end - timedelta(seconds=1), zone="cis"),
        Use(line.number, MARCH.end, zone="cis"),
        Use(line.number, MARCH.start - timedelta(seconds=1), zone="cis"),
        Use(other.number, march(10), zone="cis"),
    )
    seen = queries.expenses(line.id, MARCH)
    assert seen == queries.Expenses(MARCH, 11_800, (Expense("roaming", 11_800, 2),))


def test_cab_3_the_month_before_is_compared_up_to_the_same_day() -> None:
    line = lines.line()
    month_before = march(1) - timedelta(days=28)
    billing.use(
        Use(line.number, month_before + timedelta(days=20), zone="cis"),
        Use(line.number, month_before + timedelta(days=21), zone="cis"),
    )
    assert queries.overview(line, NOW).expenses_before_minor == 5900
    assert queries.overview(line, march(31)).expenses_before_minor == 11_800


def test_the_newest_operations_come_first() -> None:
    line = lines.line()
    billing.use(*(Use(line.number, march(day), zone="cis") for day in range(11, 18)))
    assert [o.at for o in queries.overview(line, NOW).operations] == [march(day) for day in range(17, 11, -1)]
