"""Subscriptions of content providers at a customer's wish: stopped and banned in a talk, disputed in the cabinet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.identity import journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.queries import NoSuchSubscription, Subscription
from abonent.domains.orders.subscriptions.rules import Why
from abonent.domains.support import actions
from abonent.domains.support.disputes import actions as disputes
from abonent.domains.support.disputes.actions import Thing
from abonent.domains.support.disputes.rules import COMMENT_LENGTH_MAX, Reason
from abonent.domains.support.ordering import line_of
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.foundation import audit

STOPPED, ALL_STOPPED = "subscription stopped", "subscriptions stopped"
BANNED, ALLOWED = "subscriptions banned", "subscriptions allowed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a dispute brought: money at once, or a dispute that a person answers (its number); it ended either way."""

    back_minor: int
    dispute_id: int | None


@transaction.atomic
def disagree(*, line: Line, subscription_id: UUID, comment: str, at: datetime) -> Outcome:
    """The customer says in the cabinet that they never agreed; the same again changes nothing.

    Raises `NoSuchSubscription`, `disputes.rules.TooMany`; then nothing has changed.
    """
    one = queries.subscription(subscription_id, [line.id])
    done = subscriptions.dispute(subscription_id=subscription_id, line_ids=[line.id], at=at)
    if done.case_for is None:
        return Outcome(done.back_minor, None)
    thing = Thing(done.case_for.id, None, -done.case_for.amount_minor, "partner", done.case_for.at)
    said = f"{one.names.get(line.language, one.service)}: {comment}"[:COMMENT_LENGTH_MAX]
    number, _is_new = disputes.open_dispute(line=line, thing=thing, reason=Reason.NOT_ORDERED, comment=said, at=at)
    return Outcome(0, number)


@transaction.atomic
def stop(*, agent: Agent, case_id: int, subscription_id: UUID, origin: str, at: datetime) -> Subscription:
    """End one for the customer of the talk; what ended stays. Raises `Refused`, `NotThere`."""
    case, line = _talk(agent, case_id, at)
    try:
        before = queries.subscription(subscription_id, [line.id])
        one = subscriptions.stop(subscription_id=subscription_id, line_ids=[line.id], why=Why.STAFF, by=agent.by, at=at)
    except NoSuchSubscription:
        raise NotThere(subscription_id) from None
    if before.is_open:
        _write_down(agent, case, STOPPED, {"subscription": str(subscription_id)}, origin, at, tell=False)
    return one


@transaction.atomic
def stop_all(*, agent: Agent, case_id: int, form_id: UUID, origin: str, at: datetime) -> int:
    """End all of them for the customer of the talk, once by the form; return how many. Raises `Refused`, `NotThere`."""
    case, line = _talk(agent, case_id, at)
    known = len(queries.batch(form_id, [line.id]))
    ended = subscriptions.stop_all(line_id=line.id, form_id=form_id, why=Why.STAFF, by=agent.by, at=at)
    if ended and not known:
        _write_down(agent, case, ALL_STOPPED, {"count": len(ended)}, origin, at, tell=False)
    return len(ended)


@transaction.atomic
def ban(*, agent: Agent, case_id: int, on: bool, origin: str, at: datetime) -> None:
    """Ban new ones, or let providers ask again, at the customer's wish. Raises `Refused`, `NotThere`."""
    case, line = _talk(agent, case_id, at)
    change = subscriptions.ban if on else subscriptions.lift_ban
    if change(line_id=line.id, by=agent.by, at=at):
        _write_down(agent, case, BANNED if on else ALLOWED, {}, origin, at, tell=True)


def _talk(agent: Agent, case_id: int, at: datetime) -> tuple[Case, Line]:
    if Permission.CASES not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    case = actions.own_case(agent=agent, case_id=case_id, at=at)
    return case, line_of(case, at)


def _write_down(
    agent: Agent, case: Case, deed: str, details: dict[str, audit.Detail], origin: str, at: datetime, *, tell: bool
) -> None:
    """Write it into the journals of whoever sees the line, and into the trail; an SMS of its own says what ended."""
    for account_id in lines.accounts_of_line(case.line_id):
        journal.note(
            account_id=account_id, kind=EventKind.AGENT_ACTED, at=at, by=agent.by,
            detail={"deed": deed, "contact": case.contact.value}, tell=tell,
        )  # fmt: skip
    audit.record(
        actor=agent.actor, action=deed, subject=f"case {case.id}", on_behalf_of=f"party {case.party_id}",
        details=details, origin=origin, at=at,
    )  # fmt: skip
