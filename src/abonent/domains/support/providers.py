"""Content providers as staff see them: how many do not agree to what they sell, and suspension, which takes two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.catalog.providers.rules import Provider
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions import rules as subscriptions_rules
from abonent.domains.orders.subscriptions.queries import Complaints
from abonent.domains.support import models
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.foundation import audit

REASON_LENGTH_MAX = 500
NOBODY = Complaints(0, 0)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one of staff wants done about a provider; `own` is whose eyes see it."""

    id: int
    suspend: bool
    reason: str
    by: str
    at: datetime
    own: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A provider with its complaints; `over`: so many that it may be suspended."""

    provider: Provider
    complaints: Complaints
    over: bool
    suspended_since: datetime | None
    proposal: Proposal | None


def overview(*, agent: Agent, at: datetime) -> list[Row]:
    """Return every provider, in five queries."""
    counted, suspended, terms = queries.complaints(at), queries.suspended(), queries.terms(at)
    waiting = {
        row.provider: Proposal(
            row.pk, row.suspend, row.reason, row.asked_by.name, row.asked_at, row.asked_by_id == agent.id
        )
        for row in models.ProviderProposal.objects.filter(granted=None).select_related("asked_by")
    }
    rows = []
    for provider in providers_queries.in_force(queries.today(at)):
        found = counted.get(provider.code, NOBODY)
        over = subscriptions_rules.over_threshold(terms, begun=found.begun, complaints=found.complaints)
        rows.append(Row(provider, found, over, suspended.get(provider.code), waiting.get(provider.code)))
    return rows


@transaction.atomic
def propose(*, agent: Agent, code: str, suspend: bool, reason: str, origin: str, at: datetime) -> None:
    """Ask a second person to suspend a provider that is over the threshold, or to let it go on.

    What waits already stays. Raises `NotThere`, `Refused` (`NOTHING_TO_DO`), `ValueError` without a reason.
    """
    _may(agent)
    if not reason.strip():
        raise ValueError("a provider is suspended for a reason")
    _take_turn(code)
    row = next((row for row in overview(agent=agent, at=at) if row.provider.code == code), None)
    if row is None:
        raise NotThere(code)
    if row.proposal is not None:
        return
    if (row.suspended_since is not None) == suspend or (suspend and not row.over):
        raise Refused(Refusal.NOTHING_TO_DO)
    made = models.ProviderProposal.objects.create(
        provider=code, suspend=suspend, reason=reason.strip()[:REASON_LENGTH_MAX], asked_by_id=agent.id, asked_at=at
    )
    _record(agent, "provider proposal", made, origin, at)


@transaction.atomic
def decide(*, agent: Agent, proposal_id: int, granted: bool, origin: str, at: datetime) -> None:
    """Agree as the second person, and have it done, or not; the first answer counts.

    Raises `NotThere`, `Refused`: `NOT_ALLOWED`, `OWN`, `ANSWERED`.
    """
    if Permission.APPROVE not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    row = models.ProviderProposal.objects.select_for_update(no_key=True).filter(id=proposal_id).first()
    if row is None:
        raise NotThere(proposal_id)
    if row.granted is not None:
        raise Refused(Refusal.ANSWERED)
    if row.asked_by_id == agent.id:
        raise Refused(Refusal.OWN)
    row.granted, row.decided_by_id, row.decided_at = granted, agent.id, at
    row.save(update_fields=["granted", "decided_by", "decided_at"])
    if granted:
        (subscriptions.suspend if row.suspend else subscriptions.resume)(provider=row.provider, at=at)
    _record(agent, "provider agreed" if granted else "provider declined", row, origin, at)


def _may(agent: Agent) -> None:
    if Permission.PROVIDERS not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)


def _take_turn(code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('provider'), hashtext(%s))", [code])


def _record(agent: Agent, action: str, row: models.ProviderProposal, origin: str, at: datetime) -> None:
    audit.record(
        actor=agent.actor, action=action, subject=f"provider {row.provider}",
        details={"proposal": row.pk, "suspend": row.suspend}, origin=origin, at=at,
    )  # fmt: skip
