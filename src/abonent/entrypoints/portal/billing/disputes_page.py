"""Disputes as their pages show them: everything as text, made once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from abonent.domains.billing.rules import CATEGORIES
from abonent.domains.lines.queries import Line
from abonent.domains.support.disputes.actions import Thing
from abonent.domains.support.disputes.queries import Dispute, Status
from abonent.domains.support.disputes.rules import COMMENT_LENGTH_MAX, Reason
from abonent.entrypoints.portal.billing.words import category_name, method_name, payment_title
from abonent.web import format as formats
from abonent.web.words import dispute_reason, line_label

DISPUTES = "/disputes/"


@dataclass(frozen=True, slots=True)
class Asked:
    """The page that asks why: what it is about, as facts."""

    title: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A dispute in the list."""

    address: str
    icon: str
    title: str
    about: str
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One dispute: `said` is what happens now or what we answered, `good`: money came back for it."""

    title: str
    status: str
    said: str
    good: bool
    late: str
    facts: list[tuple[str, str]]
    thing_address: str
    correction_address: str


def reasons(thing: Thing) -> list[tuple[str, str]]:
    """Return what can be chosen for a charge, or for a payment."""
    if thing.payment_id is not None:
        wanted = [Reason.NOT_MINE, Reason.TWICE, Reason.WRONG_SUM, Reason.OTHER]
    else:
        wanted = list(Reason)
    return [(one.value, dispute_reason(one)) for one in wanted]


def choose_reason() -> str:
    return _("Choose what is wrong")


def unclear(problem: str) -> str:
    """Return what to do about a comment that says too little or too much."""
    if problem == "long":
        return _("Make it shorter: up to %(number)s characters") % {"number": formats.number(COMMENT_LENGTH_MAX)}
    return _("Write a few words: what you see here and what you expected")


def asked(thing: Thing, line: Line) -> Asked:
    """Return what the form is about."""
    return Asked(
        _name(thing.category, thing.amount_minor, is_payment=thing.payment_id is not None),
        [
            (_("Sum"), formats.money(thing.amount_minor, sign=True)),
            (_("When"), formats.moment(thing.booked_at)),
            (line_label(line.number), formats.phone(line.number)),
        ],
    )


def row(one: Dispute, now: datetime) -> Row:
    """Return a dispute as a row of the list."""
    name = _name(one.category, one.amount_minor, is_payment=one.payment_id is not None)
    if one.is_late(now):
        when = _("we are late")
    elif one.is_open:
        when = _("answer until %(time)s") % {"time": formats.moment(one.due_at)}
    else:
        when = formats.moment(one.closed_at or one.opened_at)
    return Row(
        address=f"{DISPUTES}{one.id}/",
        icon="clock" if one.is_open else "check",
        title=f"№ {one.id} · {name}, {formats.money(abs(one.amount_minor))}",
        about=f"{status(one.status)} · {when}",
    )


def status(of: Status) -> str:
    """Return how a dispute stands."""
    return {
        Status.WAITS: _("Waits for us"),
        Status.IN_WORK: _("Being looked at"),
        Status.BEING_CORRECTED: _("Being put right"),
        Status.ANSWERED: _("Answered"),
        Status.CORRECTED: _("Put right"),
    }[of]


def shown(one: Dispute, now: datetime) -> Shown:
    """Return the page of one dispute."""
    facts = [
        (_("What it is about"), _name(one.category, one.amount_minor, is_payment=one.payment_id is not None)),
        (_("Sum"), formats.money(one.amount_minor, sign=True)),
        (_("When"), formats.moment(one.booked_at)),
        (_("What is wrong"), dispute_reason(one.reason)),
        (_("You wrote"), one.comment),
        (_("Sent"), formats.moment(one.opened_at)),
        (_("We answer until"), formats.moment(one.due_at) if one.is_open else ""),
        (_("Closed on"), formats.moment(one.closed_at) if one.closed_at else ""),
        (_("Given back"), formats.money(one.corrected_minor) if one.corrected_minor else ""),
    ]
    thing = f"/payments/{one.payment_id}/" if one.payment_id else f"/statement/charge/{one.charge_id}/"
    back = f"/payments/{one.correction_id}/" if one.payment_id else f"/statement/charge/{one.correction_id}/"
    return Shown(
        title=_("Request No. %(number)s") % {"number": one.id},
        status=status(one.status),
        said=_said(one),
        good=one.status is Status.CORRECTED,
        late=_("We should have answered by now. Call us, and tell the number of the request.")
        if one.is_late(now)
        else "",
        facts=[fact for fact in facts if fact[1]],
        thing_address=thing,
        correction_address=back if one.correction_id else "",
    )


def _said(one: Dispute) -> str:
    return {
        Status.WAITS: _("We look at it and answer here, at the latest in 24 hours. A message tells when it is there."),
        Status.IN_WORK: _("One of our staff is looking at it now."),
        Status.BEING_CORRECTED: _("We want to give money back for it. A second person decides about that."),
        Status.ANSWERED: one.answer,
        Status.CORRECTED: _("We gave back %(sum)s.") % {"sum": formats.money(one.corrected_minor)},
    }[one.status]


def _name(category: str, amount_minor: int, *, is_payment: bool) -> str:
    if is_payment:
        return f"{payment_title(category, amount_minor)}, {method_name(category)}"
    return category_name(category) if category in CATEGORIES else category
