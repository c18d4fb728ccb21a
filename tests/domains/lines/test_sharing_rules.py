"""What a shared line gives, as what (CAB-15): roles as sets, names, working days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from abonent.domains.lines.sharing import rules
from abonent.domains.lines.sharing.rules import PERMISSIONS, Permission, Role

BEGIN = datetime(2026, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone itself


def test_cab_15_the_owner_may_do_everything_and_a_viewer_next_to_nothing() -> None:
    assert all(rules.may("", permission) for permission in Permission)
    assert PERMISSIONS[Role.VIEWER] == {Permission.BALANCE, Permission.TOP_UP}
    assert all(PERMISSIONS[Role.VIEWER] <= PERMISSIONS[role] <= PERMISSIONS[Role.FULL] for role in Role)


def test_cab_15_an_accountant_manages_nothing_and_who_looks_after_a_child_sees_no_papers() -> None:
    assert not rules.may(Role.ACCOUNTANT, Permission.MANAGE)
    assert not rules.may(Role.ACCOUNTANT, Permission.LEFT_OVERS)
    assert rules.may(Role.CHILD, Permission.MANAGE)
    assert not rules.may(Role.CHILD, Permission.PAPERS)


@given(some.datetimes(BEGIN, BEGIN + timedelta(days=1500), timezones=some.just(UTC)))
def test_cab_15_a_request_is_answered_two_working_days_on(asked: datetime) -> None:
    due = rules.due(asked)
    between = [asked + timedelta(days=day) for day in range(1, (due - asked).days + 1)]
    assert sum(day.weekday() < 5 for day in between) == 2
    assert due.weekday() < 5
    assert due.time() == asked.time()


@given(some.text(max_size=60))
def test_a_name_is_kept_without_what_nobody_sees_and_is_no_longer_than_fits(typed: str) -> None:
    try:
        kept = rules.name(typed)
    except ValueError:
        return
    assert len(kept) <= rules.NAME_LENGTH_MAX
    assert kept == rules.name(kept) == kept.strip()
    assert "\n" not in kept


def test_a_masked_number_tells_two_digits_and_the_range() -> None:
    assert rules.masked("+79001234567") == "+7900•••••67"
    assert rules.called("Анна", "Орлова") == "Анна О."


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="25"):
        rules.name("х" * 25)
