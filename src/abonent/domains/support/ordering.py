"""What is ordered for a customer in a talk: after the check and their yes to the price, as they would themselves.

Who placed it and what was read out stand in the trail, and in the owner's journal that staff did it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from abonent.domains.identity import journal
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions as orders
from abonent.domains.orders.actions import Wish
from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.queries import Order
from abonent.domains.orders.tariffs import actions as tariffs
from abonent.domains.orders.tariffs.actions import TariffWish
from abonent.domains.support import actions
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import Permission, Refusal, Refused
from abonent.foundation import audit

CHANNEL = "staff"
TRAIL = "service ordered"
# What the owner's journal calls it.
DEED = "ordered"


class NotAgreed(Exception):
    """The customer's yes to the price was not noted; nothing was ordered."""


def line_of(case: Case, at: datetime) -> Line:
    """Return the line that the talk is about; raise `Refused` before the check, and when it is served no more."""
    if not case.is_checked(at):
        raise Refused(Refusal.NOT_CHECKED)
    line = lines.served_by_id(case.line_id)
    if line is None:
        raise Refused(Refusal.CLOSED)
    return line


def order(*, agent: Agent, case_id: int, wish: Wish, agreed: bool, origin: str, at: datetime) -> Order:
    """Place an order for a service or a package at the customer's wish.

    `agreed`: they heard the price and said yes. Raises `NotAgreed`, `Refused`, `NotThere`, and what
    `orders.actions.place` raises: then nothing has changed.
    """
    ours = replace(wish, channel=CHANNEL, account_id=None, placed_by=agent.by)
    return _ordered(agent, case_id, wish.line, agreed, origin, at, lambda: orders.place(wish=ours, at=at))


def change_tariff(*, agent: Agent, case_id: int, wish: TariffWish, agreed: bool, origin: str, at: datetime) -> Order:
    """Order another tariff at the customer's wish; as `order`, and raises what `orders.tariffs.place` raises."""
    ours = replace(wish, channel=CHANNEL, account_id=None, placed_by=agent.by)
    return _ordered(agent, case_id, wish.line, agreed, origin, at, lambda: tariffs.place(wish=ours, at=at))


def block(*, agent: Agent, case_id: int, wish: blocks.Wish, agreed: bool, origin: str, at: datetime) -> Order:
    """Order a block for a while at the customer's wish; as `order`, and raises what `orders.blocks.place` raises."""
    ours = replace(wish, channel=CHANNEL, account_id=None, placed_by=agent.by)
    return _ordered(agent, case_id, wish.line, agreed, origin, at, lambda: blocks.place(wish=ours, at=at))


@transaction.atomic
def _ordered(
    agent: Agent, case_id: int, wanted: Line, agreed: bool, origin: str, at: datetime, place: Callable[[], Order]
) -> Order:
    if Permission.CASES not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    case = actions.own_case(agent=agent, case_id=case_id, at=at)
    line = line_of(case, at)
    if wanted.id != line.id:
        raise Refused(Refusal.NOT_ALLOWED)
    if not agreed:
        raise NotAgreed
    owners = lines.accounts_of_line(line.id)
    for account_id in owners:
        ensure_not_frozen(account_id)
    placed = place()
    if placed.placed_at != at:
        return placed
    for account_id in owners:
        # What becomes of it the owner is told by SMS; here stands who ordered it, and in which talk.
        journal.note(
            account_id=account_id, kind=EventKind.AGENT_ACTED, at=at, by=agent.by, tell=False,
            detail={"deed": DEED, "contact": case.contact.value, "number": line.number, "service": placed.offer_code},
        )  # fmt: skip
    audit.record(
        actor=agent.actor, action=TRAIL, subject=f"case {case_id}", on_behalf_of=f"party {case.party_id}",
        details={"order": str(placed.id), "service": placed.offer_code, "action": str(placed.action),
                 "minor": placed.total_minor, "agreed": True},
        origin=origin, at=at,
    )  # fmt: skip
    return placed
