"""What a top-up's form means: for which number, how much, by which means; or what is wrong with each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from abonent.domains.billing.topups import rules as rules_topups
from abonent.domains.billing.topups.rules import CARD, SAVED_CARD, Refused
from abonent.domains.lines.queries import Line
from abonent.domains.lines.rules import Holder, holder_of
from abonent.domains.payments.queries import Card
from abonent.entrypoints.portal.visitor import Visitor
from abonent.foundation.values import InvalidNumber, Msisdn
from abonent.foundation.values.amount import TYPED_LENGTH_MAX, InvalidAmount, parse_amount
from abonent.web import format as formats

FIELDS = ("amount", "to", "number", "way", "save")
OTHER = "other"
# `way` of a saved card is this with the card's id.
SAVED = "card-"


@dataclass(frozen=True, slots=True)
class Wish:
    """A top-up as it is understood; `own` is the visitor's line it is for, None: `number` is somebody else's."""

    own: Line | None
    number: str
    amount_minor: int
    method: str
    card: Card | None
    save_card: bool

    def fields(self) -> dict[str, str]:
        """Return the fields of a form that means this."""
        fields = {
            "amount": formats.plain(self.amount_minor),
            "to": str(self.own.id) if self.own else OTHER,
            "number": "" if self.own else self.number,
            "way": f"{SAVED}{self.card.id}" if self.card else self.method,
            "save": "1" if self.save_card else "",
        }
        return {name: value for name, value in fields.items() if value}


class Unclear(ValueError):
    """The form cannot be followed: `problems` are words by the field's name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def typed(data: QueryDict) -> dict[str, str]:
    """Return what was typed into each field, the last of several, without what nobody types or can be looked at."""
    return {
        name: "".join(c for c in (data.get(name) or "")[: TYPED_LENGTH_MAX + 1] if c.isprintable() or c.isspace())
        for name in FIELDS
    }


def understand(given: Mapping[str, str], visitor: Visitor, cards: Sequence[Card], methods: Sequence[str]) -> Wish:
    """Return what is wished, or raise `Unclear`; `methods` are the ways of paying that are offered."""
    problems: dict[str, str] = {}
    amount_minor, own, number, method, card = 0, None, "", "", None
    try:
        amount_minor = parse_amount(given["amount"])
        rules_topups.check_amount(amount_minor)
    except InvalidAmount as invalid:
        problems["amount"] = amount_problem(invalid.reason)
    except Refused as refused:
        problems["amount"] = refusal(refused)
    try:
        own, number = _target(given, visitor)
    except _Wrong as wrong:
        problems[wrong.field] = wrong.words
    try:
        method, card = _means(given["way"], cards, methods)
    except _Wrong as wrong:
        problems[wrong.field] = wrong.words
    if problems:
        raise Unclear(problems)
    return Wish(own, number, amount_minor, method, card, bool(given["save"]) and method == CARD)


def amount_problem(reason: str) -> str:
    """Return what to do about a sum that is none."""
    return {
        "empty": _("Enter a sum, for example 500"),
        "unreadable": _("Enter the sum in digits, for example 500 or 167.44"),
        "negative": _("Enter a sum above zero, without a minus"),
        "zero": _("Enter a sum above zero"),
        "too_exact": _("Kopecks have two digits: enter 167.44, and a thousand as 1000"),
        "too_large": refusal(Refused("too_much", rules_topups.LIMITS.most_minor)),
    }[reason]


def refusal(refused: Refused) -> str:
    """Return why a top-up may not be, and what may."""
    sum_, count = {"sum": formats.money(refused.limit)}, {"count": formats.number(refused.limit)}
    return {
        "too_little": lambda: _("Enter a sum of %(sum)s or more") % sum_,
        "too_much": lambda: _("Up to %(sum)s can be paid at a time: enter less") % sum_,
        "day_sum": lambda: (
            _("Today %(sum)s can still be paid: enter that or less, or pay the rest tomorrow") % sum_
            if refused.limit >= rules_topups.LIMITS.least_minor
            else _("As much as can be paid in a day was paid today. Come back tomorrow")
        ),
        "day_count": lambda: _("Payments were begun %(count)s times today. Come back tomorrow") % count,
        "day_numbers": lambda: _("In a day %(count)s numbers of others can be paid for. Come back tomorrow") % count,
    }[refused.reason]()


class _Wrong(ValueError):
    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field, self.words = field, words


def _target(given: Mapping[str, str], visitor: Visitor) -> tuple[Line | None, str]:
    chosen = given["to"] or str(visitor.line.id)
    if chosen != OTHER:
        own = next((line for line in visitor.lines if str(line.id) == chosen), None)
        if own is None:
            raise _Wrong("to", _("Choose a number from the list"))
        # A line that its owner shared stays somebody else's: their limits count, and a saved card asks for a proof.
        return None if own.role else own, own.number
    try:
        number = Msisdn.parse(given["number"], settings.NUMBER_REGION)
    except InvalidNumber as error:
        raise _Wrong("number", _malformed(error.reason)) from None
    # Whose range a number lies in everybody knows; whether somebody has it, nobody is told.
    if holder_of(number, ranges=settings.NUMBER_RANGES, region=settings.NUMBER_REGION) is not Holder.OURS:
        prefixes = ", ".join(formats.phone(prefix) for prefix in settings.NUMBER_RANGES[:5])
        words = _("This is a number of another operator. Ours start with %(prefixes)s") % {"prefixes": prefixes}
        raise _Wrong("number", words)
    return next((line for line in visitor.lines if line.number == number.e164 and not line.role), None), number.e164


def _means(way: str, cards: Sequence[Card], methods: Sequence[str]) -> tuple[str, Card | None]:
    if way.startswith(SAVED) and SAVED_CARD in methods:
        card = next((card for card in cards if str(card.id) == way.removeprefix(SAVED)), None)
        if card is None:
            raise _Wrong("way", _("This card is not saved any more: choose another way to pay"))
        if not card.is_valid:
            raise _Wrong("way", _("The card has expired: choose another way to pay"))
        return SAVED_CARD, card
    if way == SAVED_CARD or way not in methods:
        raise _Wrong("way", _("Choose how to pay"))
    return way, None


def _malformed(reason: str) -> str:
    return {
        "empty": _("Enter the number that you pay for"),
        "letters": _("Enter the number in digits, without letters"),
        "too_short": _("Enter the whole number: 10 digits after +7"),
        "too_long": _("There are too many digits: 10 are needed after +7"),
        "impossible": _("There is no such number. Check the digits"),
    }[reason]
