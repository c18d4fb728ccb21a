"""Writes of support: cases begin and end, a second person agrees. What is done in them stands in `deeds` and `shop`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.lines.network import actions as network
from abonent.domains.lines.network.reading import Event
from abonent.domains.lines.network.rules import Noted
from abonent.domains.support import models, queries, rules
from abonent.domains.support.corrections import actions as corrections
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import Contact, Deed, NotThere, Permission, Refusal, Refused
from abonent.foundation import audit

LEFT_OPEN = "left open"
CHECK_FAILED = "check failed"


def open_case(*, agent: Agent, line_id: int, contact: Contact, origin: str, at: datetime) -> int:
    """Begin a talk with the holder of a line and return the case's id.

    A second opening for the same holder leads to the same case. Raises `Refused` (`BUSY`: another talk goes on),
    `NotThere`.
    """
    if Permission.CASES not in agent.permissions or rules.CHECKS[contact] not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    if contact not in rules.TALKS:
        raise NotThere(contact)
    return begin(agent=agent, line_id=line_id, contact=contact, origin=origin, at=at)


def begin(*, agent: Agent, line_id: int, contact: Contact, origin: str, at: datetime, checked_by: str = "") -> int:
    """As `open_case`, whoever may do it; `checked_by` says by what the customer is known already."""
    customer = queries.customer(line_id)
    if customer is None:
        raise NotThere(line_id)
    with transaction.atomic():
        # Two openings at once by one agent wait for each other here.
        models.Agent.objects.select_for_update(no_key=True).get(id=agent.id)
        now_open = models.Case.objects.filter(agent_id=agent.id, closed_at=None).select_related("agent").first()
        if now_open is not None and queries.of_row(now_open).is_open(at):
            if (now_open.line_id, now_open.contact) == (line_id, contact):
                return int(now_open.pk)
            raise Refused(Refusal.BUSY)
        if now_open is not None:
            models.Case.objects.filter(id=now_open.pk).update(closed_at=at, outcome=LEFT_OPEN)
        opened = models.Case.objects.create(
            agent_id=agent.id, contact=contact, party_id=customer.party_id, line_id=line_id, opened_at=at,
            checked_at=at if checked_by else None, checked_by=checked_by,
        )  # fmt: skip
        audit.record(
            actor=agent.actor, action="case opened", subject=f"case {opened.pk}",
            on_behalf_of=f"party {customer.party_id}",
            details={"contact": contact.value, "line": line_id, "number": rules.masked_number(customer.number)},
            origin=origin, at=at,
        )  # fmt: skip
    return int(opened.pk)


@transaction.atomic
def close_case(*, agent: Agent, case_id: int, outcome: str, origin: str, at: datetime) -> None:
    """End the talk with a note; a case that ended stays as it is. Raises `NotThere`."""
    row = models.Case.objects.select_for_update(no_key=True).filter(id=case_id, agent_id=agent.id).first()
    if row is None:
        raise NotThere(case_id)
    if row.closed_at is not None:
        return
    row.closed_at, row.outcome = at, outcome[: rules.OUTCOME_LENGTH_MAX]
    row.save(update_fields=["closed_at", "outcome"])
    audit.record(
        actor=agent.actor, action="case closed", subject=f"case {case_id}", on_behalf_of=f"party {row.party_id}",
        origin=origin, at=at,
    )  # fmt: skip


def note_search(*, agent: Agent, found: int, origin: str, at: datetime) -> None:
    """Record that somebody looked for a customer; raises `Refused`."""
    if Permission.SEARCH not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    audit.record(
        actor=agent.actor, action="search", subject="customers", details={"found": found}, origin=origin, at=at
    )


def ask_approval(*, agent: Agent, case_id: int, deed: Deed, origin: str, at: datetime) -> None:
    """Ask a second person for one deed; asking twice is asking once. Raises `NotThere`, `Refused`."""
    with transaction.atomic():
        case = own_case(agent=agent, case_id=case_id, at=at)
        standing = rules.Standing(
            closed=not case.is_open(at), checked_until=case.checked_until, done=queries.done_in(case_id),
            held=queries.is_held(case.line_id, deed, at), approved=False,
        )  # fmt: skip
        refusal = rules.refusal_of(deed, permissions=agent.permissions, contact=case.contact, standing=standing, now=at)
        if refusal is not Refusal.NEEDS_APPROVAL:
            raise Refused(refusal or Refusal.NOTHING_TO_DO)
        waiting = models.Approval.objects.filter(case_id=case_id, deed=deed, used_at=None)
        if waiting.filter(expires_at__gt=at).exclude(granted=False).exists():
            return
        # Nobody has answered the one before in time.
        waiting.filter(granted=None).update(granted=False)
        asked = models.Approval.objects.create(
            case_id=case_id, deed=deed, asked_by_id=agent.id, asked_at=at, expires_at=at + rules.APPROVAL_LIFE
        )
        audit.record(
            actor=agent.actor, action="approval asked", subject=f"case {case_id}",
            on_behalf_of=f"party {case.party_id}",
            details={"deed": deed.value, "approval": str(asked.id)}, origin=origin, at=at,
        )  # fmt: skip


def decide(*, agent: Agent, approval_id: UUID, granted: bool, origin: str, at: datetime, reason: str = "") -> None:
    """Agree, or not, as the second person; the first answer counts.

    Money that is agreed to is moved in the same transaction; it is declined with a `reason`. Raises `NotThere`,
    `Refused`; `ValueError` without that reason.
    """
    if not agent.permissions & {Permission.APPROVE, Permission.AGREE}:
        raise Refused(Refusal.NOT_ALLOWED)
    with transaction.atomic():
        # The question alone: a deed takes the case first, and would wait for this one while this one waits for it.
        asked = models.Approval.objects.select_for_update(of=("self",)).filter(id=approval_id)
        row = asked.select_related("case").first()
        if row is None:
            raise NotThere(approval_id)
        is_money = row.deed in rules.MONEY
        if (Permission.AGREE if is_money else Permission.APPROVE) not in agent.permissions:
            raise Refused(Refusal.NOT_ALLOWED)
        if row.asked_by_id == agent.id:
            raise Refused(Refusal.OWN if is_money else Refusal.NOT_ALLOWED)
        if is_money and (row.granted, row.given_by_id) == (granted, agent.id):
            # The same word said twice, by a form sent twice.
            return
        # A proposal of money outlives the talk in which it was made.
        if row.granted is not None or row.expires_at <= at or (row.case.closed_at is not None and not is_money):
            raise Refused(Refusal.DECIDED if is_money else Refusal.CLOSED)
        row.given_by_id, row.decided_at, row.granted = agent.id, at, granted
        row.save(update_fields=["given_by", "decided_at", "granted"])
        if is_money:
            if granted:
                corrections.agree(agent=agent, approval=row, origin=origin, at=at)
            else:
                corrections.decline(agent=agent, approval=row, reason=reason, origin=origin, at=at)
            return
        audit.record(
            actor=agent.actor, action="approval given" if granted else "approval refused",
            subject=f"case {row.case_id}", on_behalf_of=f"party {row.case.party_id}",
            details={"deed": row.deed, "approval": str(row.id), "asked by": row.asked_by_id}, origin=origin, at=at,
        )  # fmt: skip


@transaction.atomic
def note_network(*, agent: Agent, event: Event, origin: str) -> Noted:
    """Take in what the network says, told by an engineer; raises what `lines.network.note` raises."""
    if Permission.NETWORK not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    noted = network.note(event)
    audit.record(
        actor=agent.actor, action=f"network: {event.kind.value}", subject="network",
        details={"number": rules.masked_number(event.number), "noted": noted.value}, origin=origin, at=event.at,
    )  # fmt: skip
    return noted


def use_approval(*, case: Case, deed: Deed, at: datetime) -> int | None:
    """Use up a second person's word for the deed; return whose it was, None when there is none."""
    given = models.Approval.objects.select_for_update().filter(
        case_id=case.id, deed=deed, granted=True, used_at=None, expires_at__gt=at
    )
    row = given.first()
    if row is None:
        return None
    row.used_at = at
    row.save(update_fields=["used_at"])
    return row.given_by_id


def own_case(*, agent: Agent, case_id: int, at: datetime) -> Case:
    """Return the agent's own case, locked, in a transaction; raise `NotThere`, `Refused` when it ended."""
    own = models.Case.objects.select_for_update(of=("self",), no_key=True).filter(id=case_id, agent_id=agent.id)
    found = own.select_related("agent").first()
    if found is None:
        raise NotThere(case_id)
    case = queries.of_row(found)
    if not case.is_open(at):
        raise Refused(Refusal.CLOSED)
    return case
