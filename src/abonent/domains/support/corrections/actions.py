"""Money that staff move for a customer: one proposes in a case, another agrees, and then it is done, once.

The second person's word is an `Approval` as for any other deed of two; here stand the sum, its limits, and what
follows from the word. A proposal is decided about as things are at that moment, not as they were when it was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.timezone import localdate
from procrastinate.contrib.django import app

from abonent.domains.billing.corrections import actions as billing
from abonent.domains.billing.corrections import rules as money
from abonent.domains.billing.corrections.actions import Wish
from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.customers import actions as customers
from abonent.domains.identity import journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as served
from abonent.domains.payments import actions as payments
from abonent.domains.payments.states import REFUND_FINAL, RefundState
from abonent.domains.support import models, rules
from abonent.domains.support.corrections import rules as limits
from abonent.domains.support.corrections.rules import Outcome, Proposed
from abonent.domains.support.disputes.rules import State as DisputeState
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import Contact, Deed, Refusal, Refused
from abonent.foundation import audit
from abonent.foundation.audit import Actor
from abonent.foundation.values import Period

WORKER = Actor("system", "worker")
GIVE_BACK = "give_back_agreed"
_WHY = {
    money.Refusal.BAD_SUM: Refusal.BAD_SUM,
    money.Refusal.NOT_THERE: Refusal.NOT_THERE,
    money.Refusal.ABOVE_CHARGE: Refusal.ABOVE_CHARGE,
    money.Refusal.SPENT: Refusal.SPENT,
    money.Refusal.NOT_REFUNDABLE: Refusal.NOT_REFUNDABLE,
    money.Refusal.UNDER_WAY: Refusal.UNDER_WAY,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form of a proposal asks for, on the account of the case's line."""

    amount_minor: int
    reason: str
    comment: str
    charge_id: UUID | None = None
    payment_id: UUID | None = None
    # Another line of the customer's than that of the talk.
    line_id: int | None = None


def propose(*, agent: Agent, case: Case, deed: Deed, key: UUID, wanted: Wanted, at: datetime) -> str:
    """Write the proposal down under the form's key, in the transaction of the deed; return words for colleagues.

    Raises `Refused` with what could be asked for instead.
    """
    # What somebody has proposed today is counted one proposal after the other, and so is what the customer gets.
    models.Agent.objects.select_for_update(no_key=True).get(id=agent.id)
    customers.take_turn(case.party_id)
    kind = limits.KINDS[deed]
    line_id, contract_id = _place(case, wanted.line_id)
    named = wanted.charge_id is not None
    _check_limits(wanted.amount_minor, agent.roles, _Asked(agent.id, case.id, case.party_id, kind, named, at), at=at)
    wish = Wish(
        key, contract_id, line_id, kind, wanted.amount_minor, wanted.reason, wanted.charge_id, wanted.payment_id
    )
    try:
        billing.check_now(wish)
    except money.Refused as refused:
        raise _translated(refused) from None
    approval = models.Approval.objects.create(
        id=key, case_id=case.id, deed=deed, asked_by_id=agent.id, asked_at=at, expires_at=at + rules.PROPOSAL_LIFE
    )
    models.Proposal.objects.create(
        approval=approval, kind=kind, contract_id=contract_id, line_id=line_id, amount_minor=wanted.amount_minor,
        reason=wanted.reason, comment=wanted.comment[: limits.COMMENT_LENGTH_MAX], charge_id=wanted.charge_id,
        payment_id=wanted.payment_id, dispute=_dispute(case, wanted, at),
    )  # fmt: skip
    return f"{wanted.amount_minor} {wanted.reason}"


def agree(*, agent: Agent, approval: models.Approval, origin: str, at: datetime) -> None:
    """Do what was proposed, now that a second person agrees; the approval is locked. Raises `Refused`."""
    proposal = models.Proposal.objects.select_related("approval__case", "approval__asked_by").get(approval=approval)
    in_force, asker, case = limits.limits_on(localdate(at)), approval.asked_by, approval.case
    limits.check_agreement(
        proposal.amount_minor, roles=agent.roles, agent_id=agent.id, asked_by_id=asker.pk, asker_active=asker.active,
        limits=in_force,
    )  # fmt: skip
    kind, named = Kind(proposal.kind), proposal.charge_id is not None
    # The limits of who proposed are those of now, and so is all that the account allows.
    asked = _Asked(asker.pk, case.pk, case.party_id, kind, named, approval.asked_at, but=approval.pk)
    _check_limits(proposal.amount_minor, asker.roles, asked, at=at)
    try:
        billing.post(wish=_wish(proposal), at=at)
    except money.Refused as refused:
        raise _translated(refused) from None
    if kind is Kind.REFUND:
        # A bank is never asked inside a transaction: a worker does it as soon as this one is there.
        app.configure_task(GIVE_BACK, queue="billing").defer(approval_id=str(approval.pk))
    else:
        _end(proposal, Outcome.POSTED, "", at)
    _note(proposal, by=agent.by, deed=f"{kind.value} agreed", at=at)
    _record(agent.actor, "money agreed", proposal, at, origin=origin)


def decline(*, agent: Agent, approval: models.Approval, reason: str, origin: str, at: datetime) -> None:
    """Note why a second person does not agree; raises `Refused` for one's own, `ValueError` without a reason."""
    if not reason.strip():
        raise ValueError("a proposal is declined with a reason")
    if approval.asked_by_id == agent.id:
        raise Refused(Refusal.OWN)
    proposal = models.Proposal.objects.select_related("approval__case").get(approval=approval)
    proposal.declined_because = reason.strip()[: limits.COMMENT_LENGTH_MAX]
    proposal.save(update_fields=["declined_because"])
    _record(agent.actor, "money declined", proposal, at, origin=origin)


def give_back(*, approval_id: UUID, at: datetime) -> RefundState | None:
    """Have the gateway give back what was agreed to, under the proposal's id; outside any transaction.

    Whoever comes twice, or after a killed worker, asks what became of the first time. Returns None when there is
    nothing to do, or not yet.
    """
    found = models.Proposal.objects.filter(
        approval_id=approval_id, kind=Kind.REFUND, approval__granted=True, outcome=""
    )
    proposal = found.first()
    if proposal is None or proposal.payment_id is None:
        return None
    try:
        state = payments.refund(
            refund_id=approval_id, payment_id=proposal.payment_id, amount_minor=proposal.amount_minor,
            reason=proposal.reason, at=at,
        )  # fmt: skip
    except payments.RefundUnderWay:
        return None
    except payments.NotRefundable:
        finish(approval_id=approval_id, outcome=Outcome.FAILED, why=Refusal.NOT_REFUNDABLE.value, at=at)
        return None
    if state in REFUND_FINAL:
        done = state is RefundState.REFUNDED
        finish(
            approval_id=approval_id, outcome=Outcome.POSTED if done else Outcome.FAILED, why="" if done else "bank",
            at=at,
        )  # fmt: skip
    return state


@transaction.atomic
def finish(*, approval_id: UUID, outcome: Outcome, why: str, at: datetime) -> bool:
    """Write down how a refund ended, once."""
    found = models.Proposal.objects.select_for_update(of=("self",)).select_related("approval__case")
    proposal = found.get(approval_id=approval_id)
    if proposal.outcome:
        return False
    _end(proposal, outcome, why, at)
    _record(WORKER, "refund done" if outcome is Outcome.POSTED else "refund failed", proposal, at)
    return True


def refunds_to_do(limit: int = 200) -> list[UUID]:
    """Return what was agreed to and the gateway has not ended yet, the oldest first."""
    rows = models.Proposal.objects.filter(kind=Kind.REFUND, approval__granted=True, outcome="")
    return list(rows.order_by("approval__decided_at").values_list("approval_id", flat=True)[:limit])


def _dispute(case: Case, wanted: Wanted, at: datetime) -> models.Dispute | None:
    """Return the open dispute about the same charge or payment, in whatever talk it comes up.

    One written in the cabinet is answered by money for the very thing that it is about, one proposal at a time.
    """
    found = None
    if wanted.charge_id or wanted.payment_id:
        about = models.Dispute.objects.filter(
            charge_id=wanted.charge_id, payment_id=wanted.payment_id, state=DisputeState.OPEN
        )
        found = about.select_for_update(no_key=True).first()
    if found is None or (case.contact is Contact.CABINET and found.case_id != case.id):
        if case.contact is Contact.CABINET:
            raise Refused(Refusal.NOT_THERE)
        return None
    if open_proposal(found.pk, at) is not None:
        raise Refused(Refusal.MONEY_WAITS)
    return found


def open_proposal(dispute_id: int, at: datetime) -> models.Proposal | None:
    """Return the money that waits, or is under way, for a dispute."""
    waits = Q(approval__granted=None, approval__expires_at__gt=at) | Q(approval__granted=True, outcome="")
    return models.Proposal.objects.filter(waits, dispute_id=dispute_id).first()


def _place(case: Case, line_id: int | None) -> tuple[int, int]:
    """Return the line and contract that are meant: those of the talk, or others of the same customer."""
    wanted = line_id or case.line_id
    with connection.cursor() as cursor:
        cursor.execute(
            """select line.id, line.contract_id
                 from lines_line line join customers_contract contract on contract.id = line.contract_id
                where line.id = %s and contract.party_id = %s""",
            [wanted, case.party_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused(Refusal.NOT_THERE)
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose proposals count beside one of this kind that was made `asked_at`; it itself (`but`) does not."""

    agent_id: int
    case_id: int
    party_id: int
    kind: Kind
    named: bool
    asked_at: datetime
    but: UUID | None = None

    @property
    def bound(self) -> limits.Bound:
        return limits.bound_of(self.kind, named=self.named)


_PROPOSED = """
    select coalesce(sum(proposal.amount_minor) filter (where own.asked and approval.case_id = %(case)s), 0)::bigint,
           coalesce(sum(proposal.amount_minor) filter (where own.asked and approval.asked_at >= %(day)s
                                                         and approval.asked_at < %(next)s), 0)::bigint,
           coalesce(sum(proposal.amount_minor) filter (where talk.party_id = %(party)s
                                                         and approval.asked_at > %(lately)s), 0)::bigint
      from support_proposal proposal
      join support_approval approval on approval.id = proposal.approval_id
      join support_case talk on talk.id = approval.case_id
      cross join lateral (select approval.asked_by_id = %(agent)s) own(asked)
     where (own.asked or talk.party_id = %(party)s) and proposal.outcome <> 'failed'
       and (approval.granted or (approval.granted is null and approval.expires_at > %(now)s))
       and (proposal.kind = 'refund' or (proposal.kind = 'credit' and proposal.charge_id is not null)) = %(named)s
       and approval.id is distinct from %(but)s
"""


def _check_limits(amount_minor: int, roles: Iterable[str], asked: _Asked, *, at: datetime) -> None:
    """Raise `Refused` when whoever has these roles may not propose the sum beside what was proposed."""
    in_force = limits.limits_on(localdate(at))
    limits.check_proposal(
        amount_minor, limits.cap_of(roles, asked.bound, in_force), _proposed(asked, at),
        limits.customer_cap_minor(asked.bound, in_force),
    )  # fmt: skip


def _proposed(asked: _Asked, at: datetime) -> Proposed:
    """Return what was proposed, of the same bound: by the agent in the case and that local day, for the customer."""
    midnight = _midnight(asked.asked_at)
    values: dict[str, int | datetime | UUID | None] = {
        "agent": asked.agent_id, "case": asked.case_id, "party": asked.party_id, "day": midnight,
        "next": _midnight(midnight + timedelta(hours=36)), "lately": at - limits.CUSTOMER_TIME, "now": at,
        "but": asked.but, "named": asked.bound is limits.Bound.NAMED,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PROPOSED, values)
        return Proposed(*cursor.fetchone())


def _midnight(at: datetime) -> datetime:
    day = localdate(at)
    return Period.of_days(day, day, ZoneInfo(settings.TIME_ZONE)).start


def _wish(proposal: models.Proposal) -> Wish:
    return Wish(
        correction_id=proposal.approval_id, contract_id=proposal.contract_id, line_id=proposal.line_id,
        kind=Kind(proposal.kind), amount_minor=proposal.amount_minor, reason=proposal.reason,
        charge_id=proposal.charge_id, payment_id=proposal.payment_id,
    )  # fmt: skip


def _end(proposal: models.Proposal, outcome: Outcome, why: str, at: datetime) -> None:
    proposal.outcome, proposal.ended_at, proposal.failed_because = outcome, at, why
    proposal.save(update_fields=["outcome", "ended_at", "failed_because"])
    if outcome is Outcome.POSTED and proposal.dispute_id is not None:
        # What was disputed is put right: nobody has to answer any more.
        still_open = models.Dispute.objects.filter(id=proposal.dispute_id, state=DisputeState.OPEN)
        still_open.update(state=DisputeState.CORRECTED, closed_at=at, answered_by_id=proposal.approval.asked_by_id)
    now_used = models.Approval.objects.filter(id=proposal.approval_id, used_at=None)
    now_used.update(used_at=at)


def _note(proposal: models.Proposal, *, by: str, deed: str, at: datetime) -> None:
    """Write it into the journals of whoever sees the line; they are told of the money itself, not of this."""
    for account_id in served.accounts_of_line(proposal.line_id):
        journal.note(account_id=account_id, kind=EventKind.AGENT_ACTED, at=at, by=by, detail={"deed": deed}, tell=False)


def _record(actor: Actor, action: str, proposal: models.Proposal, at: datetime, *, origin: str = "") -> None:
    case = proposal.approval.case
    audit.record(
        actor=actor, action=action, subject=f"case {case.pk}", on_behalf_of=f"party {case.party_id}",
        details={
            "approval": str(proposal.approval_id), "kind": proposal.kind, "amount_minor": proposal.amount_minor,
            "reason": proposal.reason, "asked by": proposal.approval.asked_by_id,
        },
        origin=origin, at=at,
    )  # fmt: skip


def _translated(refused: money.Refused) -> Refused:
    return Refused(_WHY[refused.refusal], most_minor=refused.most_minor)
