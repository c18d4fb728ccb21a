"""How much money staff may propose and agree to. Pure; the limits are data with a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.support.rules import Deed, Refusal, Refused, Role

KINDS: Mapping[Deed, Kind] = {Deed.CREDIT: Kind.CREDIT, Deed.DEBIT: Kind.DEBIT, Deed.REFUND: Kind.REFUND}
COMMENT_LENGTH_MAX = 500
# How far back what one customer got counts, whoever of staff proposed it.
CUSTOMER_TIME = timedelta(days=30)


class Outcome(StrEnum):
    """How a proposal that was agreed to ended."""

    POSTED = "posted"
    FAILED = "failed"


class Bound(StrEnum):
    """What holds a sum: nothing but the agent's judgement, or a charge or payment that it cannot exceed."""

    FREE = "free"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Cap:
    """What may be proposed in minor units: in one case, and by one person on one local day."""

    case_minor: int
    day_minor: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Who may propose and agree to how much from `valid_from` on; a role that is not named may not at all.

    `customer_minor` is what all of them together may propose for one customer within `CUSTOMER_TIME` when nothing but
    their judgement holds the sum: colleagues who take turns get no further than one of them. 0: nothing.
    """

    valid_from: date
    customer_minor: int = 0
    propose: Mapping[tuple[Role, Bound], Cap] = field(default_factory=dict)
    agree: Mapping[Role, int] = field(default_factory=dict)


# Never edited: new limits are added below, with the day on which they begin.
LIMITS: tuple[Limits, ...] = (
    Limits(
        valid_from=date(2024, 1, 1),
        customer_minor=3_000_00,
        propose={
            (Role.CONTACT_CENTRE, Bound.FREE): Cap(300_00, 1_000_00),
            (Role.CONTACT_CENTRE, Bound.NAMED): Cap(10_000_00, 30_000_00),
            (Role.SHOP, Bound.FREE): Cap(300_00, 1_000_00),
            (Role.SHOP, Bound.NAMED): Cap(10_000_00, 30_000_00),
        },
        agree={Role.SUPERVISOR: 1_000_00, Role.ACCOUNTING: 100_000_00},
    ),
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was proposed and nobody declined or left to expire, of one bound.

    By the agent in this case, and today; by anybody for this customer lately.
    """

    case_minor: int = 0
    day_minor: int = 0
    customer_minor: int = 0


def limits_on(day: date, known: Iterable[Limits] = LIMITS) -> Limits:
    """Return the limits in force on a day; before the first there is nothing that anybody may."""
    begun = [limits for limits in known if limits.valid_from <= day]
    return max(begun, key=lambda limits: limits.valid_from) if begun else Limits(day)


def bound_of(kind: Kind, *, named: bool) -> Bound:
    """Return what holds the sum: a refund by its payment, a credit by the charge it names."""
    return Bound.NAMED if kind is Kind.REFUND or (kind is Kind.CREDIT and named) else Bound.FREE


def cap_of(roles: Iterable[str], bound: Bound, limits: Limits) -> Cap:
    """Return what somebody with these roles may propose: the most that one of them allows."""
    caps = [cap for (role, of), cap in limits.propose.items() if of is bound and role in set(roles)]
    return Cap(max((cap.case_minor for cap in caps), default=0), max((cap.day_minor for cap in caps), default=0))


def customer_cap_minor(bound: Bound, limits: Limits) -> int | None:
    """Return what one customer may get of all agents together, None: what holds the sum is enough."""
    return limits.customer_minor if bound is Bound.FREE else None


def check_proposal(amount_minor: int, cap: Cap, proposed: Proposed, customer_cap_minor: int | None = None) -> None:
    """Raise `Refused` when the sum goes beyond what may be proposed after what was."""
    for refusal, most, before in (
        (Refusal.ABOVE_CASE, cap.case_minor, proposed.case_minor),
        (Refusal.ABOVE_DAY, cap.day_minor, proposed.day_minor),
        (Refusal.ABOVE_CUSTOMER, customer_cap_minor, proposed.customer_minor),
    ):
        if most is not None and amount_minor > most - before:
            raise Refused(refusal, most_minor=max(0, most - before))


def may_agree_to(roles: Iterable[str], limits: Limits) -> int:
    """Return the sum up to which somebody with these roles may agree, 0: to none."""
    return max((limits.agree[Role(role)] for role in roles if role in limits.agree), default=0)


def check_agreement(
    amount_minor: int, *, roles: Iterable[str], agent_id: int, asked_by_id: int, asker_active: bool, limits: Limits
) -> None:
    """Raise `Refused` when this person may not agree: it is their own, a blocked colleague's, or too large a sum."""
    if agent_id == asked_by_id:
        raise Refused(Refusal.OWN)
    if not asker_active:
        raise Refused(Refusal.PROPOSER_GONE)
    most = may_agree_to(roles, limits)
    if amount_minor > most:
        raise Refused(Refusal.ABOVE_LIMIT, most_minor=most)
