"""What money says is barred at the network: a limit that is reached, a fee that is not paid (CAB-19, OPS-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.config.reactions import REACTIONS
from abonent.domains.billing import bars, events, models, reactions
from abonent.domains.billing.actions import charge_fees
from abonent.domains.billing.limits import actions as limits
from abonent.domains.lines import models as lines_models
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from tests.factories import fees, lines, network
from tests.factories import limits as make_limits
from tests.factories.fees import IN_PARTS, WAITS_BY_DAYS
from tests.factories.network import Switch

DB = pytest.mark.django_db
# Noon in Moscow; periods begin on the 10th.
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def switch(settings: Any) -> Switch:
    return network.open_network(settings)


def kinds(line: Line) -> list[str]:
    return [bar.kind.value for bar in bars_queries.standing(line.id)]


def on(switch: Switch, line: Line, at: datetime) -> set[str]:
    """Return what is on at the network when it has done what it was asked."""
    network.sweep(at)
    return switch.on.get(line.number, set())


@DB
def test_ops_4_whose_fee_waits_is_barred_and_whose_is_paid_no_more(switch: Switch) -> None:
    line = lines.line(tariff_version_id=fees.tariff(WAITS_BY_DAYS, 30_000), opened_at=AT)
    with time_machine.travel(AT + MINUTE, tick=False):
        charge_fees(until=AT + MINUTE)
        for _ in range(2):
            reactions.bar_unpaid([line.id])
        assert (kinds(line), on(switch, line, AT + MINUTE)) == (["unpaid"], {"bar-outgoing"})
        fees.top_up(line.contract_id, 50_000, AT + MINUTE)
        reactions.charge_what_waited([line.contract_id])
        # What was announced before comes late.
        reactions.bar_unpaid([line.id])
    assert (kinds(line), on(switch, line, AT + 2 * MINUTE)) == ([], set())
    assert len(switch.did) == 2


@DB
def test_ops_4_a_month_paid_day_by_day_is_barred_on_the_days_that_are_not_paid(switch: Switch) -> None:
    """No event tells that a day begins: the round after the fees finds it."""
    line = lines.line(tariff_version_id=fees.tariff(IN_PARTS, 31_000), opened_at=AT)
    fees.top_up(line.contract_id, 2_000, AT)
    found = []
    for days in range(4):
        at = AT + days * DAY
        charge_fees(until=at)
        bars.follow_all(at=at)
        found.append(kinds(line))
    assert found == [[], [], ["unpaid"], ["unpaid"]]
    assert on(switch, line, AT + 4 * DAY) == {"bar-outgoing"}
    with time_machine.travel(AT + 4 * DAY, tick=False):
        fees.top_up(line.contract_id, 1_500, AT + 4 * DAY)
        reactions.charge_what_waited([line.contract_id])
    assert (kinds(line), on(switch, line, AT + 4 * DAY)) == ([], set())


@DB
def test_cab_19_at_the_limit_what_costs_money_is_off_until_it_is_lifted(switch: Switch) -> None:
    line = lines.line(opened_at=AT - 40 * DAY)
    with time_machine.travel(AT, tick=False):
        make_limits.limited(line, 100_00, block=True)
        make_limits.spend(line, 100_00)
        for _ in range(2):
            reactions.bar_at_limit(line.id, "2026-03-01")
        assert (kinds(line), on(switch, line, AT)) == (["limit"], {"bar-paid"})
        limits.remove(line_id=line.id, version=make_limits.stands(line).version, at=AT)
        # The older event comes again, after the newer one.
        reactions.unbar_at_limit(line.id)
        reactions.bar_at_limit(line.id, "2026-03-01")
    assert (kinds(line), on(switch, line, AT)) == ([], set())
    assert len(switch.did) == 2


@DB
def test_cab_19_who_only_wants_to_be_told_is_not_barred_and_lost_events_are_made_up_for(switch: Switch) -> None:
    told, held, ended = (lines.line(opened_at=AT - 40 * DAY) for _ in range(3))
    with time_machine.travel(AT, tick=False):
        make_limits.limited(told, 100_00)
        make_limits.limited(held, 100_00, block=True)
        for line in (told, held):
            make_limits.spend(line, 100_00)
        lines_models.Bar.objects.create(line_id=ended.id, kind="limit", since=AT, by="billing")
        for _ in range(2):
            bars.follow_all(at=AT)
    assert [kinds(line) for line in (told, held, ended)] == [[], ["limit"], []]


def test_cab_19_each_fact_that_changes_what_is_barred_is_answered() -> None:
    for fact in (events.FeesWait, events.FeesPaid):
        assert "abonent.domains.billing.reactions.bar_unpaid" in REACTIONS[fact]
    assert REACTIONS[events.SpendingLimitReached] == ("abonent.domains.billing.reactions.bar_at_limit",)
    assert REACTIONS[events.SpendingLimitLifted] == ("abonent.domains.billing.reactions.unbar_at_limit",)


@DB
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_cab_19_in_whatever_order_and_however_often_it_is_told_the_truth_stands_in_the_end(
    switch: Switch, data: st.DataObject
) -> None:
    line = lines.line(opened_at=AT - 40 * DAY)
    row = models.SpendingLimit.objects.create(
        line_id=line.id, amount_minor=100_00, on_reached="block", version=1, changed_at=AT
    )
    for told in range(1, data.draw(st.integers(1, 6)) + 1):
        row.blocked_for = data.draw(st.sampled_from([None, AT.date()]))
        row.save()
        # Some of what was announced until now comes now, some twice, some late.
        for _ in range(data.draw(st.integers(0, told))):
            bars.follow_limits(line_ids=[line.id], at=AT)
    bars.follow_limits(line_ids=[line.id], at=AT)
    assert (kinds(line) == ["limit"]) == (row.blocked_for is not None)
    assert on(switch, line, AT) == ({"bar-paid"} if row.blocked_for else set())


@pytest.mark.django_db(transaction=True)
def test_cab_19_reached_and_lifted_at_once_ends_as_the_limit_stands(settings: Any) -> None:
    """Reactions that run in parallel with the changes they are about, each in a transaction of its own."""
    switch = network.open_network(settings)
    limited = [lines.line(opened_at=AT - 40 * DAY) for _ in range(4)]
    for line in limited:
        models.SpendingLimit.objects.create(
            line_id=line.id, amount_minor=100_00, on_reached="block", version=1, changed_at=AT
        )
    start = Barrier(4, timeout=60)

    def turn(worker: int) -> None:
        start.wait()
        try:
            for round_ in range(6):
                for line in limited:
                    month = AT.date() if (round_ + worker) % 2 else None
                    models.SpendingLimit.objects.filter(line_id=line.id).update(blocked_for=month)
                    bars.follow_limits(line_ids=[line.id], at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(turn, range(4)))
    for line in limited:
        held = models.SpendingLimit.objects.get(line_id=line.id).blocked_for is not None
        assert (kinds(line) == ["limit"]) == held
        assert on(switch, line, AT) == ({"bar-paid"} if held else set())
        assert lines_models.Bar.objects.filter(line_id=line.id, kind=Kind.LIMIT, until=None).count() <= 1
