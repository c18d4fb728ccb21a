"""Promised payments in words and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing.promised.queries import Promise, Receipt, Standing
from abonent.domains.billing.promised.rules import Offer, Offered, Refusal, Rules, State, Why
from abonent.domains.lines.queries import Line
from abonent.web import format as formats
from abonent.web.words import line_label

ADDRESS = "/promised/"
TOP_UP = "/topup/"


@dataclass(frozen=True, slots=True)
class Owed:
    """One that is to be repaid: `left` of `amount` until `due`; `pay` is where exactly that is topped up."""

    left: formats.MoneyParts
    amount: str
    repaid: str
    due: str
    repaid_minor: int
    amount_minor: int
    pay: str
    pay_words: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is none now and what to do instead; `address` empty: nothing but to read."""

    title: str
    words: str
    address: str
    act: str


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A sum that may be taken; leads to the question."""

    address: str
    sum: str
    about: str
    after: str


@dataclass(frozen=True, slots=True)
class PastRow:
    """One that was taken before."""

    address: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the page; `terms` are headings with sentences."""

    problem: str
    owed: Owed | None
    refused: Refused | None
    balance: str
    choices: list[ChoiceRow]
    terms: list[tuple[str, str]]
    past: list[PastRow]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before one is taken; `hidden` are the fields of the form."""

    title: str
    facts: list[tuple[str, str]]
    terms: list[tuple[str, str]]
    button: str
    promise_id: UUID
    amount_minor: int
    rules_id: int


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """One that was taken, for ever; `why_fee` explains the fee, `back` are repayments: when, how, how much."""

    title: str
    sum: formats.MoneyParts
    when: str
    good: bool
    facts: list[tuple[str, str]]
    why_fee: str
    back: list[tuple[str, str, str]]
    said: str
    pay: str
    pay_words: str


def overview(standing: Standing, problem: str) -> Overview:
    """Return the page of how a line stands to promised payments."""
    active, decision = standing.active, standing.decision
    offer = decision if isinstance(decision, Offer) else None
    refused = None if offer or active or not isinstance(decision, Refusal) else _refused(decision, standing.rules)
    return Overview(
        problem=problem,
        owed=_owed(active) if active else None,
        refused=refused,
        balance=formats.money(standing.balance_minor),
        choices=[_choice(choice) for choice in offer.choices] if offer else [],
        terms=_terms(standing.rules) if standing.rules and (offer or active) else [],
        past=[_past(promise) for promise in standing.past if promise.state != State.ACTIVE],
    )


def question(standing: Standing, rules: Rules, choice: Offered, promise_id: UUID) -> Question:
    """Return the question whether `choice` is to be taken."""
    amount, fee = formats.money(choice.amount_minor), formats.money(choice.fee_minor)
    button = _("Take %(sum)s for %(fee)s") if choice.fee_minor else _("Take %(sum)s, free of charge")
    return Question(
        title=_("Take a promised payment of %(sum)s?") % {"sum": amount},
        facts=[
            (_("Fee, charged now, once"), fee),
            (_("Repay by"), formats.moment(choice.due_at)),
            (_("Balance now"), formats.money(standing.balance_minor)),
            (_("Balance afterwards"), formats.money(choice.balance_after_minor)),
        ],
        terms=_terms(rules)[:2],
        button=button % {"sum": amount, "fee": fee},
        promise_id=promise_id,
        amount_minor=choice.amount_minor,
        rules_id=rules.id,
    )


def receipt(found: Receipt, lines: Sequence[Line]) -> ReceiptPage:
    """Return the receipt of one that was taken from one of `lines`, or from one that is no more."""
    promise = found.promise
    number = next((formats.phone(line.number) for line in lines if line.id == promise.line_id), "")
    back = [
        (formats.moment(one.at), _("from a top-up") if one.from_top_up else _("at the deadline"),
         formats.money(one.amount_minor))
        for one in found.repayments
    ]  # fmt: skip
    facts = [
        (line_label(number), number),
        (_("Fee"), formats.money(promise.fee_minor)),
        (_("Repay by"), formats.moment(promise.due_at)),
        (_("Repaid"), formats.money(promise.repaid_minor - found.taken_back_minor)),
        (_("Left to repay"), formats.money(promise.left_minor) if promise.left_minor else ""),
        (_("Taken back at the deadline"), formats.money(found.taken_back_minor) if found.taken_back_minor else ""),
        (_("Terms in force since"), formats.day(found.rules.valid_from, year=True)),
        (_("Operation"), str(promise.id)),
    ]
    return ReceiptPage(
        title=_title(promise.state),
        sum=formats.money_parts(promise.amount_minor),
        when=formats.moment(promise.taken_at),
        good=promise.state != State.UNPAID,
        facts=[(name, value) for name, value in facts if value],
        why_fee=f"/statement/charge/{promise.fee_charge_id}/" if promise.fee_charge_id else "",
        back=back,
        said=_said(found),
        pay=_top_up(promise.left_minor),
        pay_words=_pay_words(promise.left_minor) if promise.left_minor else "",
    )


def _owed(promise: Promise) -> Owed:
    return Owed(
        left=formats.money_parts(promise.left_minor),
        amount=formats.money(promise.amount_minor),
        repaid=formats.money(promise.repaid_minor),
        due=formats.moment(promise.due_at),
        repaid_minor=promise.repaid_minor,
        amount_minor=promise.amount_minor,
        pay=_top_up(promise.left_minor),
        pay_words=_pay_words(promise.left_minor),
        receipt=f"{ADDRESS}{promise.id}/",
    )


def _choice(choice: Offered) -> ChoiceRow:
    fee = _("Fee %(fee)s") % {"fee": formats.money(choice.fee_minor)} if choice.fee_minor else _("Free of charge")
    until = _("repay by %(until)s") % {"until": formats.moment(choice.due_at)}
    return ChoiceRow(
        address=f"{ADDRESS}take/?amount={_typed(choice.amount_minor)}",
        sum=formats.money(choice.amount_minor),
        about=f"{fee}, {until}",
        after=_("Balance afterwards: %(sum)s") % {"sum": formats.money(choice.balance_after_minor)},
    )


def _terms(rules: Rules) -> list[tuple[str, str]]:
    """Return what holds for every promise, in the order of importance: the first two before anything is agreed to."""
    terms = rules.terms
    unpaid = _("What is left is taken from the balance at the deadline, which may then fall below zero.")
    if terms.unpaid_pause_days:
        pause = ngettext(
            "For %(num)s day after that no promised payment is given.",
            "For %(num)s days after that no promised payment is given.",
            terms.unpaid_pause_days,
        )
        unpaid = f"{unpaid} {pause % {'num': terms.unpaid_pause_days}}"
    times = ngettext("At most %(num)s time", "At most %(num)s times", terms.times) % {"num": terms.times}
    days = ngettext("in %(num)s day", "in %(num)s days", terms.times_days) % {"num": terms.times_days}
    return [
        (
            _("What repays it"),
            " ".join(
                [
                    _("The next top-up, by itself and before anything else. A smaller one repays a part."),
                    _("You can repay at any time by topping up."),
                ]
            ),
        ),
        (_("If it is not repaid"), unpaid),
        (_("How often"), _("%(times)s %(days)s, one at a time.") % {"times": times, "days": days}),
    ]


def _refused(refusal: Refusal, rules: Rules | None) -> Refused:
    until = formats.moment(refusal.until) if refusal.until else ""
    short = formats.money(refusal.short_minor)
    top_up, act = TOP_UP, _("Top up")
    words = ""
    match refusal.why:
        case Why.POSTPAID:
            words = _("You pay by bill, after the month: nothing stops for want of money, so there is nothing to lend.")
            top_up, act = "/home/", _("To the home page")
        case Why.BLOCKED:
            words = _("A block is on. Come back here when it is over.")
            top_up, act = "/home/", _("To the home page")
        case Why.UNPAID:
            words = _("The last one was not repaid in time. A new one can be taken after %(until)s.") % {"until": until}
        case Why.OFTEN:
            words = _("You have taken as many as may be taken lately. A new one can be taken after %(until)s.") % {
                "until": until
            }
        case Why.YOUNG:
            words = _("You are with us too shortly. It can be taken from %(day)s on.") % {
                "day": formats.day(refusal.until) if refusal.until else ""
            }
        case Why.SPENDING:
            words = _spending(refusal, rules)
        case Why.BALANCE:
            words = _("Your balance is too far below zero: top it up by %(sum)s or more, and come back.") % {
                "sum": short
            }
            top_up, act = _top_up(refusal.short_minor), _pay_words(refusal.short_minor)
        case Why.LIMIT:
            words = _("Its fee does not fit into the spending limit. Raise it, or wait for the next month.")
            top_up, act = "/limits/", _("Spending limits")
        case _:
            words = _("We offer no promised payments at the moment.")
    return Refused(_("No promised payment now"), words, top_up, act)


def _spending(refusal: Refusal, rules: Rules | None) -> str:
    months = rules.terms.spending_months if rules else 0
    return ngettext(
        "It is for those who use our services more: in %(num)s month you spent %(sum)s a month too little for it.",
        "It is for those who use our services more: in %(num)s months you spent %(sum)s a month too little for it.",
        months,
    ) % {"num": months, "sum": formats.money(refusal.short_minor)}


def _past(promise: Promise) -> PastRow:
    ends = {State.REPAID: _("repaid %(when)s"), State.UNPAID: _("not repaid in time, taken back %(when)s")}
    closed = formats.day(promise.closed_at) if promise.closed_at else ""
    return PastRow(
        address=f"{ADDRESS}{promise.id}/",
        title=formats.money(promise.amount_minor),
        about=f"{formats.day(promise.taken_at)}, {ends[promise.state] % {'when': closed}}",
    )


def _title(state: State) -> str:
    return {
        State.ACTIVE: _("The promised payment is on your balance"),
        State.REPAID: _("The promised payment is repaid"),
        State.UNPAID: _("The promised payment was not repaid in time"),
    }[state]


def _said(found: Receipt) -> str:
    """Return what comes next, or what it led to."""
    promise = found.promise
    if promise.state == State.ACTIVE:
        return _("Your next top-up repays it first. What is left on %(until)s is taken from the balance.") % {
            "until": formats.moment(promise.due_at)
        }
    if promise.state == State.REPAID:
        return _("Nothing is left to repay.")
    return _("%(sum)s was taken from the balance at the deadline. Nothing is left to repay.") % {
        "sum": formats.money(found.taken_back_minor)
    }


def _pay_words(minor: int) -> str:
    return _("Top up %(sum)s") % {"sum": formats.money(minor)}


def _top_up(minor: int) -> str:
    return f"{TOP_UP}?amount={_typed(minor)}"


def _typed(minor: int) -> str:
    """Return a sum as people type it into an address: `100` or `100.50`."""
    whole, rest = divmod(minor, 100)
    return f"{whole}.{rest:02}" if rest else f"{whole}"
