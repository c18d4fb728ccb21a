"""What is owed, and for what (CAB-16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abonent.domains.billing import debts_queries
from abonent.domains.billing.debts_rules import Charged, Debt, Part, owed_minor, unpaid
from abonent.domains.billing.rules import CATEGORIES
from tests.factories import orders

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
CHARGES = some.lists(
    some.builds(
        Charged, some.sampled_from(CATEGORIES), some.integers(0, 999).map(lambda h: NOW - timedelta(hours=h)),
        some.integers(1, 10_000),
    ),
    max_size=20,
).map(lambda found: sorted(found, key=lambda one: one.at, reverse=True))  # fmt: skip


@given(some.integers(1, 100_000), CHARGES)
def test_cab_16_the_parts_of_a_debt_make_the_whole(owed: int, charges: list[Charged]) -> None:
    parts = unpaid(owed, charges)
    assert sum(part.amount_minor for part in parts) == owed
    assert len({part.kind for part in parts}) == len(parts)
    assert all(part.amount_minor > 0 for part in parts)


def test_cab_16_the_newest_charges_are_not_paid_yet() -> None:
    charges = [
        Charged("calls", NOW, 300),
        Charged("fee", NOW - timedelta(days=1), 500),
        Charged("calls", NOW - timedelta(days=2), 900),
    ]
    assert unpaid(600, charges) == (Part("fee", NOW - timedelta(days=1), 300), Part("calls", NOW, 300))
    assert unpaid(2_000, charges)[-1] == Part("other", None, 300)
    assert (owed_minor(-500, 0), owed_minor(700, 1_000), owed_minor(1_000, 1_000)) == (500, 300, 0)


@pytest.mark.django_db
def test_cab_16_a_contract_below_zero_owes_that() -> None:
    line = orders.rich(-30_000)
    assert debts_queries.owed_minor(line.contract_id) == 30_000
    assert debts_queries.debt(line.contract_id).total_minor == 30_000
    assert debts_queries.debt(orders.rich().contract_id) == Debt(0, ())
