"""What is foretold to be charged is what is charged, in every time zone of the country."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from abonent.domains.billing import actions, queries
from abonent.domains.billing.fees.forecast import forecast
from abonent.domains.catalog.rules import FeeTerms
from tests.domains.billing.test_fees_rules import ZONES
from tests.factories import customers, lines, promised
from tests.factories.fees import BY_DAYS, DAILY, DAILY_WAITS, IN_PARTS, WAITS, WHOLE_MONTH, charged, tariff, top_up

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def contract(terms: Iterable[FeeTerms], money: int, fee_minor: int = 3_000) -> int:
    contract_id = customers.contract()
    if money:
        top_up(contract_id, money, lines.OPENED)
    for number, one in enumerate(terms):
        lines.line(
            contract_id=contract_id, tariff_version_id=tariff(one, fee_minor), period_day=11 + number,
            is_main=number == 0,
        )  # fmt: skip
    actions.charge_fees(until=NOW)
    return contract_id


@pytest.mark.parametrize("money", [0, 20_000, 100_000, 1_000_000])
@pytest.mark.parametrize(
    "terms", [(WHOLE_MONTH,), (WAITS,), (BY_DAYS,), (DAILY,), (DAILY_WAITS,), (DAILY, DAILY, WHOLE_MONTH, BY_DAYS)]
)
def test_ops_4_what_is_foretold_is_what_is_charged(terms: tuple[FeeTerms, ...], money: int) -> None:
    contract_id = contract(terms, money)
    told = forecast(contract_id=contract_id, now=NOW)
    before = len(charged())
    end = datetime(2026, 2, 14, 21, tzinfo=UTC) - timedelta(seconds=1)
    for day in range(1, 31):
        actions.charge_fees(until=min(NOW + timedelta(days=day), end))
    actions.charge_fees(until=end)
    taken = [one.amount_minor for one in told.coming if not one.waits]
    assert sum(amount for _, amount, _ in charged()[before:]) == sum(taken)
    if told.coming:
        assert queries.balance(contract_id) == told.coming[-1].balance_after_minor
    assert told.missing_minor == max(0, told.total_minor - told.balance_minor)
    assert sum(one.amount_minor for one in told.coming) == told.total_minor


def test_a_promised_payment_taken_back_stands_among_the_fees_in_time() -> None:
    contract_id = contract([WHOLE_MONTH], 10_000, 5_000)
    promised.owed(contract_id, 5_000, repaid_minor=1_000, due_at=datetime(2026, 1, 20, tzinfo=UTC))
    told = forecast(contract_id=contract_id, now=NOW)
    assert [(one.kind, one.amount_minor, one.balance_after_minor, one.missing_minor) for one in told.coming] == [
        ("promised", 4_000, -4_000, 4_000), ("fee", 5_000, -9_000, 9_000),
    ]  # fmt: skip


def test_a_month_paid_day_by_day_is_foretold_to_its_end() -> None:
    contract_id = contract([IN_PARTS], 500, 3_100)
    told = forecast(contract_id=contract_id, now=NOW)
    assert told.coming[0].first.isoformat() == "2026-01-16"
    assert sum(one.days for one in told.coming if one.rule == "fee-part" and one.days < 28) == 26


def test_a_line_without_a_fee_in_thirty_days_is_told_of_its_next() -> None:
    contract_id = contract([WHOLE_MONTH], 9_000)
    told = forecast(contract_id=contract_id, now=datetime(2026, 1, 11, 20, 30, tzinfo=UTC))
    assert [one.first.isoformat() for one in told.coming] == ["2026-02-11"]


def test_a_contract_without_lines_has_nothing_coming() -> None:
    told = forecast(contract_id=customers.contract(), now=NOW)
    assert (told.coming, told.total_minor, told.missing_minor) == ((), 0, 0)


@pytest.mark.parametrize("zone", ZONES[:11], ids=str)
def test_ops_4_a_run_knows_the_local_midnight_of_each_time_zone(zone: ZoneInfo) -> None:
    with override_settings(TIME_ZONE=zone.key):
        opened = datetime(2025, 12, 31, 23, 30, tzinfo=zone)
        for terms in (FeeTerms(), DAILY):
            lines.line(tariff_version_id=tariff(terms, 1_000), period_day=28, opened_at=opened)
        assert actions.charge_fees(until=opened) == 2
        midnight = datetime(2026, 1, 1, tzinfo=zone)
        moment = timedelta(microseconds=1)
        assert [actions.charge_fees(until=at) for at in (midnight - moment, midnight, midnight + moment)] == [0, 1, 0]
        begins = datetime(2026, 1, 28, tzinfo=zone)
        assert [actions.charge_fees(until=at) for at in (begins - moment, begins)] == [26, 2]
