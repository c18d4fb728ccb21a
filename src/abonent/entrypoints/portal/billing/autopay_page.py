"""Autopay in words and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from abonent.domains.billing.autopay import rules as autopay_rules
from abonent.domains.billing.autopay.need import Need
from abonent.domains.billing.autopay.queries import Attempt, Autopay, Standing
from abonent.domains.billing.autopay.rules import AttemptState, Kind, State, Terms, Why
from abonent.domains.billing.topups.rules import LIMITS
from abonent.domains.payments.queries import Card
from abonent.entrypoints.portal.billing.autopay_form import USUAL, Wish, fields_of
from abonent.entrypoints.portal.billing.topup_page import card_until, way_name
from abonent.entrypoints.portal.billing.words import paid_for
from abonent.web import format as formats

ADDRESS = "/autopay/"
SET = "/autopay/set/"
CONFIRM = "/autopay/confirm/"


@dataclass(frozen=True, slots=True)
class Row:
    """A payment of autopay: `address` is its receipt, empty while there is none."""

    title: str
    about: str
    sum: str
    address: str
    good: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """How it stands: `state` is "on", "paused", "stopped", "another" or "" (never was); `said`: what was just done.

    `counted`: what it counts on now.
    """

    state: str
    title: str
    words: str
    why: str
    facts: list[tuple[str, str]]
    id: UUID | None
    spent_minor: int
    cap_minor: int
    used: str
    rows: list[Row]
    said: str
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The form with what was typed; `cards` have value, name, until when, whether chosen and whether it can be."""

    given: Mapping[str, str]
    kinds: list[tuple[str, str, str, bool]]
    cards: list[tuple[str, str, str, bool, bool]]
    problems: Mapping[str, str]
    is_change: bool
    threshold_hint: str
    amount_hint: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before it is switched on."""

    autopay_id: UUID
    title: str
    facts: list[tuple[str, str]]
    notes: list[str]
    act: str
    fields: list[tuple[str, str]]
    change: str


def overview(
    standing: Standing, account_id: int, balance_minor: int | None, said: str, need: Need | None = None
) -> Overview:
    """Return the page of how a contract stands to autopay; somebody else's agreement shows nothing of its card.

    `need` is what is charged until the next fee.
    """
    one = standing.autopay
    if one is None or (one.account_id != account_id and one.state is State.STOPPED):
        return _bare("", _("Autopay is off"), "", said)
    if one.account_id != account_id:
        words = _("Somebody else who sees this account pays for it by autopay, and alone may change that.")
        return _bare("another", _("Autopay is on"), words, said)
    facts = [
        (_("When"), when(one.terms)),
        (_("How much"), how_much(one.terms)),
        (_("From the card"), one.card_name),
        (_("Next payment"), _next(one, balance_minor, standing.spent_minor)),
        (_("Balance now"), formats.money(balance_minor) if balance_minor is not None else ""),
    ]
    used = _("%(spent)s of %(cap)s") % {
        "spent": formats.money(standing.spent_minor), "cap": formats.money(one.terms.cap_minor)
    }  # fmt: skip
    return Overview(
        state=str(one.state),
        title=_title(one.state),
        words="",
        why=_why(one),
        facts=[fact for fact in facts if fact[1]] if one.state is not State.STOPPED else [],
        id=one.id,
        spent_minor=standing.spent_minor,
        cap_minor=one.terms.cap_minor,
        used=used,
        rows=[_row(attempt) for attempt in standing.attempts],
        said=said,
        counted=_counted(one.terms, need) if need is not None else "",
    )


def form(
    given: Mapping[str, str], *, cards: Sequence[Card], autopay: Autopay | None, problems: Mapping[str, str]
) -> Form:
    """Return the form; what was not given is as agreed, or else as usual."""
    agreed = fields_of(autopay.terms, autopay.card_id) if autopay else {}
    valid = next((str(card.id) for card in cards if card.is_valid), "")
    # A form that was sent says what it says: nothing is put in the place of what was left empty.
    shown = dict(given) if problems else USUAL | {"card": valid} | agreed | {n: t for n, t in given.items() if t}
    kinds = [
        (Kind.THRESHOLD, _("When the balance falls below a sum"), _("At any time, three times a day at most")),
        (Kind.CALENDAR, _("On a day of each month"), _("A fixed sum; we tell you the day before")),
        (Kind.FEE, _("What the next fee lacks"), _("On a day of each month; nothing when the balance suffices")),
    ]
    return Form(
        given=shown,
        kinds=[(str(kind), name, about, shown["kind"] == kind) for kind, name, about in kinds],
        cards=[
            (str(card.id), way_name("saved card", card), card_until(card), shown["card"] == str(card.id), card.is_valid)
            for card in cards
        ],
        problems={f"id_{name}": words for name, words in problems.items()},
        is_change=autopay is not None,
        threshold_hint=_("Only when it pays by balance: from %(least)s to %(most)s")
        % _limits(autopay_rules.THRESHOLD_LEAST_MINOR, autopay_rules.THRESHOLD_MOST_MINOR),
        amount_hint=_("From %(least)s to %(most)s") % _limits(LIMITS.least_minor, LIMITS.most_minor),
    )


def question(wish: Wish, autopay_id: UUID, number: str, balance_minor: int, now: datetime) -> Question:
    """Return the question whether it is to be switched on."""
    terms, fields = wish.terms, wish.fields()
    notes = [
        _("It is free. We tell you of every payment by SMS."),
        _("Pause it, change it or switch it off at any time on this page: it takes effect at once."),
    ]
    first = _("When the balance falls below the sum")
    if terms.kind is Kind.THRESHOLD and balance_minor < (terms.threshold_minor or 0):
        first = _("Within minutes: the balance is below the sum already")
    elif terms.day is not None:
        today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        first = formats.day(autopay_rules.next_day(terms.day, today))
        if terms.day > 28:
            notes.append(_("In a shorter month that is its last day."))
    return Question(
        autopay_id=autopay_id,
        title=_("Switch autopay on?"),
        facts=[
            (paid_for(number), formats.phone(number)),
            (_("When"), when(terms)),
            (_("How much"), how_much(terms)),
            (_("At most a month"), formats.money(terms.cap_minor)),
            (_("From the card"), way_name("saved card", wish.card)),
            (_("First payment"), first),
            (_("Balance now"), formats.money(balance_minor)),
        ],
        notes=notes,
        act=_act(terms),
        fields=list(fields.items()),
        change=f"{SET}?{urlencode(fields)}",
    )


def when(terms: Terms) -> str:
    """Return when it pays."""
    if terms.kind is Kind.THRESHOLD:
        return _("When the balance falls below %(sum)s") % {"sum": formats.money(terms.threshold_minor or 0)}
    return _("On day %(day)s of each month") % {"day": terms.day}


def how_much(terms: Terms) -> str:
    """Return what it pays at a time."""
    return _("What the next fee lacks") if terms.amount_minor is None else formats.money(terms.amount_minor)


def _counted(terms: Terms, need: Need) -> str:
    """Return what comes until the next fee, orders and services as well, and what of it autopay would pay."""
    said = {
        "day": formats.day(need.day), "total": formats.money(need.total_minor),
        "balance": formats.money(need.balance_minor), "sum": formats.money(need.lacks_minor),
    }  # fmt: skip
    if terms.kind is Kind.FEE and need.lacks_minor:
        return _("By %(day)s %(total)s are charged. The balance is %(balance)s, so %(sum)s would come now.") % said
    if terms.kind is Kind.FEE:
        return _("By %(day)s %(total)s are charged. The balance of %(balance)s suffices: nothing comes now.") % said
    if need.lacks_minor > (terms.amount_minor or 0):
        return _("By %(day)s %(total)s are charged: %(sum)s are missing, more than comes at a time.") % said
    return _("By %(day)s %(total)s are charged.") % said


def _limits(least_minor: int, most_minor: int) -> dict[str, str]:
    return {"least": formats.roubles(least_minor), "most": formats.roubles(most_minor)}


def _act(terms: Terms) -> str:
    if terms.amount_minor is None:
        return _("Switch on: up to %(cap)s a month") % {"cap": formats.money(terms.cap_minor)}
    return _("Switch on: %(sum)s at a time") % {"sum": formats.money(terms.amount_minor)}


def _bare(state: str, title: str, words: str, said: str) -> Overview:
    return Overview(state, title, words, "", [], None, 0, 0, "", [], said)


def _title(state: State) -> str:
    return {
        State.ON: _("Autopay is on"),
        State.PAUSED: _("Autopay is paused"),
        State.STOPPED: _("Autopay is off"),
    }[state]


def _next(one: Autopay, balance_minor: int | None, spent_minor: int) -> str:
    if one.state is not State.ON:
        return ""
    if one.terms.kind is Kind.THRESHOLD and spent_minor + (one.terms.amount_minor or 0) > one.terms.cap_minor:
        return _("Next month: one more would be above this month's cap")
    if one.retry_at is not None:
        return formats.moment(one.retry_at)
    if one.next_day is not None:
        return formats.day(one.next_day)
    if balance_minor is not None and balance_minor < (one.terms.threshold_minor or 0):
        return _("Within minutes: the balance is below the sum already")
    return _("When the balance falls below the sum")


def _why(one: Autopay) -> str:
    """Return why it is not on, and what to do; empty when its owner wanted it so."""
    said = {
        Why.DECLINED: _("The bank declined several times. Check the card, then resume it or choose another card."),
        Why.CARD_GONE: _("The card is not saved any more. Switch it on with another one."),
        Why.CARD_EXPIRED: _("The card has expired. Switch it on with another one."),
        Why.CARD_REFUSED: _("The bank does not let this card pay by itself. Switch it on with another one."),
        Why.LINE_GONE: _("The account it paid for is not yours any more."),
    }
    return said.get(one.why, "") if one.why is not None else ""


def _row(attempt: Attempt) -> Row:
    settled = attempt.state is AttemptState.SETTLED
    titles = {
        AttemptState.ASKED: _("The bank is being asked"),
        AttemptState.SETTLED: _("Paid"),
        AttemptState.DECLINED: _("Declined, nothing was charged"),
        AttemptState.WITHDRAWN: _("Withdrawn, nothing was charged"),
    }
    return Row(
        title=titles[attempt.state],
        about=formats.moment(attempt.at),
        sum=formats.money(attempt.amount_minor),
        address=f"/payments/{attempt.id}/" if settled else "",
        good=settled,
    )
