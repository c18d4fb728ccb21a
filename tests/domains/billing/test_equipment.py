"""Rent and instalments are charges like any other, each taken once (FIX-2)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from abonent.domains.billing import equipment, models, queries
from abonent.domains.billing.fees import forecast as fees_forecast
from abonent.domains.lines.equipment import actions as things
from tests.factories import fixed

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 2, 9, tzinfo=UTC)


def charges() -> list[tuple[str, int, str]]:
    rows = models.Charge.objects.filter(category="equipment").order_by("booked_at")
    return [(row.rule, row.amount_minor, f"{row.first_day:%d.%m}") for row in rows]


def test_fix_2_a_month_of_rent_is_charged_on_its_day_once() -> None:
    line = fixed.line()
    device = fixed.hand_out(line, terms=fixed.RENTED)
    assert equipment.charge_due(at=AT) == 2
    assert equipment.charge_due(at=AT) == 0
    assert charges() == [("equipment-rent", 9900, "31.10"), ("equipment-rent", 9900, "30.11")]
    assert queries.balance(line.contract_id) == -19800
    things.take_back(device_id=device, day=date(2026, 12, 31))
    assert equipment.charge_due(at=datetime(2027, 3, 1, tzinfo=UTC)) == 0, "it came back on that day"


def test_fix_2_instalments_end_with_the_price_also_when_the_thing_came_back() -> None:
    line = fixed.line()
    device = fixed.hand_out(line, terms=fixed.IN_PARTS)
    things.take_back(device_id=device, day=date(2026, 11, 10))
    assert equipment.charge_due(at=datetime(2027, 12, 1, tzinfo=UTC)) == 3
    assert [amount for _, amount, _ in charges()] == [33334, 33333, 33333]


def test_fix_2_what_comes_stands_among_the_coming_charges() -> None:
    line = fixed.line()
    fixed.hand_out(line, terms=fixed.IN_PARTS)
    equipment.charge_due(at=AT)
    found = fees_forecast.forecast(contract_id=line.contract_id, now=AT)
    [coming] = [one for one in found.coming if one.kind == "equipment"]
    assert (coming.amount_minor, coming.first, coming.service) == (33333, date(2026, 12, 31), "Orbita Wave")
    assert coming.balance_after_minor < 0


def test_fix_2_ones_own_thing_costs_nothing() -> None:
    fixed.hand_out(fixed.line())
    assert equipment.charge_due(at=AT) == 0
    assert charges() == []
