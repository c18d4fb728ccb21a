"""Spending limits in words and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from abonent.domains.billing.limits import rules as limits_rules
from abonent.domains.billing.limits.queries import Limit
from abonent.domains.billing.limits.rules import LEAST_MINOR, MOST_MINOR, OnReached, Refused
from abonent.domains.lines.queries import Line
from abonent.web import format as formats

ADDRESS = "/limits/"
SET = "/limits/set/"
RAISE = "/limits/raise/"
# What the form offers to raise by, at least: half of the limit, in whole hundreds of roubles.
_HUNDRED = 100_00


@dataclass(frozen=True, slots=True)
class Card:
    """How a number stands; without a limit `used` and what follows are empty. `undo`: the limit gone back to."""

    line: Line
    managed: bool
    selected: bool
    version: int
    spent: formats.MoneyParts
    sum: str
    month: str
    used: str
    percent: int
    badge: str
    then: str
    raised: str
    undo: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form with what was typed: of a limit with `choices` (value, name, what it means, chosen), or of a raise."""

    action: str
    title: str
    facts: list[tuple[str, str]]
    label: str
    hint: str
    amount: str
    choices: list[tuple[str, str, str, bool]]
    notes: list[str]
    act: str
    problems: Mapping[str, str]


def card(line: Line, state: Limit, *, managed: bool, selected: bool) -> Card:
    """Return how a number stands to its limit."""
    limit = state.limit_minor
    used = _("%(percent)s of the limit of %(limit)s") % {
        "percent": formats.percent(state.percent / 100), "limit": formats.money(limit or 0)
    }  # fmt: skip
    undo = ""
    if state.undo is not None:
        before = state.undo.in_force(state.month)
        undo = formats.money(before) if before else _("no limit")
    return Card(
        line=line,
        managed=managed,
        selected=selected,
        version=state.version,
        spent=formats.money_parts(state.spent_minor),
        sum=formats.money(state.spent_minor),
        month=formats.month(state.month),
        used=used if limit else "",
        percent=max(0, min(100, state.percent)),
        badge=_badge(state),
        then=_then(state) if limit else "",
        raised=_raised(state),
        undo=undo,
    )


def set_form(state: Limit, typed: Mapping[str, str], problems: Mapping[str, str]) -> Form:
    """Return the form of a limit; what was not typed is as it stands, or else as usual."""
    terms = state.terms
    amount = typed["amount"] or ("" if problems else formats.plain(terms.amount_minor) if terms.amount_minor else "")
    chosen = typed["reached"] or ("" if problems else str(terms.on_reached))
    choices = [
        (OnReached.TELL, _("Only tell me"), _("Nothing is refused.")),
        (
            OnReached.BLOCK,
            _("Tell me and switch off what costs money"),
            _("Until the end of the month: calls, messages and internet beyond the packages, and purchases."),
        ),
    ]
    return Form(
        action=SET,
        title=_("Change the limit") if terms.amount_minor else _("Set a spending limit"),
        facts=[],
        label=_("Limit a month, ₽"),
        hint=_("From %(least)s to %(most)s. Spent in %(month)s so far: %(spent)s")
        % {
            "least": formats.roubles(LEAST_MINOR),
            "most": formats.roubles(MOST_MINOR),
            "month": formats.month(state.month),
            "spent": formats.money(state.spent_minor),
        },
        amount=amount,
        choices=[(str(value), name, about, chosen == value) for value, name, about in choices],
        notes=[
            _(
                "Everything that is charged counts, from the first day of the month to the last: the "
                "fee, calls, internet, subscriptions, transfers."
            ),
            _("We tell you by SMS at 80 % and at 100 %, once each."),
            what_goes_on(),
        ],
        act=_("Save the limit"),
        problems={f"id_{name}": said for name, said in problems.items()},
    )  # fmt: skip


def raise_form(state: Limit, typed: Mapping[str, str], problems: Mapping[str, str]) -> Form:
    """Return the question whether, and how far, the limit is to be raised for this month."""
    month, limit = formats.month(state.month), state.limit_minor or 0
    offered = max(limit + max(limit // 2, _HUNDRED), state.spent_minor + _HUNDRED)
    offered = min(-(-offered // _HUNDRED) * _HUNDRED, MOST_MINOR)
    return Form(
        action=RAISE,
        title=_("Raise the limit for %(month)s?") % {"month": month},
        facts=[
            (_("Spent so far"), formats.money(state.spent_minor)),
            (_("Limit now"), formats.money(limit)),
            (_("The higher one holds until"), formats.day(_last_day(state))),
            (_("From %(day)s on again") % {"day": formats.day(limits_rules.ends_on(state.month))},
             formats.money(state.terms.amount_minor or 0)),
        ],
        label=_("Limit for %(month)s, ₽") % {"month": month},
        hint=_("Up to %(most)s") % {"most": formats.roubles(MOST_MINOR)},
        amount=typed["amount"] or ("" if problems else formats.plain(offered)),
        choices=[],
        notes=[
            _("What is switched off because of the limit is on again within minutes, until the higher one is reached.")
            if state.terms.on_reached is OnReached.BLOCK
            else _("We tell you of the higher one by SMS, too: at 80 % and at 100 %.")
        ],
        act=_("Raise for %(month)s") % {"month": month},
        problems={f"id_{name}": said for name, said in problems.items()},
    )  # fmt: skip


def what_goes_on() -> str:
    """Return what no limit stops."""
    return _(
        "Never switched off: what the packages include, calls that come to you, emergency calls. The tariff's fee is "
        "charged as always, and what was used before the network heard of it is, too."
    )


def refusal(refused: Refused) -> str:
    """Return what may be entered instead."""
    if refused.reason == "too_little":
        return _("Enter a sum of %(sum)s or more") % {"sum": formats.money(refused.limit)}
    return too_much()


def too_much() -> str:
    """Return what may be entered at most."""
    return _("Enter a sum of %(sum)s or less") % {"sum": formats.money(MOST_MINOR)}


def not_chosen() -> str:
    """Return what to do about a choice that was not made."""
    return _("Choose what happens at the limit")


def _badge(state: Limit) -> str:
    reached = state.terms.reached(state.month, state.spent_minor)
    if not reached:
        return ""
    return _("Limit reached") if reached[-1] == limits_rules.THRESHOLDS[-1] else _("Limit nearly reached")


def _then(state: Limit) -> str:
    day = {"day": formats.day(limits_rules.ends_on(state.month))}
    if state.terms.on_reached is OnReached.TELL:
        return _("At 80 % and 100 % we tell you by SMS. Nothing is refused.")
    if state.left_minor:
        return _("When it is reached we tell you, and what costs money is switched off until the end of the month.")
    return (
        _("Until %(day)s what costs money is off: calls, messages and internet beyond the packages, and purchases.")
        % day
    )


def _raised(state: Limit) -> str:
    """Return what the limit is otherwise, while it is raised."""
    if state.terms.raised_for != state.month or state.limit_minor is None:
        return ""
    return _("Raised for this month; from %(day)s on it is %(limit)s again.") % {
        "day": formats.day(limits_rules.ends_on(state.month)),
        "limit": formats.money(state.terms.amount_minor or 0),
    }


def _last_day(state: Limit) -> date:
    return limits_rules.ends_on(state.month) - timedelta(days=1)
