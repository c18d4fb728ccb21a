"""How much staff may propose and agree to (OPS-3): limits as data with a day, never one's own proposal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.support.corrections.rules import (
    LIMITS,
    Bound,
    Cap,
    Limits,
    Proposed,
    bound_of,
    cap_of,
    check_agreement,
    check_proposal,
    limits_on,
    may_agree_to,
)
from abonent.domains.support.rules import PERMISSIONS, Permission, Refusal, Refused, Role

SUMS = st.integers(1, 10**8)


def why_not(check: Callable[..., None], *args: Any, **more: Any) -> Refused | None:
    try:
        check(*args, **more)
    except Refused as refused:
        return refused
    return None


@given(st.integers(0, 10**6), st.integers(0, 10**7), st.integers(0, 10**7), st.lists(SUMS, max_size=30))
def test_ops_3_no_row_of_proposals_gets_beyond_the_case_the_day_or_the_customer(
    case: int, day: int, customer: int, sums: list[int]
) -> None:
    passed = 0
    for amount in sums:
        refused = why_not(check_proposal, amount, Cap(case, day), Proposed(passed, passed, passed), customer)
        assert refused is None or (refused.most_minor is not None and 0 <= refused.most_minor < amount)
        passed += 0 if refused else amount
    assert passed <= min(case, day, customer)


@given(SUMS, st.sets(st.sampled_from(Role)), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_ops_3_who_agrees_is_another_with_a_limit_that_reaches(
    amount: int, roles: set[Role], agent: int, asker: int, active: bool
) -> None:
    limits = LIMITS[-1]
    refused = why_not(
        check_agreement, amount, roles=roles, agent_id=agent, asked_by_id=asker, asker_active=active, limits=limits
    )
    if refused is not None:
        assert refused.refusal in (Refusal.OWN, Refusal.PROPOSER_GONE, Refusal.ABOVE_LIMIT)
        return
    assert agent != asker
    assert active
    assert amount <= max(limits.agree.get(role, 0) for role in roles)


def test_ops_3_limits_and_permissions_name_the_same_roles() -> None:
    for limits in LIMITS:
        assert {role for role, _bound in limits.propose} == {
            role for role, may in PERMISSIONS.items() if Permission.PROPOSE in may
        }
        assert set(limits.agree) == {role for role, may in PERMISSIONS.items() if Permission.AGREE in may}
        # Whatever an agent may propose, somebody may agree to.
        assert max(cap.case_minor for cap in limits.propose.values()) <= max(limits.agree.values())


def test_ops_3_limits_begin_with_their_day_and_before_the_first_nobody_may_anything() -> None:
    old, new = Limits(date(2026, 1, 1), agree={Role.SUPERVISOR: 1}), Limits(date(2026, 6, 1), agree={})
    assert limits_on(date(2026, 5, 31), (new, old)) is old
    assert limits_on(date(2026, 6, 1), (new, old)) is new
    before = limits_on(date(2025, 12, 31), (new, old))
    assert may_agree_to(Role, before) == 0
    assert cap_of(Role, Bound.FREE, before) == Cap(0, 0)
    assert cap_of(["no such role"], Bound.FREE, LIMITS[0]) == Cap(0, 0)


@pytest.mark.parametrize(
    ("kind", "named", "bound"),
    [
        (Kind.CREDIT, False, Bound.FREE), (Kind.CREDIT, True, Bound.NAMED), (Kind.DEBIT, False, Bound.FREE),
        (Kind.DEBIT, True, Bound.FREE), (Kind.REFUND, False, Bound.NAMED),
    ],
)  # fmt: skip
def test_ops_3_only_what_cannot_exceed_something_has_the_higher_limit(kind: Kind, named: bool, bound: Bound) -> None:
    assert bound_of(kind, named=named) is bound
