"""What a line would have paid: exactly what rating and fees charge (CAB-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from abonent.domains.billing import actions, queries_what_if
from abonent.domains.billing.fees.rules import FeeLine
from abonent.domains.billing.queries_what_if import WhatIf
from abonent.domains.billing.rating import what_if
from abonent.domains.billing.rules import Usage
from abonent.domains.catalog import queries as tariffs
from abonent.domains.catalog.rules import FeeTerms, TariffVersion
from abonent.domains.lines.queries import Line
from tests.domains.billing.strategies import ZONE, usages
from tests.domains.billing.test_fees_rules import ZONES
from tests.domains.billing.test_order_has_no_meaning import arrangements, uses_of
from tests.domains.billing.test_rating import frame_of
from tests.factories import billing, catalog, lines
from tests.factories.billing import Use
from tests.factories.catalog import GEOGRAPHY, LARGE, SMALL
from tests.factories.fees import BY_DAYS, DAILY, WHOLE_MONTH, tariff

TODAY = date(2026, 4, 20)
OPENINGS = (
    datetime(2024, 2, 29, 9, tzinfo=UTC), datetime(2026, 1, 10, 9, tzinfo=UTC), datetime(2026, 2, 25, 22, tzinfo=UTC),
)  # fmt: skip
TERMS: tuple[FeeTerms, ...] = (WHOLE_MONTH, BY_DAYS, DAILY)


def asked(line: Line, version_ids: Sequence[int], today: date = TODAY) -> WhatIf:
    months = queries_what_if.window(line, today)
    assert months
    versions = tariffs.tariff_versions(version_ids)
    return queries_what_if.compared(line, [versions[version_id] for version_id in version_ids], months)


class WhatWouldHaveBeenPaid(TestCase):
    """A line, and one that really had the other tariff; the same usage comes to both in any order and batches."""

    @settings(max_examples=10)
    @given(st.data())
    def test_cab_10_is_what_was_charged_for_the_own_tariff_and_what_another_line_was_charged(
        self, data: st.DataObject
    ) -> None:
        opened_at, day = data.draw(st.sampled_from(OPENINGS)), data.draw(st.sampled_from([1, 10, 28]))
        own, other = tariff(data.draw(st.sampled_from(TERMS))), catalog.large()
        zone = data.draw(st.sampled_from(ZONES))
        # The months begin before all use, or within the billing period in which it begins.
        today = data.draw(st.sampled_from([TODAY, date(2026, 6, 20)]))
        usage = [use for use in data.draw(usages()) if use.started_at >= opened_at]
        with override_settings(TIME_ZONE=f"{zone}"):
            mine, theirs = (
                lines.line(tariff_version_id=version_id, period_day=day, opened_at=opened_at)
                for version_id in (own, other)
            )
            for line in (mine, theirs):
                self.charge(uses_of(line, usage), data)
            found = asked(mine, [own, other], today)
            costs = {cost.version.id: cost.months_minor for cost in found.costs}
            assert costs[own] == found.paid.months_minor
            assert costs[other] == asked(theirs, [other], today).paid.months_minor
            assert asked(theirs, [own, other], today).costs == found.costs
            self.explain(mine, found)

    def charge(self, records: list[Use], data: st.DataObject) -> None:
        for batch, anew in data.draw(arrangements(len(records))) if records else ():
            billing.store([records[number] for number in batch])
            if anew:
                actions.rerate_late()
        actions.rerate_late()
        actions.charge_fees(until=datetime(2026, 6, 20, tzinfo=UTC))

    def explain(self, line: Line, found: WhatIf) -> None:
        """The explanation of each month of the best adds up to its sum."""
        for cost in found.costs[:1]:
            for month, sum_minor in zip(found.window.months, cost.months_minor, strict=True):
                told = queries_what_if.explained(line, cost.version, month)
                assert told.total_minor == sum_minor
                assert all(item.amount_minor == item.billed_units * item.price.price_minor for item in told.items)


@pytest.mark.django_db
def test_cab_10_a_late_record_changes_the_answer_at_once_and_says_that_the_charges_follow() -> None:
    line = lines.line(tariff_version_id=tariff(WHOLE_MONTH))
    call = Use(line.number, datetime(2026, 3, 12, 9, tzinfo=UTC), duration_s=600)
    billing.use(call)
    before = asked(line, [line.tariff_version_id])
    assert not before.paid.recounting
    billing.store([replace(call, started_at=datetime(2026, 3, 11, 9, tzinfo=UTC), duration_s=300)])
    waiting = asked(line, [line.tariff_version_id])
    assert waiting.paid.recounting
    # Ten minutes are in the package: five of the fifteen are paid for.
    assert waiting.costs[0].usage_minor == (0, 0, 900)
    actions.rerate_late()
    after = asked(line, [line.tariff_version_id])
    assert after.costs == waiting.costs
    assert not after.paid.recounting


@pytest.mark.django_db
def test_cab_10_what_was_used_before_the_months_in_the_same_period_took_from_its_packages() -> None:
    line = lines.line(tariff_version_id=tariff(WHOLE_MONTH))
    billing.use(
        Use(line.number, datetime(2026, 2, 20, 9, tzinfo=UTC), duration_s=540),
        Use(line.number, datetime(2026, 3, 5, 9, tzinfo=UTC), duration_s=180),
    )
    actions.charge_fees(until=datetime(2026, 6, 20, tzinfo=UTC))
    found = asked(line, [line.tariff_version_id], date(2026, 6, 20))
    # Of three minutes one was left in the package of ten.
    assert found.costs[0].usage_minor == (360, 0, 0)
    assert found.costs[0].months_minor == found.paid.months_minor
    assert found.records == 1


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"])
def test_cab_10_a_month_ends_at_local_midnight_of_the_leap_day(zone: str) -> None:
    midnight = datetime(2024, 3, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    line = lines.line(
        tariff_version_id=tariff(DAILY, 100), opened_at=datetime(2024, 1, 10, 9, tzinfo=UTC), period_day=28
    )
    with override_settings(TIME_ZONE=zone):
        billing.use(
            Use(line.number, midnight - timedelta(seconds=1), duration_s=600),
            Use(line.number, midnight - timedelta(seconds=1), duration_s=60),
            Use(line.number, midnight, duration_s=120),
        )
        actions.charge_fees(until=datetime(2024, 4, 10, tzinfo=UTC))
        found = asked(line, [line.tariff_version_id], date(2024, 4, 10))
        assert found.window.months == (date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1))
        [cost] = found.costs
        # One period of packages holds both months: it began on the 28th of February.
        assert cost.usage_minor == (0, 180, 360)
        assert cost.fees_minor == (2_200, 2_900, 3_100)
        assert cost.months_minor == found.paid.months_minor


def test_cab_10_what_a_tariff_has_no_price_for_is_counted_and_said() -> None:
    content = Usage(datetime(2026, 3, 3, tzinfo=UTC), 1, "a", "content", "out", "4040", 0, 0, 1, "")
    call = replace(content, record_id="b", kind="voice", peer="+79161234567", duration_s=60)
    prices = tuple(price for price in SMALL.terms.prices if price.kind != "content")
    without = replace(SMALL, id=1, fee_minor=0, terms=replace(SMALL.terms, prices=prices))
    whole = replace(SMALL, id=2, tariff_code="whole")
    partial, complete = of_usage([call, content], [without, whole])[::-1]
    assert (partial.version.id, partial.unrated, partial.total_minor) == (1, 1, 0)
    assert (complete.unrated, complete.total_minor) == (0, 3_000 + 3 * 30_000)


@given(usages())
@settings(max_examples=20)
def test_cab_10_tariffs_looked_at_together_cost_what_each_costs_alone(usage: list[Usage]) -> None:
    versions = [replace(SMALL, id=1), replace(LARGE, id=2)]
    together = of_usage(usage, versions)
    alone = [cost for version in versions for cost in of_usage(usage, [version])]
    assert together == sorted(alone, key=lambda cost: cost.rank)


def of_usage(usage: list[Usage], versions: Sequence[TariffVersion]) -> list[what_if.Cost]:
    line = FeeLine(7, 70, 10, datetime(2025, 1, 10, tzinfo=UTC), None, prepaid=True)
    months = what_if.window(line, TODAY, ZONE)
    assert months
    assert months.months == (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    return what_if.costs(frame_of({7: usage}), line, versions, GEOGRAPHY, months, ZONE)


def test_cab_10_there_is_nothing_to_tell_before_the_first_month_has_ended() -> None:
    line = FeeLine(7, 70, 10, datetime(2026, 4, 1, tzinfo=UTC), None, prepaid=True)
    assert what_if.window(line, TODAY, ZONE) is None
    began = what_if.window(line._replace(opened_at=datetime(2026, 3, 31, 20, 59, tzinfo=UTC)), TODAY, ZONE)
    assert began
    assert began.months == (date(2026, 3, 1),)
