"""The pages of a top-up as text: the choice, and the question before it is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from abonent.domains.billing.queries import Standing
from abonent.domains.billing.topups.queries import Begun
from abonent.domains.billing.topups.rules import CARD, CASH, LIMITS, SAVED_CARD, SBP, can_be_paid
from abonent.domains.lines.queries import Line
from abonent.domains.payments.queries import Card
from abonent.entrypoints.portal.billing.topup_form import OTHER, SAVED, Wish
from abonent.entrypoints.portal.billing.words import paid_for
from abonent.web import format as formats

TOPUP = "/topup/"
CONFIRM = "/topup/confirm/"
QUICK_SUMS = (100_00, 300_00, 500_00, 1000_00)
# With more lines than that the page offers a list that folds.
LINES_SHOWN_MAX = 4


@dataclass(frozen=True, slots=True)
class Quick:
    """A sum offered by a tap: `value` as it stands in the field, `address` without scripts."""

    words: str
    value: str
    address: str


@dataclass(frozen=True, slots=True)
class Way:
    """A means of payment to choose; one that is `off` is shown with the reason and cannot be chosen."""

    value: str
    icon: str
    name: str
    about: str
    checked: bool
    off: bool = False


@dataclass(frozen=True, slots=True)
class Choose:
    """The form as it was typed; `problems` are words by the field's id, `lines` have value, line and whether chosen."""

    amount: str
    quick: list[Quick]
    lines: list[tuple[str, Line, bool]]
    folded: bool
    to_other: bool
    number: str
    ways: list[Way]
    save: bool
    balance: str
    limits: str
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Confirm:
    """The question before paying: facts, what the button does, the fields that are sent; `same` began just before."""

    topup_id: str
    title: str
    facts: list[tuple[str, str]]
    total: str
    notes: list[str]
    act: str
    fields: list[tuple[str, str]]
    change: str
    same: str
    same_words: str


def choose(
    given: Mapping[str, str],
    *,
    lines: Sequence[Line],
    line: Line,
    standing: Standing,
    cards: Sequence[Card],
    usual: int | None,
    methods: Sequence[str],
    problems: Mapping[str, str],
) -> Choose:
    """Return the form with what was typed into it; nothing typed means the line shown now and the usual card."""
    to = given["to"] or str(line.id)
    ways = _ways(given["way"], cards, usual, methods)
    return Choose(
        amount=given["amount"].strip(),
        quick=_quick(standing, line, to),
        lines=[(str(one.id), one, str(one.id) == to) for one in lines],
        folded=len(lines) > LINES_SHOWN_MAX,
        to_other=to == OTHER,
        number=given["number"].strip(),
        ways=ways,
        save=bool(given["save"]),
        balance=formats.money(standing.balance_minor),
        limits=_("From %(least)s to %(most)s")
        % {"least": formats.money(LIMITS.least_minor), "most": formats.money(LIMITS.most_minor)},
        problems={f"id_{name}": words for name, words in problems.items()},
    )


def confirm(wish: Wish, *, topup_id: str, standing: Standing | None, same: Begun | None, now: datetime) -> Confirm:
    """Return the question; `standing` is of the visitor's line that is paid for, None for somebody else's number."""
    money = formats.money(wish.amount_minor)
    facts = [(paid_for(wish.number), formats.phone(wish.number)), (_("How"), way_name(wish.method, wish.card))]
    notes = []
    if standing:
        facts.append((_("Balance now"), formats.money(standing.balance_minor)))
        facts.append((_("Balance after"), formats.money(standing.balance_minor + wish.amount_minor)))
        notes += _fee_note(standing, wish)
    else:
        notes.append(_("The owner is told who paid: the last four digits of your number."))
        notes.append(_("Check the digits. If we serve nobody by them, the money comes to your own balance."))
    if wish.save_card:
        notes.append(_("The bank keeps the card for you; we see its last digits only. Remove it at any time."))
    fields = wish.fields()
    query = urlencode(fields)
    return Confirm(
        topup_id=topup_id,
        title=_("Pay %(sum)s?") % {"sum": money},
        facts=facts,
        total=money,
        notes=notes,
        act=_act(wish, money, again=same is not None),
        fields=[*fields.items(), *([("repeats", str(same.id))] if same else [])],
        change=f"{TOPUP}?{query}",
        same=f"{TOPUP}{same.id}/" if same else "",
        same_words=_same(same, now) if same else "",
    )


def way_name(method: str, card: Card | None = None) -> str:
    """Return what the person pays with."""
    if card:
        return f"{card.brand} •• {card.last_four}"
    return {
        CARD: _("New card"),
        SAVED_CARD: _("Saved card"),
        SBP: _("Faster payments (QR code)"),
        CASH: _("Cash at a terminal"),
    }[method]


def card_until(card: Card) -> str:
    """Return until when a card is good."""
    until = f"{card.expires_on:%m/%y}"
    if card.is_valid:
        return _("until %(month)s") % {"month": until}
    return _("expired %(month)s: save it anew when you pay next") % {"month": until}


def _same(same: Begun, now: datetime) -> str:
    minutes = max(1, round((now - same.created_at).total_seconds() / 60))
    return _("You began the same payment %(minutes)s min ago.") % {"minutes": formats.number(minutes)}


def _act(wish: Wish, money: str, *, again: bool) -> str:
    if wish.method == CASH:
        return _("Get a code for %(sum)s") % {"sum": money}
    if again:
        return _("Pay %(sum)s once more") % {"sum": money}
    return _("Pay %(sum)s") % {"sum": money}


def _fee_note(standing: Standing, wish: Wish) -> list[str]:
    fee = standing.next_fee
    left = fee.shortfall_minor - wish.amount_minor
    if fee.shortfall_minor and left > 0:
        words = _("On %(day)s %(fee)s will be charged: after this payment %(sum)s will still be missing.")
        return [
            words % {"day": formats.day(fee.at), "fee": formats.money(fee.amount_minor), "sum": formats.money(left)}
        ]
    return []


def _ways(given: str, cards: Sequence[Card], usual: int | None, methods: Sequence[str]) -> list[Way]:
    valid = [card.id for card in cards if card.is_valid] if SAVED_CARD in methods else []
    first = usual if usual in valid else next(iter(valid), None)
    chosen = given or (f"{SAVED}{first}" if first else next(iter(methods), ""))
    saved = [
        Way(value, "card", way_name(SAVED_CARD, card), card_until(card), value == chosen and card.is_valid,
            off=not card.is_valid)
        for card in sorted(cards, key=lambda card: (not card.is_valid, card.id != first))
        for value in [f"{SAVED}{card.id}"]
        if SAVED_CARD in methods
    ]  # fmt: skip
    about = {
        CARD: ("card", _("Visa, Mastercard, Mir; confirmed at the bank's page")),
        SBP: ("qr", _("From the app of your bank, without typing a card")),
        CASH: ("cash", _("A code for the terminal; no fee of ours")),
    }
    fresh = [Way(m, about[m][0], way_name(m), about[m][1], m == chosen) for m in methods if m in about]
    return saved + fresh


def _quick(standing: Standing, line: Line, to: str) -> list[Quick]:
    sums = [(formats.roubles(minor), minor) for minor in QUICK_SUMS]
    missing = standing.next_fee.shortfall_minor
    if can_be_paid(missing) and to == str(line.id):
        sums.insert(0, (_("Exactly %(sum)s: the next fee") % {"sum": formats.money(missing)}, missing))
    return [
        Quick(words, value, f"{TOPUP}?{urlencode({'amount': value, 'to': to})}")
        for words, minor in sums
        for value in [formats.plain(minor)]
    ]
