"""What the form of autopay means: when, how much, at most, from which card; or what is wrong with each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from abonent.domains.billing.autopay import rules as autopay_rules
from abonent.domains.billing.autopay.rules import Kind, Refused, Terms
from abonent.domains.payments.queries import Card
from abonent.entrypoints.portal.billing.topup_form import Unclear, amount_problem
from abonent.foundation.values.amount import TYPED_LENGTH_MAX, InvalidAmount, parse_amount
from abonent.web import format as formats

FIELDS = ("kind", "threshold", "day", "amount", "cap", "card")
# What stands in an empty form.
USUAL = {"kind": Kind.THRESHOLD, "threshold": "100", "day": "1", "amount": "500", "cap": "3000"}
ASKED = {
    Kind.THRESHOLD: ("threshold", "amount"),
    Kind.CALENDAR: ("amount",),
    Kind.FEE: (),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Terms and card as they are understood."""

    terms: Terms
    card: Card

    def fields(self) -> dict[str, str]:
        """Return the fields of a form that means this."""
        return fields_of(self.terms, self.card.id)


def fields_of(terms: Terms, card_id: int) -> dict[str, str]:
    """Return the fields of a form that means these terms."""
    sums = {"threshold": terms.threshold_minor, "amount": terms.amount_minor, "cap": terms.cap_minor}
    fields = {name: formats.plain(minor) for name, minor in sums.items() if minor is not None}
    fields |= {"kind": str(terms.kind), "card": str(card_id)}
    return fields | ({"day": str(terms.day)} if terms.day is not None else {})


def typed(data: QueryDict) -> dict[str, str]:
    """Return what was typed into each field, without what nobody types or can be looked at."""
    return {
        name: "".join(c for c in (data.get(name) or "")[: TYPED_LENGTH_MAX + 1] if c.isprintable() or c.isspace())
        for name in FIELDS
    }


def understand(given: Mapping[str, str], cards: Sequence[Card]) -> Wish:
    """Return what is wished, or raise `Unclear`; `cards` are the person's."""
    problems: dict[str, str] = {}
    kind = Kind(given["kind"]) if given["kind"] in list(Kind) else None
    if kind is None:
        problems["kind"] = _("Choose when autopay pays")
    sums: dict[str, int | None] = dict.fromkeys(("threshold", "amount", "cap"))
    for name in (*ASKED.get(kind or Kind.FEE, ()), "cap"):
        try:
            sums[name] = parse_amount(given[name])
        except InvalidAmount as invalid:
            problems[name] = amount_problem(invalid.reason)
    day = None if kind in (Kind.THRESHOLD, None) else _day(given["day"], problems)
    card = next((card for card in cards if str(card.id) == given["card"]), None)
    if card is None:
        problems["card"] = _("Choose the card that pays")
    elif not card.is_valid:
        problems["card"] = _("The card has expired: choose another one")
    if kind is None or card is None or problems:
        raise Unclear(problems)
    terms = Terms(kind, sums["threshold"], day, sums["amount"], sums["cap"] or 0)
    try:
        autopay_rules.check(terms)
    except Refused as refused:
        raise Unclear({refused.field: refusal(refused)}) from None
    return Wish(terms, card)


def refusal(refused: Refused) -> str:
    """Return what may be agreed to instead."""
    if refused.reason == "not_a_day":
        return _not_a_day()
    limit = {"sum": formats.money(refused.limit)}
    if refused.field == "cap" and refused.reason == "too_little":
        return _("The cap of a month is below one payment: enter %(sum)s or more") % limit
    if refused.reason == "too_little":
        return _("Enter a sum of %(sum)s or more") % limit
    return _("Enter a sum of %(sum)s or less") % limit


def _day(text: str, problems: dict[str, str]) -> int | None:
    stripped = text.strip()
    if stripped.isdecimal() and len(stripped) <= 2 and 1 <= int(stripped) <= 31:
        return int(stripped)
    problems["day"] = _not_a_day()
    return None


def _not_a_day() -> str:
    return _("Enter a day of the month, from 1 to 31")
