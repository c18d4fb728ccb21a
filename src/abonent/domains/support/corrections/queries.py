"""Reads of proposals of money; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.support import models, rules
from abonent.domains.support.corrections import rules as corrections_rules
from abonent.domains.support.corrections.rules import Outcome
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission

SHOWN = 50
ENDED_SHOWN = timedelta(days=7)


class State(StrEnum):
    """How a proposal stands."""

    WAITS = "waits"
    EXPIRED = "expired"
    DECLINED = "declined"
    # Agreed to; the gateway is giving it back.
    UNDER_WAY = "under way"
    POSTED = "posted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Money that an agent wants moved, and what became of that."""

    id: UUID
    kind: Kind
    state: State
    amount_minor: int
    reason: str
    comment: str
    case_id: int
    party_id: int
    contract_id: int
    line_id: int
    number: str
    customer: str
    charge_id: UUID | None
    payment_id: UUID | None
    asked_by_id: int
    asked_by: str
    position: str
    asked_at: datetime
    expires_at: datetime
    given_by: str
    decided_at: datetime | None
    declined_because: str
    failed_because: str
    ended_at: datetime | None


def waiting(now: datetime, limit: int = SHOWN) -> list[Proposal]:
    """Return what waits for a second person, what ends first at the top."""
    rows = _rows().filter(approval__granted=None, approval__expires_at__gt=now)
    return [_value(row, now) for row in rows.order_by("approval__expires_at")[:limit]]


def ended(now: datetime, limit: int = SHOWN) -> list[Proposal]:
    """Return what was decided or ran out lately, the newest first."""
    over = Q(approval__granted__isnull=False) | Q(approval__expires_at__lte=now)
    rows = _rows().filter(over, approval__asked_at__gt=now - ENDED_SHOWN - rules.PROPOSAL_LIFE)
    return [_value(row, now) for row in rows.order_by("-approval__asked_at")[:limit]]


def count_waiting(now: datetime) -> int:
    """Return how many proposals wait."""
    return models.Proposal.objects.filter(approval__granted=None, approval__expires_at__gt=now).count()


def proposal(proposal_id: UUID, agent: Agent, now: datetime) -> Proposal:
    """Return one: to who may agree, and to who proposed it; raise `NotThere` to anybody else."""
    rows = _rows().filter(approval_id=proposal_id)
    if Permission.AGREE not in agent.permissions:
        rows = rows.filter(approval__asked_by_id=agent.id)
    found = rows.first()
    if found is None:
        raise NotThere(proposal_id)
    return _value(found, now)


def of_party(party_id: int, now: datetime, limit: int = SHOWN) -> list[Proposal]:
    """Return what was proposed for a customer, the newest first."""
    rows = _rows().filter(approval__case__party_id=party_id).order_by("-approval__asked_at")
    return [_value(row, now) for row in rows[:limit]]


def made_by(agent_id: int, now: datetime, limit: int = SHOWN) -> list[Proposal]:
    """Return what somebody proposed, the newest first."""
    rows = _rows().filter(approval__asked_by_id=agent_id).order_by("-approval__asked_at")
    return [_value(row, now) for row in rows[:limit]]


def may_agree_to(roles: Collection[str], now: datetime) -> int:
    """Return the sum up to which these roles may agree today."""
    return corrections_rules.may_agree_to(roles, corrections_rules.limits_on(localdate(now)))


def _rows() -> QuerySet[models.Proposal]:
    return models.Proposal.objects.select_related(
        "approval__case__party", "approval__asked_by", "approval__given_by", "line"
    )


def _value(row: models.Proposal, now: datetime) -> Proposal:
    asked = row.approval
    party = asked.case.party
    return Proposal(
        id=asked.id,
        kind=Kind(row.kind),
        state=_state(row, now),
        amount_minor=row.amount_minor,
        reason=row.reason,
        comment=row.comment,
        case_id=asked.case_id,
        party_id=asked.case.party_id,
        contract_id=row.contract_id,
        line_id=row.line_id,
        number=rules.masked_number(row.line.number),
        customer=rules.masked_name(party.given_name, party.family_name),
        charge_id=row.charge_id,
        payment_id=row.payment_id,
        asked_by_id=asked.asked_by_id,
        asked_by=asked.asked_by.name,
        position=asked.asked_by.position,
        asked_at=asked.asked_at,
        expires_at=asked.expires_at,
        given_by=asked.given_by.name if asked.given_by else "",
        decided_at=asked.decided_at,
        declined_because=row.declined_because,
        failed_because=row.failed_because,
        ended_at=row.ended_at,
    )


def _state(row: models.Proposal, now: datetime) -> State:
    asked = row.approval
    if asked.granted is None:
        return State.WAITS if asked.expires_at > now else State.EXPIRED
    if not asked.granted:
        return State.DECLINED
    ends: dict[str, State] = {Outcome.POSTED: State.POSTED, Outcome.FAILED: State.FAILED}
    return ends.get(row.outcome, State.UNDER_WAY)
