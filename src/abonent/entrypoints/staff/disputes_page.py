"""What a customer wrote in the cabinet, as staff see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from abonent.domains.billing.corrections import queries as billing
from abonent.domains.support import queries
from abonent.domains.support.disputes import queries as disputes_queries
from abonent.domains.support.disputes.queries import Dispute, Status
from abonent.domains.support.queries import Case
from abonent.entrypoints.staff import words
from abonent.web import format as formats
from abonent.web.words import dispute_reason


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the queue; `late`: it should have been answered."""

    id: int
    title: str
    about: str
    until: str
    late: bool
    taken_by: str


@dataclass(frozen=True, slots=True)
class Asking:
    """The request that a talk is about; `money` leads to the form that answers it by money, empty: none does."""

    id: int
    title: str
    facts: list[tuple[str, str]]
    status: str
    open: bool
    money: str
    waits: bool


def row(one: Dispute, now: datetime) -> Row:
    """Return a request as a row of the queue."""
    return Row(
        id=one.id,
        title=f"№ {one.id} · {name(one)}, {formats.money(abs(one.amount_minor))}",
        about=f"{one.customer} {one.number} · {dispute_reason(one.reason)}",
        until=formats.moment(one.due_at),
        late=one.is_late(now),
        taken_by=one.taken_by,
    )


def in_case(case: Case, now: datetime) -> Asking | None:
    """Return the request that the talk is about."""
    one = disputes_queries.in_case(case.id, now)
    if one is None:
        return None
    waits = one.status is Status.BEING_CORRECTED
    facts = [
        (_("Sum"), formats.money(one.amount_minor, sign=True)),
        (_("When"), formats.moment(one.booked_at)),
        (_("What is wrong"), dispute_reason(one.reason)),
        (_("The customer wrote"), one.comment),
        (_("Answer until"), formats.moment(one.due_at) if one.is_open else ""),
        (_("Answer"), one.answer),
    ]
    return Asking(
        id=one.id,
        title=f"№ {one.id} · {name(one)}",
        facts=[fact for fact in facts if fact[1]],
        status=status(one.status),
        open=one.is_open and not waits,
        money=_money(one, case) if one.is_open and not waits else "",
        waits=waits,
    )


def name(one: Dispute) -> str:
    """Return what is disputed."""
    return _("Top-up") if one.payment_id is not None else words.spent(one.category)


def status(of: Status) -> str:
    """Return how it stands."""
    return {
        Status.WAITS: _("Waits for us"),
        Status.IN_WORK: _("Being looked at"),
        Status.BEING_CORRECTED: _("Waits for a second person"),
        Status.ANSWERED: _("Answered"),
        Status.CORRECTED: _("Put right"),
    }[of]


def _money(one: Dispute, case: Case) -> str:
    """Return the form that gives the money of the very thing back, when there is something to give."""
    if one.payment_id is not None:
        return f"/staff/case/{case.id}/refund/?thing={one.payment_id}"
    try:
        left = billing.corrected(one.charge_id, _contract(one)).left_minor if one.charge_id else 0
    except LookupError:
        return ""
    return f"/staff/case/{case.id}/credit/?thing={one.charge_id}" if left > 0 else ""


def _contract(one: Dispute) -> int:
    customer = queries.customer(one.line_id)
    return customer.contract_id if customer else 0
