"""Proposals of money as their pages show them: what is asked for, and the customer's money around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from abonent.domains.billing import queries as operations
from abonent.domains.billing.corrections import queries as billing
from abonent.domains.billing.corrections.rules import REASONS, Kind
from abonent.domains.lines import queries as lines
from abonent.domains.payments import queries as payments
from abonent.domains.support import queries
from abonent.domains.support.corrections import queries as corrections_queries
from abonent.domains.support.corrections import rules as corrections_rules
from abonent.domains.support.corrections.queries import Proposal, State
from abonent.domains.support.queries import Agent, Case, Customer
from abonent.domains.support.rules import NotThere
from abonent.entrypoints.staff import money_words, words
from abonent.foundation.clock import now
from abonent.web import format as formats
from abonent.web.words import correction_reason

CHARGES_OFFERED = 50
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal in a list; `own`: of who looks, `above`: more than they may agree to."""

    id: UUID
    title: str
    amount: str
    about: str
    state: str
    waits: bool
    own: bool
    above: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One proposal with what helps to decide: the account as it is now, what was moved lately, what happened last."""

    row: Row
    facts: list[tuple[str, str]]
    account: list[tuple[str, str]]
    lately: list[tuple[str, str, str]]
    history: list[tuple[str, str, str]]
    advice: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What a proposal in a case can be about: `things` are charges or payments, each with its words."""

    kind: Kind
    line_id: int
    lines: list[tuple[int, str]]
    things: list[tuple[str, str]]
    reasons: list[tuple[str, str]]
    balance: str
    caps: list[str]
    before: list[Row]


def rows(found: list[Proposal], agent: Agent) -> list[Row]:
    """Return proposals as rows."""
    most = corrections_queries.may_agree_to(agent.roles, now())
    return [_row(one, agent, most) for one in found]


def strange() -> list[tuple[str, str]]:
    """Return payments of which the gateway says what cannot be: the sum and the order, and what is wrong."""
    return [
        (
            f"{formats.money(one.settled_minor or one.amount_minor)}, {formats.moment(one.created_at)}",
            f"{one.id} · {one.problem}",
        )
        for one in payments.to_look_at()
    ]


def shown(found: Proposal, agent: Agent) -> Shown:
    """Return one proposal with the customer's money around it."""
    at = now()
    customer = queries.customer(found.line_id)
    if customer is None:
        raise NotThere(found.id)
    most = corrections_queries.may_agree_to(agent.roles, at)
    failed = money_words.failed(found.failed_because) if found.failed_because else ""
    above = _("You may agree to %(sum)s at most. Accounting decides about more.") % {"sum": formats.money(most)}
    facts = [
        (_("What for"), _thing(found)),
        (_("Reason"), correction_reason(found.reason)),
        (_("Comment"), found.comment),
        (_("Proposed by"), f"{found.asked_by}, {found.position}, {formats.moment(found.asked_at)}"),
        (_("Talk"), str(found.case_id)),
        (_("Decide until"), formats.moment(found.expires_at) if found.state is State.WAITS else ""),
        (_("Decided by"), _decided(found)),
        (_("Why not"), found.declined_because or failed),
    ]  # fmt: skip
    return Shown(
        row=_row(found, agent, most),
        facts=[fact for fact in facts if fact[1]],
        account=_account(found),
        lately=_lately(found),
        history=_history(customer.number),
        advice=above if found.amount_minor > most else "",
    )


def offer(agent: Agent, case: Case, kind: Kind, line_id: int | None, named: str) -> Offer:
    """Return what can be proposed in a case, on one of the customer's lines; raise `NotThere` for another's.

    The charge that is `named` already is among what is offered, however old it is.
    """
    customer = queries.customer(line_id or case.line_id)
    if customer is None or customer.party_id != case.party_id:
        raise NotThere(line_id)
    at = now()
    reasons = [(code, correction_reason(code)) for code in REASONS[kind]]
    before = [one for one in corrections_queries.of_party(case.party_id, at) if one.asked_at > at - LATELY]
    has = billing.money(customer.contract_id)
    return Offer(
        kind=kind,
        line_id=customer.line_id,
        lines=[(line.id, words_of(line)) for line in lines.of_party(case.party_id)],
        things=_things(kind, customer, named),
        reasons=reasons,
        balance=formats.money(has.balance_minor),
        caps=_caps(agent, kind),
        before=rows(before, agent),
    )


def words_of(line: lines.Line) -> str:
    """Return which of the customer's lines it is."""
    return formats.phone(line.number)


def charge_words(charge: billing.Corrected) -> str:
    """Return a charge as one line of a list."""
    left = "" if charge.left_minor == charge.amount_minor else _(", %(sum)s of it left") % {
        "sum": formats.money(charge.left_minor)
    }  # fmt: skip
    return f"{words.spent(charge.category)}, {formats.moment(charge.at)}, {formats.money(charge.amount_minor)}{left}"


def _caps(agent: Agent, kind: Kind) -> list[str]:
    limits = corrections_rules.limits_on(localdate(now()))
    said = []
    for named in (False, True):
        if (kind is Kind.REFUND and not named) or (kind is Kind.DEBIT and named):
            continue
        cap = corrections_rules.cap_of(agent.roles, corrections_rules.bound_of(kind, named=named), limits)
        sums = {"case": formats.money(cap.case_minor), "day": formats.money(cap.day_minor)}
        if kind is Kind.CREDIT and named:
            said.append(_("With a charge that it puts right: up to %(case)s in a talk, %(day)s a day.") % sums)
        elif kind is Kind.CREDIT:
            said.append(_("Without a charge: up to %(case)s in a talk, %(day)s a day.") % sums)
        else:
            said.append(_("Up to %(case)s in a talk, %(day)s a day.") % sums)
    return said


def _things(kind: Kind, customer: Customer, named: str) -> list[tuple[str, str]]:
    if kind is Kind.CREDIT:
        found = billing.correctable(customer.line_id, CHARGES_OFFERED)
        if named not in {str(one.id) for one in found}:
            found = [*_named(named, customer.contract_id), *found]
        return [(str(one.id), charge_words(one)) for one in found]
    if kind is Kind.REFUND:
        return [
            (
                str(payment.id),
                f"{formats.money(payment.settled_minor or 0)}, {payment.detail or payment.method}, "
                + formats.moment(payment.settled_at or payment.created_at)
                + ("" if left == payment.settled_minor else _(", %(sum)s of it left") % {"sum": formats.money(left)}),
            )
            for payment, left in billing.refundable(customer.contract_id)
        ]
    return []


def _named(charge_id: str, contract_id: int) -> list[billing.Corrected]:
    try:
        found = billing.corrected(UUID(charge_id), contract_id)
    except (LookupError, ValueError):
        return []
    return [found] if found.left_minor > 0 else []


def _row(one: Proposal, agent: Agent, most: int) -> Row:
    about = f"{one.customer} {one.number} · {correction_reason(one.reason)} · {one.asked_by}"
    return Row(
        id=one.id,
        title=money_words.kind(one.kind),
        amount=money_words.signed(one),
        about=about,
        state=money_words.state(one.state),
        waits=one.state is State.WAITS,
        own=one.asked_by_id == agent.id,
        above=one.amount_minor > most,
    )


def _thing(one: Proposal) -> str:
    if one.charge_id is not None:
        try:
            return charge_words(billing.corrected(one.charge_id, one.contract_id))
        except LookupError:
            return ""
    if one.payment_id is not None:
        found = [payment for payment, _left in billing.refundable(one.contract_id) if payment.id == one.payment_id]
        return "".join(
            f"{formats.money(payment.settled_minor or 0)}, {payment.detail}, {formats.moment(payment.created_at)}"
            for payment in found
        )
    return ""


def _decided(one: Proposal) -> str:
    return f"{one.given_by}, {formats.moment(one.decided_at)}" if one.decided_at else ""


def _account(one: Proposal) -> list[tuple[str, str]]:
    has = billing.money(one.contract_id)
    after = has.balance_minor + (one.amount_minor if one.kind is Kind.CREDIT else -one.amount_minor)
    facts = [
        (_("Number"), one.number),
        (_("Balance"), formats.money(has.balance_minor)),
        (_("Can be taken"), formats.money(max(0, has.available_minor))),
    ]
    return [*facts, (_("Balance after"), formats.money(after))] if one.state is State.WAITS else facts


def _lately(one: Proposal) -> list[tuple[str, str, str]]:
    """Return what staff moved on the account in the last days: who is given to often is seen here."""
    return [
        (formats.day(found.at), f"{money_words.kind(found.kind)} · {correction_reason(found.reason)}",
         formats.money(found.amount_minor if found.kind is Kind.CREDIT else -found.amount_minor, sign=True))
        for found in billing.of_contracts([one.contract_id], now() - LATELY)
        if found.id != one.id
    ]  # fmt: skip


def _history(number: str) -> list[tuple[str, str, str]]:
    line = lines.served_by_number(number)
    if line is None:
        return []
    return [
        (words.when(one.at), words.spent(one.kind, one.method), formats.money(one.amount_minor, sign=True))
        for one in operations.overview(line, now()).operations
    ]
