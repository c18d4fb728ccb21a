"""Reads of disputes; values, not models. A customer sees those of the lines that they see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from abonent.domains.support import models, queries, rules
from abonent.domains.support.disputes.rules import Reason, State

SHOWN = 50


class NoSuchDispute(LookupError):
    """The dispute is not there, or not yours: the same answer to both."""


class Status(StrEnum):
    """How a dispute stands for who waits for it."""

    WAITS = "waits"
    IN_WORK = "in work"
    # Somebody proposed to give the money back, a second person decides.
    BEING_CORRECTED = "being corrected"
    ANSWERED = "answered"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a customer does not agree with, and what became of that."""

    id: int
    line_id: int
    number: str
    customer: str
    charge_id: UUID | None
    payment_id: UUID | None
    amount_minor: int
    category: str
    booked_at: datetime
    reason: Reason
    comment: str
    opened_at: datetime
    due_at: datetime
    status: Status
    taken_by: str
    answer: str
    closed_at: datetime | None
    # What was put on the account for it, and its charge or payment.
    corrected_minor: int
    correction_id: UUID | None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_late(self, now: datetime) -> bool:
        """Return whether it should have been answered by now."""
        return self.is_open and self.due_at <= now


def of_lines(line_ids: Collection[int], now: datetime, limit: int = SHOWN) -> list[Dispute]:
    """Return the disputes of the lines, the newest first."""
    rows = _rows(now).filter(line_id__in=line_ids).order_by("-opened_at", "-id")
    return _values(list(rows[:limit]), now)


def dispute(dispute_id: int, line_ids: Collection[int], now: datetime) -> Dispute:
    """Return a dispute of one of the lines; raise `NoSuchDispute`."""
    rows = _values(list(_rows(now).filter(line_id__in=line_ids, id=dispute_id)), now)
    if not rows:
        raise NoSuchDispute(dispute_id)
    return rows[0]


def open_of(*, charge_id: UUID | None = None, payment_id: UUID | None = None) -> int | None:
    """Return the open dispute about a charge or payment."""
    found = models.Dispute.objects.filter(charge_id=charge_id, payment_id=payment_id, state=State.OPEN)
    return found.values_list("id", flat=True).first()


def waiting(now: datetime, limit: int = SHOWN) -> list[Dispute]:
    """Return what staff have to answer, what is due first at the top; not what waits for a second person's word."""
    rows = _rows(now).filter(~_has_money(now), state=State.OPEN).order_by("due_at", "id")
    return _values(list(rows[:limit]), now)


def count_waiting(now: datetime) -> int:
    """Return how many wait."""
    return _rows(now).filter(~_has_money(now), state=State.OPEN).count()


def in_case(case_id: int, now: datetime) -> Dispute | None:
    """Return the dispute that a case is about."""
    return next(iter(_values(list(_rows(now).filter(case_id=case_id)), now)), None)


def _has_money(now: datetime) -> Exists:
    """Return whether money waits, or is under way, for the dispute."""
    waits = Q(approval__granted=None, approval__expires_at__gt=now) | Q(approval__granted=True, outcome="")
    return Exists(models.Proposal.objects.filter(waits, dispute_id=OuterRef("pk")))


def _rows(now: datetime) -> QuerySet[models.Dispute]:
    return models.Dispute.objects.annotate(money=_has_money(now)).select_related("case__agent", "line", "party")


def _values(rows: list[models.Dispute], now: datetime) -> list[Dispute]:
    closed = [row.pk for row in rows if row.state == State.CORRECTED]
    posted = models.Proposal.objects.filter(dispute_id__in=closed, outcome="posted") if closed else []
    money = {proposal.dispute_id: proposal for proposal in posted}
    return [_value(row, money.get(row.pk), now) for row in rows]


def _value(row: models.Dispute, proposal: models.Proposal | None, now: datetime) -> Dispute:
    taken = row.case is not None and row.state == State.OPEN and queries.of_row(row.case).is_open(now)
    return Dispute(
        id=row.pk,
        line_id=row.line_id,
        number=rules.masked_number(row.line.number),
        customer=rules.masked_name(row.party.given_name, row.party.family_name),
        charge_id=row.charge_id,
        payment_id=row.payment_id,
        amount_minor=row.amount_minor,
        category=row.category,
        booked_at=row.booked_at,
        reason=Reason(row.reason),
        comment=row.comment,
        opened_at=row.opened_at,
        due_at=row.due_at,
        status=_status(row, taken=taken),
        taken_by=row.case.agent.name if taken and row.case else "",
        answer=row.answer,
        closed_at=row.closed_at,
        corrected_minor=proposal.amount_minor if proposal else 0,
        correction_id=proposal.approval_id if proposal else None,
    )


def _status(row: models.Dispute, *, taken: bool) -> Status:
    if row.state == State.OPEN:
        if row.money:  # type: ignore[attr-defined] # annotated by `_rows`
            return Status.BEING_CORRECTED
        return Status.IN_WORK if taken else Status.WAITS
    return Status.ANSWERED if row.state == State.ANSWERED else Status.CORRECTED
