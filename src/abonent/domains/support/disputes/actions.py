"""Charges that customers do not agree with: written in the cabinet, answered in a case, or put right with four eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_money
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.support import actions, models, queries
from abonent.domains.support.corrections import actions as corrections
from abonent.domains.support.disputes import rules as written
from abonent.domains.support.disputes.rules import Reason, State
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import Contact, NotThere, Permission, Refusal, Refused
from abonent.foundation import audit
from abonent.foundation.audit import Actor

OWNER = Actor("system", "customer")
CHECKED_BY = "cabinet"
ANSWERED = "answered in the cabinet"


@dataclass(frozen=True, slots=True)
class Thing:
    """What is disputed, as its owner sees it: one of a charge and a payment; `amount_minor` below zero is charged."""

    charge_id: UUID | None
    payment_id: UUID | None
    amount_minor: int
    category: str
    booked_at: datetime


def open_dispute(*, line: Line, thing: Thing, reason: Reason, comment: str, at: datetime) -> tuple[int, bool]:
    """Write down what the customer does not agree with; return its number, and whether it is new.

    Whoever asks has made sure that line and thing are the customer's. A thing that is disputed already keeps its
    dispute. Raises `disputes.rules.Unclear`, `TooMany`.
    """
    if (known := _open_of(thing)) is not None:
        return known, False
    count = models.Dispute.objects.filter(line_id=line.id, state=State.OPEN).count()
    said = written.check(comment, count)
    try:
        with transaction.atomic():
            made = models.Dispute.objects.create(
                party_id=line.party_id, line_id=line.id, charge_id=thing.charge_id, payment_id=thing.payment_id,
                amount_minor=thing.amount_minor, category=thing.category, booked_at=thing.booked_at, reason=reason,
                comment=said, opened_at=at, due_at=written.due(at), state=State.OPEN,
            )  # fmt: skip
            # The comment may name people, the trail must not.
            audit.record(
                actor=OWNER, action="dispute opened", subject=f"dispute {made.pk}",
                on_behalf_of=f"party {line.party_id}", details={"reason": reason.value}, at=at,
            )  # fmt: skip
    except IntegrityError:
        # Another tab was faster.
        if (known := _open_of(thing)) is None:
            raise
        return known, False
    return int(made.pk), True


def _open_of(thing: Thing) -> int | None:
    found = models.Dispute.objects.filter(
        charge_id=thing.charge_id, payment_id=thing.payment_id, state=State.OPEN
    ).values_list("id", flat=True)  # fmt: skip
    return found.first()


@transaction.atomic
def take(*, agent: Agent, dispute_id: int, origin: str, at: datetime) -> int:
    """Begin to work on a dispute, in a case of its own; return the case. Taken twice by one agent it stays theirs.

    Raises `NotThere`, `Refused`: `ANSWERED`, `TAKEN` by a colleague, `BUSY` in another talk, `MONEY_WAITS`.
    """
    if Permission.DISPUTES not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    dispute = _locked(dispute_id)
    if dispute.state != State.OPEN:
        raise Refused(Refusal.ANSWERED)
    if dispute.case is not None and queries.of_row(dispute.case).is_open(at):
        if dispute.case.agent_id == agent.id:
            return int(dispute.case.pk)
        raise Refused(Refusal.TAKEN)
    if corrections.open_proposal(dispute_id, at) is not None:
        raise Refused(Refusal.MONEY_WAITS)
    if queries.open_case(agent.id, at) is not None:
        raise Refused(Refusal.BUSY)
    case_id = actions.begin(
        agent=agent, line_id=dispute.line_id, contact=Contact.CABINET, origin=origin, at=at, checked_by=CHECKED_BY
    )
    models.Dispute.objects.filter(id=dispute_id).update(case_id=case_id)
    audit.record(
        actor=agent.actor, action="dispute taken", subject=f"dispute {dispute_id}",
        on_behalf_of=f"party {dispute.party_id}", details={"case": case_id}, origin=origin, at=at,
    )  # fmt: skip
    return case_id


@transaction.atomic
def answer(*, agent: Agent, case_id: int, said: str, origin: str, at: datetime) -> None:
    """Explain it to the customer, who is told by a message that the answer is there; it ends the talk.

    Raises `NotThere`, `Refused` (`ANSWERED`; `MONEY_WAITS`: it is answered by money), `ValueError` without words.
    """
    if not said.strip():
        raise ValueError("a dispute is answered in words")
    case = actions.own_case(agent=agent, case_id=case_id, at=at)
    found = models.Dispute.objects.filter(case_id=case.id).values_list("id", flat=True).first()
    if found is None:
        raise NotThere(case_id)
    dispute = _locked(found)
    if dispute.state != State.OPEN:
        raise Refused(Refusal.ANSWERED)
    if corrections.open_proposal(dispute.pk, at) is not None:
        raise Refused(Refusal.MONEY_WAITS)
    dispute.state, dispute.closed_at, dispute.answered_by_id = State.ANSWERED, at, agent.id
    dispute.answer = said.strip()[: written.COMMENT_LENGTH_MAX]
    dispute.save(update_fields=["state", "closed_at", "answered_by", "answer"])
    _tell(dispute)
    audit.record(
        actor=agent.actor, action="dispute answered", subject=f"dispute {dispute.pk}",
        on_behalf_of=f"party {dispute.party_id}", details={"case": case_id}, origin=origin, at=at,
    )  # fmt: skip
    actions.close_case(agent=agent, case_id=case_id, outcome=ANSWERED, origin=origin, at=at)


def _locked(dispute_id: int) -> models.Dispute:
    # Its case is read when the lock is there: joined to it, it would be the one from before.
    found = models.Dispute.objects.select_for_update(no_key=True).filter(id=dispute_id).first()
    if found is None:
        raise NotThere(dispute_id)
    return found


def _tell(dispute: models.Dispute) -> None:
    contact = lines.contact_of(dispute.line_id)
    channel, recipient = ("sms", contact.number) if contact.number else ("email", contact.email)
    if recipient:
        language = queries_money.named(dispute.line_id).language
        messaging.send(
            channel=channel, recipient=recipient, template="dispute answered", params={"number": str(dispute.pk)},
            language=language,
        )  # fmt: skip
