"""Routers, boxes and cards: whose they are, what is paid for them and until when. Pure.

Days are local. A month begins on the same day of each month as the first one, or on the last day of a shorter month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Literal, Self

from abonent.foundation.values.terms import InvalidTerms, check_names

Held = Literal["own", "rented", "instalments"]
SUM_MAX = 1_000_000_00
PARTS_MAX = 60
SERIAL_SHOWN = 4
CARD_DIGITS = 12
MODEL_LENGTH_MAX = 60
WARRANTY_MONTHS_MAX = 120


class Kind(StrEnum):
    """What it is."""

    ROUTER = "router"
    BOX = "box"
    MODULE = "module"
    CARD = "card"


class Way(StrEnum):
    """How a thing is handed out."""

    RENT = "rent"
    INSTALMENTS = "instalments"
    # A price paid at once.
    SALE = "sale"
    # Nothing is paid, as for a card.
    FREE = "free"


HELD: Mapping[Way, Held] = {
    Way.RENT: "rented", Way.INSTALMENTS: "instalments", Way.SALE: "instalments", Way.FREE: "own",
}  # fmt: skip


# What is asked for of each.
ASKED: Mapping[Way, tuple[str, ...]] = {
    Way.RENT: ("month_minor",), Way.INSTALMENTS: ("price_minor", "parts"), Way.SALE: ("price_minor",), Way.FREE: (),
}  # fmt: skip


class No(StrEnum):
    """Why a thing is not taken back or exchanged."""

    BACK_ALREADY = "back already"
    # It is paid for, or being paid off: nothing is due but its price.
    SOLD = "sold"
    # It is the customer's, and its warranty is over.
    NO_WARRANTY = "no warranty"


class InvalidSerial(ValueError):
    """A serial number that cannot be one, or the number of a card with a mistake in it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose a thing is. Rented: `month_minor` for each month begun. By instalments: `price_minor` in `parts` months."""

    held: Held = "own"
    month_minor: int = 0
    price_minor: int = 0
    parts: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)


@dataclass(frozen=True)
class Offer:
    """What is handed out, and on what terms; no way: it is handed out no more."""

    kind: Kind
    model: str
    warranty_months: int
    ways: Mapping[Way, Terms]

    def to_json(self) -> dict[str, Any]:
        ways = {str(way): {name: getattr(terms, name) for name in ASKED[way]} for way, terms in self.ways.items()}
        return {"kind": str(self.kind), "model": self.model, "warranty_months": self.warranty_months, "ways": ways}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what was written down; raise `InvalidTerms`. Each way has the sums of `ASKED`."""
        check_names(document, {field.name for field in fields(cls)})
        kind, model, months, written = (document[field.name] for field in fields(cls))
        if kind not in set(Kind) or not isinstance(model, str) or type(months) is not int:
            raise InvalidTerms(f"kind is one of {', '.join(Kind)}, model a name, warranty_months a whole number")
        if not isinstance(written, dict) or not set(written) <= set(Way):
            raise InvalidTerms(f"ways are some of {', '.join(Way)}")
        return cls(Kind(kind), model, months, {Way(name): _terms(Way(name), sums) for name, sums in written.items()})


def _terms(way: Way, sums: object) -> Terms:
    if not isinstance(sums, dict) or any(type(one) is not int for one in sums.values()):
        raise InvalidTerms(f"{way}: sums in whole minor units are asked for")
    check_names(sums, ASKED[way], f"{way}: ")
    return Terms(HELD[way], **sums | ({"parts": 1} if way is Way.SALE else {}))


@dataclass(frozen=True, slots=True)
class Due:
    """What is charged for a thing: the `turn`-th time (from 0), on `day`."""

    turn: int
    day: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How the paying stands: what is left after today, how often, and the next charge; None: nothing comes."""

    left_minor: int
    left_parts: int
    following: Due | None
    ends: date | None


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` unless what is asked for each month is plain."""
    if terms.held == "own" and terms != Terms():
        raise InvalidTerms("nothing is paid for one's own")
    if terms.held == "rented" and terms != Terms("rented", max(0, min(terms.month_minor, SUM_MAX))):
        raise InvalidTerms("what is rented has a sum for a month, and no price")
    if terms.held == "instalments" and not (
        1 <= terms.parts <= PARTS_MAX and terms.parts <= terms.price_minor <= SUM_MAX and terms.month_minor == 0
    ):
        raise InvalidTerms(f"a price is paid in 1 to {PARTS_MAX} parts of a kopeck at least")


def check_offer(offer: Offer) -> None:
    """Raise `InvalidTerms` unless somebody could have the thing on each of its ways."""
    if not 0 < len(offer.model) <= MODEL_LENGTH_MAX or not 0 <= offer.warranty_months <= WARRANTY_MONTHS_MAX:
        raise InvalidTerms(
            f"model is a name of {MODEL_LENGTH_MAX} letters at most, warranty_months 0 to {WARRANTY_MONTHS_MAX}"
        )
    for way, terms in offer.ways.items():
        check(terms)
        if terms.held != HELD[way] or (way is Way.SALE and terms.parts != 1):
            raise InvalidTerms(f"{way} asks for other terms")


def warranty_until(since: date, months: int) -> date | None:
    """Return the last day of the warranty of what is handed out on a day; None: there is none."""
    return _month(since, months) - timedelta(days=1) if months else None


def no_return(kind: Kind, terms: Terms, until: date | None) -> No | None:
    """Return why a thing is not taken back, None: it is. What is rented comes back, and a card is always ours."""
    if until is not None:
        return No.BACK_ALREADY
    return None if terms.held == "rented" or kind is Kind.CARD else No.SOLD


def no_exchange(kind: Kind, terms: Terms, until: date | None, warranty: date | None, today: date) -> No | None:
    """Return why a broken thing is not exchanged free of charge, None: it is."""
    if until is not None:
        return No.BACK_ALREADY
    ours = terms.held == "rented" or kind is Kind.CARD
    return None if ours or (warranty is not None and today <= warranty) else No.NO_WARRANTY


def due(terms: Terms, since: date, turn: int) -> Due | None:
    """Return the charge of a turn, None: there is none. Parts differ by a kopeck at most, the first are the larger."""
    if turn < 0 or terms.held == "own":
        return None
    if terms.held == "rented":
        return Due(turn, _month(since, turn), terms.month_minor) if terms.month_minor else None
    if turn >= terms.parts:
        return None
    part, more = divmod(terms.price_minor, terms.parts)
    return Due(turn, _month(since, turn), part + (turn < more))


def dues(terms: Terms, since: date, until: date | None, today: date) -> list[Due]:
    """Return what is charged up to today, the first day included.

    What came back is not paid for from its last day on, if it was rented; a price is paid to the end.
    """
    found: list[Due] = []
    ended = until if terms.held == "rented" else None
    while (one := due(terms, since, len(found))) is not None and one.day <= today:
        if ended is not None and one.day >= ended and one.turn:
            break
        found.append(one)
    return found


def plan(terms: Terms, since: date, until: date | None, today: date) -> Plan:
    """Return how the paying stands at the end of the local day."""
    turn = len(dues(terms, since, until, today))
    following = due(terms, since, turn) if until is None or terms.held == "instalments" else None
    if terms.held != "instalments":
        return Plan(0, 0, following, None)
    left = [one for of in range(turn, terms.parts) if (one := due(terms, since, of)) is not None]
    last = due(terms, since, terms.parts - 1)
    return Plan(sum(one.amount_minor for one in left), len(left), following, last.day if last else None)


def masked(kind: Kind, serial: str) -> str:
    """Return a serial number as it is shown: of a card all digits in fours, else the last ones."""
    if kind is Kind.CARD:
        return " ".join(serial[at : at + 4] for at in range(0, len(serial), 4))
    return f"••••{serial[-SERIAL_SHOWN:]}" if len(serial) > SERIAL_SHOWN else serial


def serial_of(kind: Kind, typed: str) -> str:
    """Return a serial number as it is kept: capitals, no blanks; raise `InvalidSerial`, also for a card's mistake."""
    if kind is Kind.CARD:
        found = card_of(typed)
        if not found:
            raise InvalidSerial(typed)
        return found
    kept = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
    if not 4 <= len(kept) <= 40:
        raise InvalidSerial(typed)
    return kept


def card_of(typed: str) -> str:
    """Return the twelve digits of a smart card, typed with blanks or hyphens or not; empty: there is a mistake in it.

    The last digit checks the others after Luhn: it notices any one wrong digit and nearly every swap of neighbours.
    """
    digits = "".join(sign for sign in typed if not sign.isspace() and sign not in "-–—")
    if len(digits) != CARD_DIGITS or not (digits.isascii() and digits.isdecimal()):
        return ""
    return digits if check_digit(digits[:-1]) == digits[-1] else ""


def check_digit(digits: str) -> str:
    """Return the digit that goes after these."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def _month(since: date, turn: int) -> date:
    """Return the day on which the month begins that comes `turn` months after the first."""
    month = since.year * 12 + since.month - 1 + turn
    year, of_year = divmod(month, 12)
    return date(year, of_year + 1, min(since.day, monthrange(year, of_year + 1)[1]))
