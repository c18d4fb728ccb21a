"""Services ordered for a customer in a talk: after the check, by the customer's own action, written into the trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions as orders
from abonent.domains.orders.actions import Wish
from abonent.domains.orders.queries import Order
from abonent.domains.support import actions
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import Permission, Refusal, Refused
from abonent.foundation import audit

CHANNEL = "staff"
TRAIL = "service ordered"


def line_of(case: Case, at: datetime) -> Line:
    """Return the line that the talk is about; raise `Refused` before the check, and when it is served no more."""
    if not case.is_checked(at):
        raise Refused(Refusal.NOT_CHECKED)
    line = lines.served_by_id(case.line_id)
    if line is None:
        raise Refused(Refusal.CLOSED)
    return line


@transaction.atomic
def order(*, agent: Agent, case_id: int, wish: Wish, origin: str, at: datetime) -> Order:
    """Place an order at the customer's wish, as they would; who placed it stands in it and in the trail.

    Raises `Refused`, `NotThere`, and what `orders.actions.place` raises: then nothing has changed.
    """
    if Permission.CASES not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    case = actions.own_case(agent=agent, case_id=case_id, at=at)
    line = line_of(case, at)
    if wish.line.id != line.id:
        raise Refused(Refusal.NOT_ALLOWED)
    for account_id in lines.accounts_of_line(line.id):
        ensure_not_frozen(account_id)
    placed = orders.place(wish=replace(wish, channel=CHANNEL, account_id=None, placed_by=agent.by), at=at)
    if placed.placed_at == at:
        audit.record(
            actor=agent.actor, action=TRAIL, subject=f"case {case_id}", on_behalf_of=f"party {case.party_id}",
            details={"order": str(placed.id), "service": placed.offer_code, "action": str(placed.action),
                     "minor": placed.total_minor},
            origin=origin, at=at,
        )  # fmt: skip
    return placed
