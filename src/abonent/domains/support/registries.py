"""What accounting does: differences between registries and payments are worked off, refused receipts are sent anew."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.registries import actions as registries
from abonent.domains.billing.registries import queries as registries_queries
from abonent.domains.billing.registries.actions import AlreadyResolved
from abonent.domains.billing.registries.queries import NoSuchRegistry
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.foundation import audit


@transaction.atomic
def resolve(*, agent: Agent, registry_id: int, difference_id: int, reason: str, origin: str, at: datetime) -> None:
    """Note that a difference is worked off, and how; once. Raises `NotThere`, `Refused`, `ValueError` (no reason)."""
    _allowed(agent)
    try:
        known = registries_queries.difference(difference_id)
    except NoSuchRegistry:
        raise NotThere(difference_id) from None
    if known.registry_id != registry_id:
        raise NotThere(difference_id)
    try:
        registries.resolve(difference_id=difference_id, by=agent.name, reason=reason, at=at)
    except AlreadyResolved:
        raise Refused(Refusal.NOTHING_TO_DO) from None
    # The reason stands with the difference: it may name people, and the trail must not.
    audit.record(
        actor=agent.actor, action="difference worked off", subject=f"registry {registry_id}",
        details={"difference": difference_id, "kind": known.kind.value}, origin=origin, at=at,
    )  # fmt: skip


@transaction.atomic
def send_receipt_anew(*, agent: Agent, receipt_id: UUID, origin: str, at: datetime) -> None:
    """Let a receipt that the fiscal register refused be handed to it again; raises `Refused`."""
    _allowed(agent)
    if not fiscal.try_again(receipt_id=receipt_id):
        raise Refused(Refusal.NOTHING_TO_DO)
    audit.record(actor=agent.actor, action="receipt sent anew", subject=f"receipt {receipt_id}", origin=origin, at=at)


def _allowed(agent: Agent) -> None:
    if Permission.REGISTRIES not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
